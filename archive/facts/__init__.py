"""What is stored: captures, checks and records, their names, and the forms that digests are taken of.

The lowest room: every other one may read it, and it knows only the errors. Nothing here reads or writes a store.
"""
