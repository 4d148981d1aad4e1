"""An article folded from all its looks and sights: what others captured or mirrors say among them, and what waits."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from msgspec.structs import replace

from archive.catalog import shifts
from archive.catalog.articles import ArticleRow, Db
from archive.catalog.course import Course, likened, same
from archive.catalog.events import looks_of
from archive.catalog.life import LookRow, absences
from archive.catalog.rows import Text, row_of_looks, text_of, unseen
from archive.catalog.sights import Sight, Sights, sorted_out
from archive.catalog.tables import Tables
from archive.facts.outcomes import ABSENT, SEEN
from archive.facts.record import utc_of
from archive.languages.vocabulary import Vocabulary


class _Seen(NamedTuple):
    """What an article's versions come to."""

    text: Text | None
    captured: list[str]


class Anew:
    """Folds articles from what the tables hold of them."""

    def __init__(self, db: Db, tables: Tables, vocabulary: Vocabulary) -> None:
        self._db, self._tables, self._vocabulary = db, tables, vocabulary

    def article(self, article_id: int, *, read: bool) -> None:
        """Make an article's row anew, and with `read`, or where others captured it, too, its versions."""
        known = self._tables.row("articles", article_id)
        sights = sorted_out(self._db, article_id)
        # Where others captured it, too, a look of ours that only confirms may begin a version.
        shared = self._db.execute(_SHARED, (article_id,)).fetchone() is not None
        seen = self._versions(article_id, sights) if read or shared else self._known(article_id, known)
        looks = list(looks_of(self._db, article_id))
        self._row(article_id, [look for look in looks if look["kind"] != "mirror"], seen, sights, shared=shared)

    def _versions(self, article_id: int, sights: Sights) -> _Seen:
        before = self._tables.forget(article_id)
        told = Course(db=self._db, article_id=article_id, vocabulary=self._vocabulary)
        told.add(sights.told)
        self._tables.versions(told, before)
        # A mirror is held against what we saw of the article: what others captured is nobody's text but theirs.
        self._tables.shifts(article_id, _divergences(sights.own, sights.mirrors, self._vocabulary))
        return _Seen(told.text(), told.captured())

    def _known(self, article_id: int, known: ArticleRow | None) -> _Seen:
        text = text_of(known) if known else None
        if text is None:
            return _Seen(None, [])
        rows = self._db.execute(
            "SELECT v.captured_at, v.last_at, u.text FROM versions v JOIN records r ON r.article_id = v.article_id "
            "AND r.captured_at = v.last_at AND r.seq = v.last_seq AND r.line = v.last_line "
            "JOIN interned u ON u.number = r.address WHERE v.article_id = ? ORDER BY v.number",
            (article_id,),
        ).fetchall()
        return _Seen(text._replace(url=rows[-1][2]), [at for begun, last, _ in rows for at in (begun, last)])

    def _row(
        self, article_id: int, looks: Sequence[LookRow], seen: _Seen, sights: Sights, *, shared: bool
    ) -> None:  # fmt: skip
        self._tables.drop(article_id)
        shared = shared or any(look["source"] for look in looks)
        keep = not sights.mirrors and not sights.waiting and not any(look["held"] for look in looks)
        keep = keep and (not shared or _ours_is_newest(looks, sights))
        row = row_of_looks(article_id, looks, seen.captured, seen.text, keep=keep)
        self._tables.away(article_id, absences(looks, seen.captured), anew=True)
        if row is None:
            return
        if shared:
            mine = [look for look in looks if look["source"] is None]
            own = self._own(article_id, sights)
            ours = row_of_looks(article_id, mine, own.captured, own.text, keep=keep) or unseen(row)
            # Where it lies nobody else says once we saw it ourselves; until then we have nothing better.
            address = row.url if ours.last_seen is None else ours.url
            row = replace(row, url=address, hosts=None if row.state_source else row.hosts)
            self._tables.put("own", replace(ours, url=address, hosts=ours.hosts), None)
        self._tables.put("articles", row, None)

    def _own(self, article_id: int, sights: Sights) -> _Seen:
        told = Course(db=self._db, article_id=article_id, vocabulary=self._vocabulary)
        runs = told.runs_of(sights.own)
        if not runs:
            return _Seen(None, [])
        newest = runs[-1][-1].standing.record
        rotated, begun = _rotated(self._db, article_id), [run[0].at for run in runs]
        edited = next((at for at in reversed(begun[1:]) if at not in rotated), None)
        text = Text(
            newest["url"], newest["headline"], utc_of(newest["published"]), newest["captured_at"], len(begun), edited
        )
        return _Seen(text, [sight.at for sight in sights.own])


_SHARED = "SELECT 1 FROM records WHERE article_id = ? AND source IS NOT NULL LIMIT 1"


def _rotated(db: Db, article_id: int) -> set[str]:
    """Return when versions began in which only what rotates differs."""
    rows = db.execute("SELECT to_at FROM changes WHERE article_id = ? AND NOT edited", (article_id,))
    return {at for (at,) in rows}


def _ours_is_newest(looks: Sequence[LookRow], sights: Sights) -> bool:
    """Tell whether we saw for ourselves, or missed, an article since others last looked at or captured it."""
    mine = [look["at"] for look in looks if look["source"] is None and look["outcome"] in SEEN | ABSENT]
    theirs = [look["at"] for look in looks if look["source"] is not None]
    theirs += [sight.at for sight in sights.told if sight.source is not None]
    if not mine or (sights.told and sights.told[-1].source is not None):
        return False
    return max(theirs, default="") < max(mine)


def _divergences(
    own: Sequence[Sight], mirrors: Sequence[Sight], vocabulary: Vocabulary
) -> Iterator[tuple[Sight, shifts.Shift]]:
    for _, told in groupby(sorted(mirrors, key=_mirror), key=_mirror):
        said = ""
        for sight in told:
            old, new = likened(_in_force(own, sight), sight) if own else (None, None)
            if old is None or new is None or same(old, new, vocabulary):
                said = ""
            elif said != new.version:
                said = new.version
                yield sight, shifts.divergence(old.record, new.record, vocabulary)


def _mirror(sight: Sight) -> str:
    return str(sight.standing.record["mirror"])


def _in_force(own: Sequence[Sight], mirrored: Sight) -> Sight:
    return next((sight for sight in reversed(own) if sight.at <= mirrored.at), own[0])
