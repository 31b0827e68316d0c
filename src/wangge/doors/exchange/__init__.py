"""Records of other systems, by file: the 12345 hotline's work orders, and anybody else's with a mapping."""
