"""An archive for programs: `archive.open(uri)` gives its rows as Python has them, and what they are cited by.

Only reads; the rows are those of `scrapy export`, chosen by the same words.
"""
