"""What leaves the archive: views of it, each format one module and one row in FORMATS, targets the same for all.

Reads an opened archive, and writes no fact; knows neither trust nor committing.
"""

from archive.exporters import jsonl

FORMATS = {each.name: each for each in (jsonl.FORMAT,)}
"""By the word on the command line; help, errors and docs/commands.md of `scrapy export` follow it."""
