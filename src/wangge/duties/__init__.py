"""职责准入: matters and the dispatch catalogue: who owes what, where, in force when."""
