"""The formats that an export may have: each one module and one row here."""

from archive.exporters import jsonl

FORMATS = {each.name: each for each in (jsonl.FORMAT,)}
"""By the word on the command line; help, errors and docs/commands.md of `scrapy export` follow it."""
