"""Exported lines read back: an archive again, made of their records and looks and folded like any other.

May know everything below it. What an export does not hold (captures, signatures) is not made up; whoever shows
such an archive is told that it is one.
"""
