"""The core: facts written once, a log that chains them, and folds that read them.

Knows neither Scrapy nor the web, and nothing of crawler/, pipelines/, settings/ or browse/. Its top floor holds what
stands for an archive as a whole; an outlet's names and words stay out.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.reading.openarchive import OpenArchive


def open(uri: str | Path | None = None, *, catalog: str | Path | None = None) -> "OpenArchive":  # noqa: A001 - archive.open
    """Open an archive for reading from a program or notebook; nothing is written but its catalog.

    `uri` is a path, `file:PATH` or `s3://BUCKET/PREFIX`; without one it is the project's ARCHIVE_URI. `catalog` is the
    file into which the archive is folded: by default the project's for the project's archive, else one that is gone
    when the archive is closed. Raises NoArchive where there is none, and as every command does (`archive.errors`).
    """
    # Who imports a room of this house does not wait for what reads all of it; and what it is to be told of the outlet
    # the program above knows.
    import importlib  # noqa: PLC0415

    opened: OpenArchive = importlib.import_module("crawler.cli.notebook").opened(uri, catalog)
    return opened
