"""An article's life, told from its looks and its versions: what happened between which two looks.

A look happens at a point in time, an event between two looks: each event has the instants not before and not after
which it happened. Nothing between looks is called unchanged, only not observed.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any, NotRequired, TypedDict

from archive.catalog.moves import moves
from archive.catalog.whose import outside, own_instants, who_before, whose
from archive.facts.addresses import host_of
from archive.facts.names import instant
from archive.facts.outcomes import (
    ABSENT,
    CUT_OFF,
    ROTATING,
    SEEN,
    TAKEN_OVER,
    EventName,
    Kind,
    Outcome,
    Reason,
    RemarkName,
    State,
)

REMOVAL_APART = timedelta(hours=6)


class Event(TypedDict):
    """What happened in an article's life, between which two instants (RFC 3339), seen by which crawl."""

    event: EventName | RemarkName
    not_before: str | None
    not_after: str
    crawl: str
    detail: str
    source: NotRequired[str | None]
    """Whose look saw it, or proved it; None for our own."""
    source_before: NotRequired[str | None]
    """Whose look `not_before` is of; None for our own."""
    seq: NotRequired[int]
    """The commit that proves it; it is not told outside."""
    listing: NotRequired[str]
    """Of a teaser: the listing, as in the view placements."""
    from_text: NotRequired[str]
    to_text: NotRequired[str]


class LookRow(TypedDict):
    """One look at an article as the catalog has it; instants are RFC 3339."""

    article_id: NotRequired[int]
    at: str
    url: str
    kind: NotRequired[Kind]
    outcome: Outcome
    reason: NotRequired[Reason]
    status: int | None
    detail: str
    answered: NotRequired[str | None]
    """The address after redirects."""
    crawl: str
    seq: int
    held: NotRequired[bool]
    """Whether it waits: a suspect crawl saw it changed or gone."""
    void: NotRequired[bool]
    """Whether it says nothing: it found nothing on a host that was somebody else's then."""
    source: NotRequired[str | None]
    """Whose look it is; None for our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A stretch of looks that found nothing, with no sight of the article between them."""

    before: str | None
    """The last sight before it, None for an article that was never seen."""
    first: LookRow
    last: LookRow
    proof: LookRow | None
    """The first look six hours or more after `first`: with it the absence is a removal."""
    ended: str | None
    """The sight that ended it; None while it lasts."""

    @property
    def removal(self) -> bool:
        """Whether it is believed: the article had been seen, and two of the looks are six hours apart or more."""
        return self.before is not None and self.proof is not None

    @property
    def source(self) -> str | None:
        """Who looked, where one of the looks that it rests on is not our own."""
        return self.first.get("source") or (self.proof or self.last).get("source")


def sighted(look: LookRow) -> bool:
    """Tell whether a look saw the article in a state that counts: what a suspect crawl saw changed does not yet."""
    return look["outcome"] in SEEN and not look.get("held")


def _own(looks: Iterable[LookRow]) -> list[LookRow]:
    return [look for look in looks if look.get("kind", "article") == "article"]


def absences(looks: Iterable[LookRow], sights: Iterable[str]) -> Iterator[Absence]:
    """Yield the stretches in which an article was absent, in order of time.

    `looks` are its checks (at, url, outcome …), `sights` instants at which it was seen besides. Walls, errors and
    time-outs say nothing, nor does a suspect crawl that nobody accepted, nor a host that was somebody else's then. Once
    a look has seen the article, only hosts that have served it are believed to miss it: a mirror may never have had it.
    Between two looks of ours nobody else tells that it was away, or back.
    """
    told = _own(looks)
    if not any(look["outcome"] in ABSENT for look in told):
        return
    hosts = {host_of(look["url"]) for look in told if sighted(look)}
    heard = outside(told, own_instants(look for look in told if look["outcome"] in SEEN | ABSENT))
    missed = [look for look in heard if look["outcome"] in ABSENT and not (look.get("held") or look.get("void"))]
    missed = [look for look in missed if not hosts or host_of(look["url"]) in hosts]
    unheard = {look["at"] for look in told} - {look["at"] for look in heard}
    seen = sorted({*sights, *(look["at"] for look in heard if sighted(look))} - unheard)
    yield from _stretches(missed, seen)


def _stretches(missed: Iterable[LookRow], seen: Sequence[str]) -> Iterator[Absence]:
    stretches: dict[int, list[LookRow]] = {}
    for look in sorted(missed, key=lambda look: str(look["at"])):
        stretches.setdefault(bisect_left(seen, look["at"]), []).append(look)
    for place, stretch in stretches.items():
        since = instant(stretch[0]["at"]) + REMOVAL_APART
        yield Absence(
            before=seen[place - 1] if place else None,
            first=stretch[0],
            last=stretch[-1],
            proof=next((look for look in stretch if instant(look["at"]) >= since), None),
            ended=seen[place] if place < len(seen) else None,
        )


def state_of(lasting: Absence | None, *, read: bool) -> State:
    """Return an article's state: `live`, `unread`, `gone` (absent, not confirmed) or `removed` (confirmed).

    `lasting` is the absence that has not ended, `read` tells whether a record of it exists.
    """
    if lasting is not None:
        return "removed" if lasting.removal else "gone"
    return "live" if read else "unread"


def absent_by(looks: Iterable[LookRow], away: Iterable[Absence]) -> str | None:
    """Return who says that an article is away, or back, where it is not only looks of ours that say so; else None.

    `away` is its last absence, or nothing.
    """
    last = next(iter(away), None)
    if last is None or last.ended is None:
        return last.source if last else None
    since = [look for look in _own(looks) if look["at"] >= last.ended and sighted(look)]
    return whose(since).get(last.ended) if all(look.get("source") for look in since) else None


def life(
    looks: Sequence[LookRow], versions: Sequence[Mapping[str, Any]], shifts: Sequence[Mapping[str, Any]] = ()
) -> list[Event]:
    """Return the events of one article in order of time; each is one of EVENTS, with `seq`, the commit that proves it.

    `looks` are its checks in order (at, url, kind, outcome, status, detail, answered, held, crawl, seq), `versions` its
    versions with their `change`, `shifts` what changed beside the versions (at, kind, detail, crawl, seq). A removal is
    believed after two looks at least six hours apart that found nothing, with no sight between.
    """
    begun = [version["captured_at"] for version in versions]
    own = _own(looks)
    seen = [look for look in own if sighted(look)]
    sights = sorted({*begun, *(look["at"] for look in seen)})
    events: list[Event] = [
        *_beginnings(versions, sights),
        *_images(shifts, sights),
        *_gaps(own, begun),
        *moves(event, outside(seen, own_instants(seen))),
        *_mirrors(looks, versions, shifts),
        *_losses(looks),
    ]
    told_by = whose([*versions, *own])
    for each in events:
        each.setdefault("source_before", told_by.get(each["not_before"] or ""))
    return in_order(events)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return events in the order of time."""
    return sorted(events, key=lambda each: (each["not_after"], each["event"], each["detail"]))


def event(name: EventName | RemarkName, not_before: str | None, source: Mapping[str, Any], detail: str) -> Event:
    """Return an event; `source` is the look, version or shift that saw what it led to."""
    at = source.get("at") or source["captured_at"]
    return {
        "event": name,
        "not_before": not_before,
        "not_after": at,
        "crawl": source.get("crawl", ""),
        "detail": detail,
        "source": source.get("source"),
        "seq": source.get("seq", 0),
    }


def _before(sights: Sequence[str], at: str) -> str | None:
    place = bisect_left(sights, at)
    return sights[place - 1] if place else None


def _beginnings(versions: Sequence[Mapping[str, Any]], sights: Sequence[str]) -> Iterator[Event]:
    for version in versions:
        change = version["change"]
        if change is None:
            yield event("discovered", None, version, version["headline"])
        elif change["noise"] not in ROTATING:
            before = change.get("not_before") or _before(sights, version["captured_at"]) or change["from"]
            for each in _edits(version, change, before):
                yield who_before(change, before, each)


def _edits(version: Mapping[str, Any], change: Mapping[str, Any], before: str) -> Iterator[Event]:
    yield event("silently_edited" if change["silent"] else "edited", before, version, _what(change))
    for detail, seq in version.get("alike", ()):
        yield event("edited_together", before, version, detail) | {"seq": max(seq, version.get("seq", 0))}
    if "headline" in change["fields"]:
        yield event("headline_edited", before, version, version["headline"])
    if "published" in change["fields"]:
        yield event("date_changed", before, version, change.get("dated", ""))
    if change.get("another_story"):
        told = f"another story under the same number: {version['headline']}"
        yield event("identity_break", before, version, told)


def _what(change: Mapping[str, Any]) -> str:
    counts = change["counts"]
    noise = f" ({change['noise']})" if change["noise"] else ""
    words = f"+{counts['words_added']} -{counts['words_removed']} words"
    moved = f"; {', '.join(change['clocks'])} moved" if change.get("clocks") else ""
    again = f"; as version {change['returns_to']} again" if change.get("returns_to") else ""
    return f"{', '.join(change['fields'])}: {words}{noise}{moved}{again}"


def _images(shifts: Iterable[Mapping[str, Any]], sights: Sequence[str]) -> Iterator[Event]:
    for shift in shifts:
        if shift["kind"] == "image_changed":
            yield event("image_changed", _before(sights, shift["at"]) or shift["from_at"], shift, shift["detail"])


def _gaps(looks: Sequence[LookRow], begun: Sequence[str]) -> Iterator[Event]:
    for absence in absences(looks, begun):
        if not absence.removal:
            continue
        soft = absence.first["outcome"] == "soft_404"
        proof = absence.proof or absence.last
        gone = event("soft_removed" if soft else "removed", absence.before, absence.first, how(absence.first))
        yield gone | {"seq": max(gone["seq"], proof.get("seq", 0)), "source": absence.source}
        if absence.ended is not None:
            back = next((look for look in looks if look["at"] == absence.ended), {"at": absence.ended})
            yield event("restored", absence.last["at"], back, "answers again")


def how(look: LookRow) -> str:
    """Return in words how a look was answered."""
    return f"answered {look['status']}" + (f", {look['detail']}" if look["detail"] else "")


def _mirrors(
    looks: Sequence[LookRow], versions: Sequence[Mapping[str, Any]], shifts: Iterable[Mapping[str, Any]]
) -> Iterator[Event]:
    diverged = {shift["at"]: shift for shift in shifts if shift["kind"] == "mirror_diverged"}
    for host, parity in _by_host(look for look in looks if look.get("kind") == "mirror").items():
        last: str | None = None
        known = False
        for look in parity:
            if look["outcome"] in SEEN and not known:
                known = True
                yield event("mirrored", last or _earliest(versions, look["at"]), look, host)
            if (shift := diverged.get(look["at"])) is not None:
                yield event(
                    "mirror_diverged", last or _earliest(versions, look["at"]), look, f"{host}: {shift['detail']}"
                )
            if look["outcome"] in SEEN | ABSENT:
                last = look["at"]


def _earliest(versions: Sequence[Mapping[str, Any]], at: str) -> str:
    # A mirror may have had it from the first hour; nothing says so but the outlet's own date.
    dates = [str(version.get("published") or version["captured_at"]) for version in versions[:1]]
    return min((*dates, at))


def _losses(looks: Sequence[LookRow]) -> Iterator[Event]:
    for host, told in _by_host(looks).items():
        seen = [look["at"] for look in told if look["outcome"] in SEEN | ABSENT]
        for loss in _stretches((look for look in told if _lost(look)), seen):
            if loss.removal:
                detail = f"{host}: {loss.first['detail'] or loss.first['outcome']}"
                seq = (loss.proof or loss.last).get("seq", 0)
                yield event("host_lost", loss.before, loss.first, detail) | {"seq": seq}


def _lost(look: LookRow) -> bool:
    taken_over = look["outcome"] == "challenge" and look.get("reason") in TAKEN_OVER
    return taken_over or look["outcome"] in CUT_OFF


def _by_host(looks: Iterable[LookRow]) -> dict[str, list[LookRow]]:
    hosts: dict[str, list[LookRow]] = {}
    for look in looks:
        hosts.setdefault(host_of(look["url"]), []).append(look)
    return hosts


def remarks(looks: Sequence[LookRow], begun: Sequence[str], shifts: Iterable[Mapping[str, Any]] = ()) -> list[Event]:
    """Return what is no event but worth a word: absences not confirmed, looks that wait, layouts, the longest gap.

    Their names are `not_found`, `waits`, `layout` and `not_observed`; the last is the longest time between two looks
    that were answered, in which nothing is known of the article.
    """
    own = _own(looks)
    told = [
        event("not_found", absence.before, absence.first, f"{how(absence.first)}; {_UNCONFIRMED}")
        for absence in absences(own, begun)
        if absence.ended is None and not absence.removal
    ]
    told += [event("waits", None, look, f"{look['outcome']}; {_SUSPECT}") for look in own if look.get("held")]
    told += [event("layout", s["from_at"], s, s["detail"]) for s in shifts if s["kind"] == "layout"]
    answered = sorted({*begun, *(look["at"] for look in own if look["outcome"] in SEEN | ABSENT)})
    gaps = [(instant(b) - instant(a), a, b) for a, b in pairwise(answered)]
    if gaps:
        span, since, until = max(gaps)
        whole = span - timedelta(microseconds=span.microseconds)
        told.append(event("not_observed", since, {"at": until}, f"the longest time between two looks: {whole}"))
    told_by = whose(own)
    for each in told:
        each["source_before"] = told_by.get(each["not_before"] or "")
    return sorted(told, key=lambda each: (each["not_after"], each["event"]))


_UNCONFIRMED = "a removal is believed after a second look six hours later"
_SUSPECT = "the crawl is suspect: scrapy accept, or a new layout and scrapy replay"
