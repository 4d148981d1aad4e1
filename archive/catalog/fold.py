"""The fold: how commits' facts become versions, changes and articles' rows. Pure over the tables it is given.

Each article that commits touch is folded once. Where what is new is the newest, it is added to what the tables hold of
the article (`course.kept`, `rows.stands_for`); else the article is folded from all its looks and sights. Both go
through the same functions, `Course.add` and `row_of_looks`.
"""

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from archive.catalog import patterns, suspects, takeovers, touched
from archive.catalog.anew import Anew
from archive.catalog.articles import ArticleRow, Db
from archive.catalog.course import Course, Older, kept
from archive.catalog.days import Days
from archive.catalog.entries import Entries, New
from archive.catalog.events import stretches_of
from archive.catalog.interned import Interned
from archive.catalog.life import LookRow, absences, sighted
from archive.catalog.rows import Text, hosts_of, row_of_looks, stands_for, text_of
from archive.catalog.sights import Sight
from archive.catalog.tables import Before, Tables
from archive.catalog.takeovers import is_within
from archive.catalog.touched import Touches
from archive.catalog.traits import Sections, TraitTables
from archive.facts.addresses import host_of
from archive.facts.outcomes import ABSENT, STRUCK
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import Commit

Decoded = Mapping[str, Sequence[Any]]
_AFTER_ALL = 10**12
"""A number that no commit has."""


def commits(
    db: Db, told: Iterable[tuple[Commit, Decoded]], vocabulary: Vocabulary, *, searched: bool = True
) -> None:  # fmt: skip
    """Fold commits, in the order of the log, into the tables.

    Each comes with the decoded lines of its `index`, `records` and `checks` segments, by kind; `vocabulary` has the
    words of the archive's edition. Unless `searched` the search tables are left as they are.
    Raises KeyError, TypeError or ValueError for lines that are none of these.
    """
    with uncollected():
        entries, touches, read, looked = Entries(db, vocabulary, searched=searched), Touches(db), set[int](), set[int]()
        first = 0
        for commit, lines in told:
            turns, first = touched.turns_of(db, commit.crawl), first or commit.seq
            seen = entries.enter(commit, lines)
            believed = suspects.note(db, commit)
            turned = patterns.note(db, commit).union(*(suspects.waiting(db, crawl) for crawl in believed))
            gone = takeovers.note(db, commit)
            shown = touched.by_commit(db, commit, lines, believed, turns)
            touches.add(commit.seq, seen | turned | gone | shown | patterns.alike_in(commit))
            read |= turned
            looked |= gone
        entries.write()
        touches.write()
        tables = Tables(db, entries.counted, searched=searched)
        _Fold(db, tables, vocabulary).articles(entries.new, read, looked)
        tables.write()
        looks = {number: new.looks for number, new in entries.new.items()}
        TraitTables(db, entries.days, entries.interned, entries.sections).write(tables.retold, looks, first)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no circles of objects while the block lasts."""
    # Records hold no circles; to go through all of them for some takes a tenth of the fold.
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def leave_others_out(db: Db, vocabulary: Vocabulary) -> None:
    """Take out what others captured and looked at, so that all is as if the archive held only our own."""
    tables = Tables(db)
    looks = "FROM looks WHERE result IN (SELECT number FROM results WHERE source IS NOT NULL)"
    told = db.execute("SELECT DISTINCT article_id FROM records WHERE source IS NOT NULL").fetchall()
    told += db.execute(f"SELECT DISTINCT article_id {looks} AND article_id IS NOT NULL").fetchall()
    touched = sorted({number for (number,) in told})
    for number in touched:
        # What is searched is taken out by the records that it was made of.
        tables.versions(Course(db=db, article_id=number, vocabulary=vocabulary), tables.forget(number))
    db.execute("DELETE FROM records WHERE source IS NOT NULL")
    tables.counted["checks"] -= db.execute(f"DELETE {looks}").rowcount
    anew = Anew(db, tables, vocabulary)
    for number in touched:
        anew.article(number, read=True)
    write_beside(db, tables, vocabulary)


def write_beside(db: Db, tables: Tables, vocabulary: Vocabulary) -> None:
    """Write rows that no commit changed, and what counts them."""
    tables.write()
    TraitTables(db, Days(db, vocabulary.zone), Interned(db), Sections(db)).write(tables.retold, {}, _AFTER_ALL)


class _Fold:
    """Folds the articles that some commits touch."""

    def __init__(self, db: Db, tables: Tables, vocabulary: Vocabulary) -> None:
        self._db, self._tables, self._vocabulary = db, tables, vocabulary
        self._anew = Anew(db, tables, vocabulary)
        self._held = {row[0] for row in db.execute("SELECT crawl FROM crawls WHERE suspect AND NOT accepted")}
        self._stretches = stretches_of(db)
        self._has_mirrors = db.execute("SELECT 1 FROM results WHERE kind = 'mirror'").fetchone() is not None

    def articles(self, new: Mapping[int, New], read: Collection[int], looked: Collection[int]) -> None:
        """Fold what is new, and anew the articles whose sights (`read`) or looks (`looked`) now count otherwise."""
        touched = sorted({*new, *read, *looked})
        known, own = self._tables.rows("articles", touched), self._tables.rows("own", touched)
        for number in touched:
            told = new.get(number, New())
            again = number in read or number in looked
            if again or not self._goes_on(number, told, known.get(number), own.get(number)):
                self._anew.article(number, read=number in read or bool(told.records or told.mirrored))

    def _goes_on(self, number: int, new: New, known: ArticleRow | None, own: ArticleRow | None) -> bool:
        """Add what is new to what is kept of an article; return whether that could be done."""
        if not new.looks and not new.records:
            return not self._mirror_was_read(number)
        if not self._is_newest(number, new, known, own):
            return False
        try:
            text, captured = self._told(number, new, known)
        except Older:
            return False
        looks = self._in_order(new)
        told = _goes_on_from(known, looks, captured)
        row = row_of_looks(number, *told, text, keep=True)
        assert row is not None
        self._tables.away(number, absences(*told), anew=False)
        if own is not None:
            mine = row_of_looks(number, *_goes_on_from(own, looks, ()), text_of(own), keep=True)
            assert mine is not None
            self._tables.put("own", mine, own)
            # Where it lies nobody else says once we saw it ourselves.
            row = row if mine.last_seen is None else replace(row, url=mine.url)
        self._tables.put("articles", row, known)
        return True

    def _is_newest(self, number: int, new: New, known: ArticleRow | None, own: ArticleRow | None) -> bool:
        """Tell whether what is new is our own, lies behind all that is known, and lets that count as it did."""
        instants = sorted(one.at for _, one in new.records)
        if new.others or any(one == other for one, other in pairwise(instants)):
            return False
        if any(look["crawl"] in self._held and look["outcome"] in STRUCK for look in new.looks):
            return False
        # A mirror may have been read before the article was.
        if (known is None or new.records or new.mirrored) and self._mirror_was_read(number):
            return False
        rows = [row for row in (known, own) if row is not None]
        return all(_lies_behind(row, new) for row in rows) and not (instants and own is not None)

    def _mirror_was_read(self, number: int) -> bool:
        if not self._has_mirrors:
            return False
        sql = (
            "SELECT 1 FROM looks l JOIN results r ON r.number = l.result AND r.kind = 'mirror' "
            "JOIN records c ON c.article_id = l.article_id AND c.captured_at = l.at WHERE l.article_id = ?"
        )
        return self._db.execute(sql, (number,)).fetchone() is not None

    def _told(self, number: int, new: New, known: ArticleRow | None) -> tuple[Text | None, list[str]]:
        """Add new records to an article's versions; return (what these come to, instants at which it was captured)."""
        if not new.records:
            return (text_of(known) if known else None), []
        told = Course(db=self._db, article_id=number, vocabulary=self._vocabulary)
        if known is not None and known.latest is not None:
            told = kept(self._db, number, self._vocabulary, known.last_look)
        last = told.runs[-1][-1] if told.runs else None
        before = Before(last, told.newest(), {})
        told.add(_sights(new))
        self._tables.versions(told, before)
        return told.text(known.edited_at if known else None), told.captured()

    def _in_order(self, new: New) -> list[LookRow]:
        looks = sorted(new.looks, key=lambda look: look["at"])
        for look in looks:
            look["void"] = look["outcome"] in ABSENT and self._is_void(look)
        return looks

    def _is_void(self, look: LookRow) -> bool:
        spans = self._stretches(host_of(look.get("answered") or look["url"]), True)
        return is_within(look["at"], spans)


def _lies_behind(row: ArticleRow, new: New) -> bool:
    if row.hosts is None or not new.looks:
        return False
    newer = all(look["at"] > row.last_look for look in new.looks) and all(r.at > row.last_look for _, r in new.records)
    # On which hosts it was seen says which of them are believed to miss it.
    return newer and {host_of(look["url"]) for look in new.looks if sighted(look)} <= hosts_of(row)


def _sights(new: New) -> list[Sight]:
    read = sorted(new.records, key=lambda one: one[1].at)
    return [Sight(one.at, {revision: one}, one.seq, None) for revision, one in read]


def _goes_on_from(
    row: ArticleRow | None, new: Sequence[LookRow], captured: Iterable[str]
) -> tuple[list[LookRow], list[str]]:  # fmt: skip
    looks, sights = stands_for(row) if row else ([], [])
    return [*looks, *new], [*sights, *captured]
