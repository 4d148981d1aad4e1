"""What is put into the search tables and taken out again: they keep no texts, so both follow from the records."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archive.catalog.articles import MOST_VERSIONS, Db, latest
from archive.catalog.cells import unsealed
from archive.catalog.snippets import sentences_out
from archive.catalog.words import NewWords, texts_in, texts_of
from archive.facts.outcomes import ROTATING
from archive.facts.record import Record
from archive.texts.wordforms import indexed_form

Words = tuple[str, str]
_SHOWN = ("headline", "kicker", "lead", "body", "captions")


def index_newest(db: Db, article_id: int, before: Record | None, now: Record | None) -> None:
    """Make the newest text of an article, `now`, searchable in the place of the one before; None for none."""
    if before is not None and now is not None and all(before[name] == now[name] for name in _SHOWN):  # type: ignore[literal-required]
        return
    if before is not None:
        db.execute(_OUT.format("texts", "headline, body"), ("delete", article_id, *_indexed(texts_of(before))))
    if now is not None:
        _put(db, article_id, texts_of(now))


def _put(db: Db, article_id: int, texts: Sequence[str]) -> None:
    db.execute(_IN.format("texts", "headline, body"), (article_id, *_indexed(texts)))


def index_all(db: Db, numbers: Iterable[int], words: NewWords) -> None:
    """Make articles searchable that were folded without: their newest texts, what was taken out, all their words.

    Each of them has a version.
    """
    for number in numbers:
        packed = db.execute("SELECT packed FROM records WHERE article_id = ?", (number,)).fetchall()
        records = [texts_in(data) for (data,) in packed]
        for texts in records:
            words.add(texts)
        # A version is of some record.
        newest = None if len(records) == 1 else latest(db, str(number))
        _put(db, number, texts_of(newest) if newest else records[0])
        changes = db.execute("SELECT number, json FROM changes WHERE article_id = ?", (number,)).fetchall()
        index_changes(db, number, {}, {version: unsealed(text) for version, text in changes})
    words.write()


def _indexed(texts: Sequence[str]) -> Words:
    headline, *parts = texts
    return indexed_form(headline), indexed_form("\n".join(parts))


def index_changes(
    db: Db, article_id: int, before: Mapping[int, Mapping[str, Any]], now: Mapping[int, Mapping[str, Any]]
) -> None:
    """Make what was taken out of an article searchable: its changes before and now, by the version that they began."""
    old, new = (
        {number: words for number, each in told.items() if (words := _of_change(each))} for told in (before, now)
    )
    for number in sorted(old.keys() | new.keys()):
        row, was, now_is = article_id * MOST_VERSIONS + number, old.get(number), new.get(number)
        if was == now_is:
            continue
        if was is not None:
            db.execute(_OUT.format("taken_out", "sentences, words"), ("delete", row, *was))
        if now_is is not None:
            db.execute(_IN.format("taken_out", "sentences, words"), (row, *now_is))


def _of_change(change: Mapping[str, Any]) -> Words | None:
    sentences = sentences_out(change)
    if change["noise"] in ROTATING or not sentences:
        return None
    marks = (text for pair in change["reworded"] for sign, text in pair["marks"] if sign == "-")
    return indexed_form("\n".join(sentences)), indexed_form("\n".join([*change["removed"], *marks]))


_IN = "INSERT INTO {0} (rowid, {1}) VALUES (?, ?, ?)"
# How a row leaves an index that has no content of its own (sqlite.org/fts5.html, section 6.5).
_OUT = "INSERT INTO {0} ({0}, rowid, {1}) VALUES (?, ?, ?, ?)"
