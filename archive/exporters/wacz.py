"""WACZ 1.1.1 (https://specs.webrecorder.net/wacz/1.1.1/): captures with an index and a list of pages, in one file.

Its WARCs are stored, not deflated, since readers seek in them; ReplayWeb.page and pywb open it as it is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import Any, BinaryIO, cast

from isal import isal_zlib

from archive.catalog.articles import cited
from archive.catalog.selection import Selection
from archive.exporters.format import Format, Progress, unwatched
from archive.exporters.sorting import SortedLines, sorted_lines
from archive.exporters.taken import Places, Taken, place_of, places_of, read_taken
from archive.exporters.targets import write_to
from archive.exporters.views import VIEWS
from archive.exporters.warcfile import VIEWS as OF_CAPTURES
from archive.exporters.warcfile import WORDS, head_told, info_of
from archive.exporters.zipping import Zipped, zipped
from archive.facts.canonical import canonical, digest
from archive.facts.names import stamp
from archive.facts.record import Record
from archive.opened import Archive
from archive.warc.cdxj import plain_line
from archive.warc.warc import target_uri

_WARC_BYTES = 2**26
"""Of one WARC in it, about: one waits in a temporary file until it is whole."""
_BLOCK_LINES = 3_000
_GZIP_WBITS, _LEVEL = 31, 3


def write(archive: Archive, view: str, *, chosen: Selection, target: str | None, progress: Progress = unwatched) -> int:
    """Write the captures to a target, and count them. Raises as `write_to` and `read_taken`."""
    with places_of(archive, view, chosen) as places:
        taken = progress(read_taken(archive, places))
        pages = _pages(archive, "latest" if view == "latest" else "versions", chosen, places)
        return write_to(target, partial(_fill, archive, taken, pages))


def write_into(out: BinaryIO, archive: Archive, view: str, chosen: Selection) -> int:
    """Write the captures to a stream, as `write` does to a target."""
    with places_of(archive, view, chosen) as places:
        pages = _pages(archive, "latest" if view == "latest" else "versions", chosen, places)
        return _fill(archive, read_taken(archive, places), pages, out, "")


def _fill(
    archive: Archive, taken: Iterable[Taken], pages: Iterable[dict[str, Any]], out: BinaryIO, name: str
) -> int:  # fmt: skip
    del name
    with zipped(out) as file, sorted_lines() as index:
        count = _put_warcs(file, info_of(archive), iter(taken), index)
        _put_index(file, index)
        main = _put_pages(file, pages)
        _put_package(file, archive, main)
    return count


def _put_warcs(file: Zipped, info: bytes, taken: Iterator[Taken], index: SortedLines) -> int:
    count = 0
    for number in range(1, 10**6):
        first = next(taken, None)
        if first is None and number > 1:
            return count
        name = f"data-{number:05d}.warc.gz"
        with file.entry(f"archive/{name}", stored=True) as out:
            out.write(info)
            for each in chain([first] if first else [], taken):
                placed = replace(each.capture, segment=name, offset=out.size, length=len(each.data))
                index.add([plain_line(placed)])
                out.write(each.data)
                count += 1
                if out.size >= _WARC_BYTES:
                    break
    return count


def _put_index(file: Zipped, index: SortedLines) -> None:
    # ReplayWeb.page finds nothing in a packed index without the list of its blocks, and pywb takes no other index.
    heads = [b'!meta 0 {"filename":"index.cdx.gz","format":"cdxj-gzip-1.0"}\n']
    lines = iter(index)
    with file.entry("indexes/index.cdx.gz", stored=True) as out:
        while block := list(islice(lines, _BLOCK_LINES)):
            packed = isal_zlib.compress(b"".join(block), _LEVEL, _GZIP_WBITS)
            key, moment, _ = block[0].split(b" ", 2)
            place = {"offset": out.size, "length": len(packed), "digest": digest(packed), "filename": "index.cdx.gz"}
            heads.append(b"%s %s %s\n" % (key, moment, canonical(place)))
            out.write(packed)
    with file.entry("indexes/index.idx") as out:
        out.write(b"".join(heads))


def _pages(archive: Archive, view: str, chosen: Selection, places: Places) -> Iterator[dict[str, Any]]:
    """Yield a page for each version whose capture is among those written."""
    for row in VIEWS[view](archive, chosen):
        if place_of(row["capture"]).line() in places:
            yield {
                "url": target_uri(row["url"]), "ts": row["captured_at"], "title": row["headline"] or row["url"],
                "id": cited(archive.catalog.db, cast("Record", row)),
                "text": "\n".join(filter(None, (row["kicker"], row["lead"], *row["body"]))),
            }  # fmt: skip


def _put_pages(file: Zipped, pages: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    first = None
    with file.entry("pages/pages.jsonl") as out:
        out.write(canonical({"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": True}) + b"\n")
        for page in pages:
            first = first or page
            out.write(canonical(page) + b"\n")
    return first


def _put_package(file: Zipped, archive: Archive, main: dict[str, Any] | None) -> None:
    software, at = head_told(archive)
    head = archive.catalog.head()
    told: dict[str, Any] = {
        "profile": "data-package", "wacz_version": "1.1.1", "software": software, "created": stamp(at),
        "title": f"{archive.catalog.vocabulary.outlet or archive.catalog.vocabulary.edition}, archived",
        "description": f"as of commit {head.seq} {head.digest or ''}".strip(),
        "resources": [
            {"name": each.path.rpartition("/")[2], "path": each.path, "hash": each.sha256, "bytes": each.bytes}
            for each in file.entries
        ],
    }  # fmt: skip
    if main:
        told |= {"mainPageUrl": main["url"], "mainPageDate": main["ts"]}
    with file.entry("datapackage.json") as out:
        out.write(canonical(told))
    with file.entry("datapackage-digest.json") as out:
        out.write(canonical({"path": "datapackage.json", "hash": file.entries[-1].sha256}))


FORMAT = Format(name="wacz", views=OF_CAPTURES, words=WORDS, write=write, text=False)
