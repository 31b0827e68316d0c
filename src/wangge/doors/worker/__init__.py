"""What follows an act (reactions) and what the hour brings (timetable)."""
