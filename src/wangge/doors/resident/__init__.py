"""居民端: the resident's phone."""
