"""Under which texts listings linked to an article, how long each stood: what a listing's check puts into the tables.

Like is compared with like: the same listing of the same host, the same spot of its page. A look that says "as the last
one" lengthens what stood at that last look.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from archive.catalog.articles import Db
from archive.facts.addresses import host_of
from archive.facts.canonical import canonical, parse
from archive.facts.forms import comparison_form
from archive.facts.names import instant
from archive.facts.teasers import teasers_digest
from archive.log.chain import Commit
from archive.texts.teasers import alike, in_common, moved_alike

TeaserSight = tuple[str, int]
_ENDS = 2
"""How many sights are kept from either end of a run: the crawl of one may turn out to be suspect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeaserRun:
    """One text of a teaser as long as it stood at one spot of one listing."""

    host: str
    section: str
    """The listing, as the view placements names it."""
    spot: str
    text: str
    revision: int
    """The extractor's that read it last."""
    sights: tuple[TeaserSight, ...]
    """(instant, commit) of the first two looks that showed it and the last two."""
    compared: int = 0
    """Of the look that saw it first: how many of the listing's articles had stood there before,"""
    changed: int = 0
    """and how many of these had another text now."""

    @property
    def first(self) -> str:
        """The instant at which it was first seen."""
        return self.sights[0][0]

    @property
    def last(self) -> str:
        """The instant at which it was last seen."""
        return self.sights[-1][0]


def named(check: Mapping[str, Any]) -> str | None:
    """Return the digest of the teasers that a stored check found, or None where it says nothing of them."""
    full, digest = check.get("teasers"), check.get("teasers_digest")
    return teasers_digest(full) if full else digest


class _Seen(NamedTuple):
    """One look at a listing."""

    host: str
    section: str
    sight: TeaserSight
    crawl: str
    revision: int

    @property
    def place(self) -> tuple[str, str]:
        return self.host, self.section


class LastSeen(Protocol):
    """What the look before left of a listing's address; an empty `at` before the first."""

    at: str
    teasers: str | None


def note(db: Db, new: Commit, check: Mapping[str, Any], last: LastSeen) -> None:
    """Put what a listing's check says of its teasers into the tables.

    Raises KeyError or ValueError for a check whose teasers are not those of its articles.
    """
    host = host_of(check.get("answered") or check["url"])
    section, revision = check.get("section") or check["kind"], int(new.writer.get("extractor", 0))
    seen = _Seen(host=host, section=section, sight=(check["at"], new.seq), crawl=new.crawl, revision=revision)
    if full := check.get("teasers"):
        _shown(db, seen, list(zip(map(int, check.get("listed", ())), full, strict=True)))
    # Of two crawls side by side the other may have seen something else meanwhile: then it says nothing.
    elif (digest := check.get("teasers_digest")) and "" < last.at < check["at"] and last.teasers == digest:
        _shown_again(db, seen, map(int, check["listed"]), last.at)


def _shown_again(db: Db, seen: _Seen, listed: Iterable[int], since: str) -> None:
    for number in listed:
        for run in runs_of(db, number, seen.place):
            if run.last == since:
                _lengthen(db, number, run, seen.sight)


def _shown(db: Db, seen: _Seen, listed: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    known = {number: runs_of(db, number, seen.place) for number, _ in listed}
    begun = [(number, run) for number, teaser in listed for run in _begun(db, number, known[number], teaser, seen)]
    compared = sum(map(bool, known.values()))
    changed = len({number for number, run in begun if _took_over(runs_of(db, number, seen.place), run)})
    for number, run in begun:
        db.execute(
            "INSERT OR IGNORE INTO teasers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number, *seen.place, run.spot, run.first, run.text, run.revision, _text(run.sights), compared, changed,
                run.sights[0][1],
            ),
        )  # fmt: skip
    if compared:
        db.execute(
            "INSERT INTO turns VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
            "compared = compared + excluded.compared, changed = changed + excluded.changed",
            (seen.crawl, compared, changed),
        )


def _begun(
    db: Db, number: int, known: Sequence[TeaserRun], teaser: Mapping[str, Any], seen: _Seen
) -> Iterator[TeaserRun]:
    """Lengthen the runs of texts that stand, and yield those that begin."""
    for spot, text in dict.fromkeys(_texts(teaser)):
        there = [run for run in known if run.spot == spot]
        last = max((run.last for run in there), default="")
        if last >= seen.sight[0]:
            continue
        # Two boxes made alike may show an article under a text each.
        if old := next((run for run in there if run.last == last and run.text == text), None):
            _lengthen(db, number, old, seen.sight, seen.revision)
        else:
            host, section = seen.place
            yield TeaserRun(
                host=host, section=section, spot=spot, text=text, revision=seen.revision, sights=(seen.sight,)
            )


def _took_over(known: Sequence[TeaserRun], run: TeaserRun) -> bool:
    old = prior(known, run)
    return old is not None and turned(old, run)


def _texts(teaser: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for shown in (teaser, *teaser.get("also", ())):
        if text := comparison_form(shown.get("text", "")):
            yield shown.get("spot", ""), text


def runs_of(db: Db, article_id: int, place: tuple[str, str] | None = None) -> list[TeaserRun]:
    """Return the runs of an article's teasers in the order of time, in one listing (host, section) or all."""
    where = " AND host = ? AND section = ?" if place else ""
    rows = db.execute(
        "SELECT host, section, spot, text, revision, sights, compared, changed FROM teasers "
        f"WHERE article_id = ?{where} ORDER BY host, section, first_at, spot, text",
        (article_id, *(place or ())),
    )
    return [
        TeaserRun(
            host=host, section=section, spot=spot, text=text, revision=revision, compared=compared, changed=changed,
            sights=tuple((at, seq) for at, seq in parse(sights)),
        )
        for host, section, spot, text, revision, sights, compared, changed in rows
    ]  # fmt: skip


def _lengthen(db: Db, number: int, run: TeaserRun, sight: TeaserSight, revision: int | None = None) -> None:
    sights = (*run.sights, sight)
    kept = sights if len(sights) <= 2 * _ENDS else (*sights[:_ENDS], *sights[-_ENDS:])
    db.execute(
        "UPDATE teasers SET sights = ?, revision = ? "
        "WHERE article_id = ? AND host = ? AND section = ? AND spot = ? AND first_at = ? AND text = ?",
        (_text(kept), revision or run.revision, number, run.host, run.section, run.spot, run.first, run.text),
    )


def _text(sights: Iterable[TeaserSight]) -> str:
    return canonical([list(sight) for sight in sights]).decode()


def prior(known: Iterable[TeaserRun], run: TeaserRun) -> TeaserRun | None:
    """Return what stood where a run begins: at its spot, or where the article stood before it moved on the page.

    `known` are the runs of one listing in order. None for a text beside one that stands: it took nothing's place. Where
    several texts of a spot ended together it is the one that has most words in common with the new one.
    """
    before = [old for old in known if old.first < run.first]
    at_spot = [old for old in before if old.spot == run.spot]
    if at_spot:
        # One that goes on stood beside, in another box of the same form.
        return _likest([old for old in at_spot if old.last < run.first], run)
    return None if any(old.last >= run.first for old in before) else _likest(before, run)


def _likest(ended: Sequence[TeaserRun], run: TeaserRun) -> TeaserRun | None:
    last = max((old.last for old in ended), default="")
    together = [old for old in ended if old.last == last]
    return max(together, key=lambda old: in_common(old.text, run.text), default=None)


def turned(old: TeaserRun, new: TeaserRun) -> bool:
    """Tell whether a listing came to say something else of an article, by one and the same extractor."""
    if old.revision != new.revision or alike(old.text, new.text, instant(new.first) - instant(old.last)):
        return False
    return old.spot == new.spot or not moved_alike(old.text, new.text)
