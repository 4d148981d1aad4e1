"""A corpus: texts with their metadata in the forms that programs for text analysis read, and a datasheet of it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

from archive.catalog.articles import cited
from archive.catalog.selection import Selection
from archive.catalog.since import Until
from archive.errors import UsageError
from archive.exporters.csvfile import safe
from archive.exporters.datasheet import datasheet
from archive.exporters.descriptors import described
from archive.exporters.documents import Document, as_of, dated, documents, ends_of, nearness
from archive.exporters.folders import Folder, folder_at
from archive.exporters.format import Format, Option, Progress, unwatched
from archive.exporters.sorting import sorted_lines
from archive.exporters.targets import Fill, Written, WrittenFile
from archive.exporters.views import SELECTED_BY, VIEWS
from archive.facts.canonical import canonical, parse
from archive.opened import Archive
from archive.stores.temporary import temporary_folder

InForm = Callable[[Iterator[Document]], Iterator[bytes]]
_META = ("date", "headline", "url", "cite", "version", "captured_at", "state", "language", "split", "near_duplicate_of")
_TOKEN = re.compile(r"[^\w-]+")
_STARRED = re.compile(r"([\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029])(-?)\*")
"""What would begin a variable or a theme of IRaMuTeQ on a line, whichever ends its reader knows."""


def write(  # noqa: PLR0913 - those of every format, and what was asked for
    archive: Archive, view: str, *, chosen: Selection, target: str, asof: str,
    progress: Progress = unwatched, asked: Mapping[str, Any] | None = None,
) -> Written:  # fmt: skip
    """Write a corpus into a folder; count its documents. Raises UsageError for `asof`, and as `folder_at`.

    `asked` is what the datasheet says that was chosen, where the selection itself does not tell it best.
    """
    rule = as_of(asof, lambda word: _instant(archive, word))
    rows = partial(VIEWS[view], archive, chosen)
    with ExitStack() as stack:
        dates = stack.enter_context(sorted_lines())
        firsts = (next(group) for _, group in groupby(rows(), key=itemgetter("article_id")))
        dates.add(f"{dated(row)} {row['article_id']}".encode() for row in firsts)
        spool = Path(stack.enter_context(temporary_folder("corpus"))) / "documents"
        near, cite = stack.enter_context(nearness()), partial(cited, archive.catalog.db)
        found = documents(progress(rows()), rule, ends := ends_of(dates), cite, near)
        counted = _spooled(found, spool)
        folder = stack.enter_context(folder_at(target))
        files = [_put(folder, name, partial(_fill, made, spool)) for name, made in _FILES.items()]
        for document in _read(spool):
            folder.put(f"txm/{document['doc_id']}.txt", partial(_text, document["text"]))
        sheet = datasheet(archive, counted, ends, asof, chosen.told() if asked is None else asked)
        _put_about(folder, archive, counted, sheet, files)
    return Written(counted["documents"], *folder.files)


def _instant(archive: Archive, word: str) -> str:
    try:
        return Until(word, zone=archive.catalog.vocabulary.zone).at
    except UsageError:
        return ""


def _spooled(found: Iterable[Document], spool: Path) -> Counter[str]:
    """Put documents into a file, a line each, and count what the datasheet tells."""
    counted: Counter[str] = Counter(documents=0)
    with spool.open("wb") as lines:
        for document in found:
            lines.write(canonical(document) + b"\n")
            counted["documents"] += 1
            counted["words"] += len(document["text"].split())
            counted[f"split {document['split']}"] += 1
            counted[f"state {document['state']}"] += 1
            counted.update(f"field {name}" for name, value in document.items() if value not in (None, "", []))
    return counted


def _read(spool: Path) -> Iterator[Document]:
    with spool.open("rb") as lines:
        yield from map(parse, lines)


def _fill(made: InForm, spool: Path, out: BinaryIO, name: str) -> int:
    del name
    count = 0
    for count, data in enumerate(made(_read(spool)), 1):  # noqa: B007 - it is what is returned
        out.write(data)
    return count


def _text(text: str, out: BinaryIO, name: str) -> int:
    del name
    return out.write(f"{text}\n".encode())


def _lines(found: Iterator[Document]) -> Iterator[bytes]:
    yield from (canonical(document) + b"\n" for document in found)


def _table(columns: tuple[str, ...], found: Iterator[Document]) -> Iterator[bytes]:
    """Yield a table (RFC 4180) of documents, safe for spreadsheets; the first column is their name."""
    yield _row(columns)
    for document in found:
        cells: dict[str, Any] = dict(document)
        told = (cells[name] for name in columns[1:])
        yield _row([document["doc_id"], *("" if cell is None else safe(str(cell)) for cell in told)])


def _row(cells: Iterable[str]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _iramuteq(found: Iterator[Document]) -> Iterator[bytes]:
    for document in found:
        section = document["sections"][-1] if document["sections"] else ""
        told = {
            "id": document["doc_id"], "date": (document["date"] or "")[:10], "month": (document["date"] or "")[:7],
            "section": section, "state": document["state"], "split": document["split"],
        }  # fmt: skip
        stars = " ".join(f"*{name}_{_TOKEN.sub('-', value)}" for name, value in told.items() if value)
        text = _STARRED.sub(r"\1\2 ", f"\n{document['headline']}\n{document['text']}")
        yield f"**** {stars}{text}\n\n".encode()


_TABLES = {"documents.csv": ("doc_id", "text", *_META), "txm/metadata.csv": ("id", *_META)}
_FILES: dict[str, InForm] = {
    "documents.jsonl": _lines,
    "iramuteq.txt": _iramuteq,
    **{name: partial(_table, columns) for name, columns in _TABLES.items()},
}
_OF_FIELDS = ("field", "present", "missing", "share")


def _put(folder: Folder, name: str, fill: Fill) -> WrittenFile:
    """Put a file into the corpus; return what it is."""
    folder.put(name, fill)
    return replace(folder.last, name=name)


def _put_about(folder: Folder, archive: Archive, counted: Counter[str], sheet: str, files: list[WrittenFile]) -> None:
    fields = [f"{','.join(_OF_FIELDS)}\r\n"]
    for name in Document.__annotations__:
        present, of = counted[f"field {name}"], counted["documents"]
        fields.append(f"{name},{present},{of - present},{present / of if of else 0:.4f}\r\n")
    files.append(_put(folder, "fields.csv", partial(_plain, "".join(fields))))
    files.append(_put(folder, "datasheet.md", partial(_plain, sheet)))
    for name, told in described(archive, counted["documents"], files, _TABLES | {"fields.csv": _OF_FIELDS}).items():
        folder.put(name, partial(_plain, canonical(told).decode()))


def _plain(text: str, out: BinaryIO, name: str) -> int:
    del name
    return out.write(text.encode())


FORMAT = Format(
    name="corpus", views=("versions",), write=write, place="folder", words={"versions": SELECTED_BY["versions"]},
    options=(
        Option(name="asof", metavar="RULE", default="last", help="which version's text: first, last or as of a day"),
    ),
)  # fmt: skip
