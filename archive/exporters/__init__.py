"""What leaves the archive: views of it, each format one module and one row in FORMATS, targets the same for all.

Reads an opened archive, and writes no fact; knows neither trust nor committing.
"""
