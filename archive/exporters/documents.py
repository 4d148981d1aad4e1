"""Documents of a corpus: one text an article, of which version, in which split, near which other one.

No split is told what came later: a text is that of the version in force when its split ends, where one was captured.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any, TypedDict
from zlib import crc32

from archive.errors import UsageError
from archive.exporters.marks import Row
from archive.exporters.sorting import SortedLines
from archive.facts.record import utc_of
from archive.stores.sqlite import nameless

_SHARES = (("train", 80), ("validation", 90))
"""Splits by time, and up to which per cent of the documents each goes; the rest is `test`."""
_SHINGLE, _HASHES, _BAND = 5, 32, 4
_ALIKE = 0.8
_PRIME = 2**61 - 1
_FACTORS = [(crc32(b"a%d" % n) | 1, crc32(b"b%d" % n)) for n in range(_HASHES)]
_WORDS = re.compile(r"\w+")
_UNDATED = "0000"


class Document(TypedDict):
    """One document of a corpus."""

    doc_id: str
    text: str
    headline: str
    date: str | None
    url: str
    cite: str
    version: int
    versions: int
    captured_at: str
    state: str
    language: str
    sections: list[str]
    split: str
    later: bool
    """Whether its text was first captured behind the end of its split."""
    near_duplicate_of: str | None


def text_of(row: Mapping[str, Any]) -> str:
    """Return the text of a version: its lead and its paragraphs, a line each."""
    return "\n".join(part for part in (row["lead"], *row["body"]) if part)


def as_of(word: str, instant: Callable[[str], str]) -> Callable[[Sequence[Row]], Sequence[Row]]:
    """Return what leaves of an article's versions those that a rule lets stand, of which the last is taken.

    The rule is `first`, `last`, or a day or instant, which `instant` reads. Raises UsageError for another word.
    """
    if word == "first":
        return lambda versions: versions[:1]
    if word == "last":
        return lambda versions: versions
    until = instant(word)
    if not until:
        raise UsageError(f"--asof {word!r}: write first, last, or a day such as 2026-11-24")
    return lambda versions: [version for version in versions if version["begun_at"] <= until]


def ends_of(dates: SortedLines) -> list[tuple[str, str]]:
    """Return (split, the date with which it ends) of all but the last split, by how many documents there are."""
    count, found, wanted = len(dates), list[tuple[str, str]](), list(_SHARES)
    for number, line in enumerate(dates, 1):
        while wanted and number * 100 >= wanted[0][1] * count:
            found.append((wanted.pop(0)[0], line.partition(b" ")[0].decode()))
    return found


def dated(row: Mapping[str, Any]) -> str:
    """Return when an article was published, as far as that version knows."""
    return utc_of(row["published"]) or _UNDATED


def documents(
    rows: Iterable[Row], rule: Callable[[Sequence[Row]], Sequence[Row]], ends: Sequence[tuple[str, str]],
    cite: Callable[[Row], str], near: "Nearness",
) -> Iterator[Document]:  # fmt: skip
    """Yield the documents of the versions of articles, which come article by article."""
    for number, group in groupby(rows, key=itemgetter("article_id")):
        left = rule(list(group))
        if not left:
            continue
        split, end = next(((name, end) for name, end in ends if dated(left[0]) <= end), ("test", ""))
        by_then = [row for row in left if not end or row["begun_at"] <= end]
        row = (by_then or left[:1])[-1]
        text = text_of(row)
        yield Document(
            doc_id=number, text=text, headline=row["headline"], date=utc_of(row["published"]), url=row["url"],
            cite=cite(row), version=row["version"], versions=row["versions"], captured_at=row["captured_at"],
            state=row["state"], language=row["language"], sections=row["sections"], split=split, later=not by_then,
            near_duplicate_of=near.of(number, text),
        )  # fmt: skip


class Nearness:
    """Which earlier document a text is nearly the same as: MinHash over runs of five words (Broder 1997)."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def of(self, number: str, text: str) -> str | None:
        """Return the first document that shares four fifths of its runs of words with a text; note the text."""
        signature = _signature(_WORDS.findall(text.lower()))
        if signature is None:
            return None
        bands = [f"{at}:{signature[at : at + _BAND]}" for at in range(0, _HASHES, _BAND)]
        marks = ",".join("?" * len(bands))
        found = self._db.execute(f"SELECT DISTINCT number FROM bands WHERE band IN ({marks}) ORDER BY number", bands)
        for (other,) in found.fetchall():
            (held,) = self._db.execute("SELECT signature FROM texts WHERE number = ?", (other,)).fetchone()
            if sum(map(str.__eq__, held.split(), map(str, signature))) >= _ALIKE * _HASHES:
                return str(other)
        self._db.execute("INSERT INTO texts VALUES (?, ?)", (int(number), " ".join(map(str, signature))))
        self._db.executemany("INSERT INTO bands VALUES (?, ?)", ((band, int(number)) for band in bands))
        return None


def _signature(words: Sequence[str]) -> list[int] | None:
    if len(words) < _SHINGLE:
        return None
    runs = {crc32(" ".join(words[at : at + _SHINGLE]).encode()) for at in range(len(words) - _SHINGLE + 1)}
    return [min((factor * run + more) % _PRIME for run in runs) for factor, more in _FACTORS]


@contextmanager
def nearness() -> Iterator[Nearness]:
    """Give an empty set of texts, on disk as it grows, which is gone when the block ends."""
    with nameless(
        "CREATE TABLE texts (number INTEGER PRIMARY KEY, signature TEXT NOT NULL)",
        "CREATE TABLE bands (band TEXT NOT NULL, number INTEGER NOT NULL)",
        "CREATE INDEX of_band ON bands (band)",
    ) as db:
        yield Nearness(db)
