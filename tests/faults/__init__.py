"""Faults of the matrix: each test carries the id of the row that it holds."""
