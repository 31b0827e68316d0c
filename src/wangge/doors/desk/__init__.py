"""工作台: the desk of those who work on cases."""
