"""What differs between two texts, and what of it is an edit, noise, or another reading of the same page.

Pure functions of records: no store, no log, no catalog, no clock.
"""
