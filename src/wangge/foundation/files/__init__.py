"""Photos checked, cleaned and stored by content hash."""
