"""居民端: the resident's phone. Reporting, following, rating; the public board and the pages of grids."""
