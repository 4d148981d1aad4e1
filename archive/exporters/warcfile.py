"""WARC: the captures of the articles chosen in one file, each with its payload.

The records are those of the archive, byte for byte, but for revisits of what is not in the file.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import BinaryIO

from archive.catalog.selection import Selection, Word
from archive.errors import UsageError
from archive.exporters.format import Format, Progress, unwatched
from archive.exporters.taken import Taken, places_of, read_taken
from archive.exporters.targets import write_to
from archive.facts.names import instant
from archive.opened import Archive
from archive.warc import warc

VIEWS = ("captures", "versions", "latest")
"""What both WARC and WACZ may hold."""
_OF_ARTICLES: frozenset[Word] = frozenset({"section", "since", "until", "state", "silent", "source", "ids", "query"})
WORDS = {"captures": _OF_ARTICLES}
"""Words of the selection that mean something for them, where they are not those of the view."""
_NOBODY = "unknown"
_BEFORE_ANY = "1970-01-01T00:00:00Z"


def write(archive: Archive, view: str, *, chosen: Selection, target: str | None, progress: Progress = unwatched) -> int:
    """Write the captures to a target, and count them. Raises as `write_to` and `read_taken`."""
    with places_of(archive, view, chosen) as places:
        return write_to(target, partial(write_taken, info_of(archive), progress(read_taken(archive, places))))


def write_taken(info: bytes, taken: Iterable[Taken], out: BinaryIO, name: str) -> int:
    """Write captures behind their warcinfo to a stream, packed unless its file's name ends in `.warc`; count them."""
    if name.endswith((".zst", ".zstd")):
        raise UsageError(
            f"{name}: the records of a WARC are packed by gzip, each by itself; end it with .warc.gz or .warc"
        )
    plain = name.endswith(".warc")
    out.write(_unpacked(info) if plain else info)
    count = 0
    for each in taken:
        out.write(_unpacked(each.data) if plain else each.data)
        count += 1
    return count


def _unpacked(data: bytes) -> bytes:
    return b"".join(content for _, _, content in warc.members(data))


def head_told(archive: Archive) -> tuple[str, datetime]:
    """Return the program that wrote the archive's last commit (`name/version`), and when: the same on any day."""
    row = archive.catalog.db.execute("SELECT committed_at FROM commits ORDER BY seq DESC LIMIT 1").fetchone()
    if row is None:
        return _NOBODY, instant(_BEFORE_ANY)
    writer = archive.last().writer
    return f"{writer.get('name', _NOBODY)}/{writer.get('version', '0')}", instant(row[0])


def info_of(archive: Archive) -> bytes:
    """Return the record with which a WARC begins: by whom, of which archive, as of which commit."""
    software, at = head_told(archive)
    head = archive.catalog.head()
    about = {
        "isPartOf": archive.catalog.vocabulary.edition,
        "description": f"as of commit {head.seq} {head.digest or ''}",
    }
    return warc.encode_info(software, at, **about)


FORMAT = Format(name="warc", views=VIEWS, words=WORDS, write=write, text=False)
