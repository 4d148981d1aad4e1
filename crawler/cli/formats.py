"""Every format of `scrapy export`: those of the archive, and the pages as files, which need the outlet's edition."""

from archive.exporters.formats import FORMATS as EXPORTED
from crawler.cli.pages import FORMAT

FORMATS = {**EXPORTED, FORMAT.name: FORMAT}
"""By the word on the command line; help, errors and docs/commands.md of `scrapy export` follow it."""
