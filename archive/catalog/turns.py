"""What became of an article's teasers: texts that a listing alone changed, those of a whole one, those that rotate."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from archive.catalog.articles import Db
from archive.catalog.life import Event, event
from archive.catalog.schema import MEMBER, members
from archive.catalog.teasers import TeaserRun, prior, runs_of, turned
from archive.facts.names import instant
from archive.facts.outcomes import SEEN, EventName, RemarkName
from archive.texts.teasers import alike, is_cut, said

SHARE, LEAST, LEAST_OF_CRAWL = 0.2, 3, 10
"""What changed together: above this share of what was compared, so many in one listing, or in a whole crawl."""
_ROTATES = 2
"""A text that began so often, in the place of one that did, comes and goes by itself,"""
_SETTLES, _STAYED = 5, 4
"""unless it came and went no more often than this, and the last one stayed for so many looks: a cache ran out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeaserTurn:
    """One text of a teaser in the place of another."""

    old: TeaserRun
    new: TeaserRun


def told(db: Db, article_id: int, headlines: Sequence[str]) -> tuple[list[Event], list[Event]]:
    """Return the (events, remarks) of an article's teasers in the order of listing and time.

    `headlines` are those of its versions, in order: where a listing follows the article's own headline, the version
    tells it already.
    """
    events: list[Event] = []
    remarks: list[Event] = []
    for _, listing in groupby(runs_of(db, article_id), key=lambda run: (run.host, run.section)):
        runs = list(listing)
        if len({said(run.text) for run in runs}) > 1:
            turns = list(_turns(_believed(db, runs)))
            rotating = _rotating(turns)
            remarks += [_told(db, article_id, "teaser_rotates", turn) for turn in turns[-1:] if turn in rotating]
            alone = (turn for turn in turns if turn not in rotating and not _followed(turn, headlines))
            events += [_told(db, article_id, _name(db, turn), turn) for turn in alone]
    return events, remarks


def _believed(db: Db, runs: Sequence[TeaserRun]) -> list[TeaserRun]:
    """Return the runs less what only suspect crawls saw, which nobody accepted."""
    seqs = {seq for run in runs for _, seq in run.sights}
    held = {seq for seq in seqs if db.execute(_HELD, (seq,)).fetchone()}
    found = (replace(run, sights=tuple(sight for sight in run.sights if sight[1] not in held)) for run in runs)
    return sorted((run for run in found if run.sights), key=lambda run: (run.first, run.spot))


def _turns(runs: Sequence[TeaserRun]) -> Iterator[TeaserTurn]:
    # One headline at two spots of a page that is changed at both is one turn.
    seen: set[tuple[str, str]] = set()
    before: list[TeaserRun] = []
    for run in runs:
        old = prior(before, run)
        is_turn = old is not None and turned(old, run)
        # A text that was cut stands for the whole one: what comes after it is held against that.
        whole = old if old is not None and not is_turn and is_cut(run.text) else run
        is_like = (whole.spot, whole.revision) == (run.spot, run.revision)
        before.append(replace(run, text=whole.text) if is_like else run)
        if old is not None and is_turn and (run.first, said(run.text)) not in seen:
            seen.add((run.first, said(run.text)))
            yield TeaserTurn(old=old, new=run)


def _rotating(turns: Sequence[TeaserTurn]) -> list[TeaserTurn]:
    begun = Counter(said(turn.new.text) for turn in turns)
    begun.update({said(turn.old.text) for turn in turns[:1]})
    found = [turn for turn in turns if min(begun[said(turn.old.text)], begun[said(turn.new.text)]) >= _ROTATES]
    settled = bool(found) and len(found) <= _SETTLES and found[-1] == turns[-1]
    return found[:-1] if settled and len(turns[-1].new.sights) >= _STAYED else found


def _followed(turn: TeaserTurn, headlines: Sequence[str]) -> bool:
    apart = instant(turn.new.first) - instant(turn.old.last)
    before = [place for place, headline in enumerate(headlines) if alike(headline, turn.old.text, apart)]
    after = [place for place, headline in enumerate(headlines) if alike(headline, turn.new.text, apart)]
    if before and after and before[0] < after[-1]:
        return True
    # A listing may print a kicker in front of it.
    old, new = said(turn.old.text), said(turn.new.text)
    own = [said(headline) for headline in headlines]
    return any(
        old.replace(one, other, 1) == new
        for place, one in enumerate(own)
        if one and one in old
        for other in own[place + 1 :]
    )


def _name(db: Db, turn: TeaserTurn) -> EventName:
    new = turn.new
    if new.changed == new.compared > 1 or _together(new.changed, new.compared, LEAST):
        return "teaser_changed_together"
    changed, compared = db.execute(_OF_CRAWL, (new.sights[0][1],)).fetchone() or (0, 0)
    return "teaser_changed_together" if _together(changed, compared, LEAST_OF_CRAWL) else "teaser_edited"


def _together(changed: int, compared: int, least: int) -> bool:
    return changed >= least and changed > SHARE * compared


def _looked_since(db: Db, article_id: int, at: str) -> bool:
    # The article may have changed with its listing, and nobody knows until it is looked at.
    return db.execute(_SEEN_SINCE, (article_id, at, members(SEEN))).fetchone() is not None


def _told(db: Db, article_id: int, name: EventName | RemarkName, turn: TeaserTurn) -> Event:
    at, seq = turn.new.sights[0]
    (crawl,) = db.execute("SELECT crawl FROM commits WHERE seq = ?", (seq,)).fetchone()
    detail = f"{turn.new.section} of {turn.new.host}: “{turn.old.text}” before, “{turn.new.text}” from here on"
    if name in _ALONE and not _looked_since(db, article_id, at):
        detail += "; the article itself was not looked at since"
    found = event(name, turn.old.last, {"at": at, "crawl": crawl, "seq": seq}, detail)
    found["source_before"] = None
    return found | {"listing": turn.new.section, "from_text": turn.old.text, "to_text": turn.new.text}


_ALONE = ("teaser_edited", "teaser_changed_together")
"""Events that say of a listing that it alone changed."""
_SEEN_SINCE = (
    "SELECT 1 FROM checks WHERE article_id = ? AND at >= ? AND kind = 'article' AND source IS NULL "
    f"AND outcome {MEMBER} LIMIT 1"
)
_HELD = "SELECT 1 FROM commits m JOIN crawls h ON h.crawl = m.crawl WHERE m.seq = ? AND h.suspect AND NOT h.accepted"
_OF_CRAWL = "SELECT t.changed, t.compared FROM commits m JOIN turns t ON t.crawl = m.crawl WHERE m.seq = ?"
