"""辖区网格: areas, grids and codes; where a place stands. Knows nothing of who works there."""
