"""A message to somebody, quiet hours kept, and proof that it left."""
