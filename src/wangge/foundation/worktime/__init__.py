"""The working calendar, office hours, and "four working hours from here"."""
