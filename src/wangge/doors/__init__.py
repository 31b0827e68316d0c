"""Everything that knocks; no room knows a door."""
