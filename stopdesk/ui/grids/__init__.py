"""Results of grids: rows, map, curves, lines."""
