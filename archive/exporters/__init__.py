"""What leaves the archive: each format is one module and one row in FORMATS."""

from archive.exporters import jsonl

FORMATS = {"jsonl": jsonl.write}
