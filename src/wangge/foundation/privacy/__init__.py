"""Sealed fields, masks, and the log of who looked and why."""
