"""网格员端: the grid worker's phone."""
