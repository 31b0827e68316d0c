"""网格员端: the grid worker's phone. Report, check on site, read notices; nothing is counted or tracked."""
