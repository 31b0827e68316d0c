"""Pages for paper: what stands on them (`sheets of blocks`), and how they become PDF."""
