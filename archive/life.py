"""An article's life, told from its looks and its versions: what happened between which two looks.

A look happens at a point in time, an event between two looks: each event has the instants not before and not after
which it happened. Nothing between looks is called unchanged, only not observed.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from archive.ids import instant

SEEN = frozenset({"new", "changed", "unchanged"})
ABSENT = frozenset({"gone", "soft_404"})
REMOVAL_APART = timedelta(hours=6)
Event = dict[str, Any]
Look = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A stretch of looks that found nothing, with no sight of the article between them."""

    before: str | None
    """The last sight before it, None for an article that was never seen."""
    first: Look
    last: Look
    ended: str | None
    """The sight that ended it; None while it lasts."""

    @property
    def removal(self) -> bool:
        """Whether it is believed: the article had been seen, and two of the looks are six hours apart or more."""
        apart = instant(self.last["at"]) - instant(self.first["at"])
        return self.before is not None and apart >= REMOVAL_APART


def absences(looks: Iterable[Look], sights: Iterable[str]) -> Iterator[Absence]:
    """Yield the stretches in which an article was absent, in order of time.

    `looks` are its checks (at, url, outcome …), `sights` instants at which it was seen besides. Walls, errors and
    time-outs say nothing. Once a look has seen the article, only hosts that have served it are believed to miss it: a
    mirror may never have had it.
    """
    told = list(looks)
    hosts = {_host(look) for look in told if look["outcome"] in SEEN}
    missed = [look for look in told if look["outcome"] in ABSENT and (not hosts or _host(look) in hosts)]
    if not missed:
        return
    seen = sorted({*sights, *(look["at"] for look in told if look["outcome"] in SEEN)})
    stretches: dict[int, list[Look]] = {}
    for look in sorted(missed, key=lambda look: str(look["at"])):
        stretches.setdefault(bisect_left(seen, look["at"]), []).append(look)
    for place, stretch in stretches.items():
        yield Absence(
            before=seen[place - 1] if place else None,
            first=stretch[0],
            last=stretch[-1],
            ended=seen[place] if place < len(seen) else None,
        )


def _host(look: Look) -> str:
    return str(look["url"]).split("/", 3)[2].lower() if "//" in look["url"] else ""


def state(looks: Iterable[Look], sights: Sequence[str], *, read: bool) -> str:
    """Return an article's state: `live`, `unread`, `gone` (absent, not confirmed) or `removed` (confirmed).

    `read` tells whether a record of it exists.
    """
    lasting = [absence for absence in absences(looks, sights) if absence.ended is None]
    if lasting:
        return "removed" if lasting[-1].removal else "gone"
    return "live" if read else "unread"


def life(looks: Sequence[Look], versions: Sequence[Mapping[str, Any]]) -> list[Event]:
    """Return the events of one article in order of time.

    `looks` are its checks in order (at, url, outcome, status, detail), `versions` its versions with their `change`. A
    removal is believed after two looks at least six hours apart that found nothing, with no sight between.
    """
    begun = [version["captured_at"] for version in versions]
    sights = sorted({*begun, *(look["at"] for look in looks if look["outcome"] in SEEN)})
    events = [*_beginnings(versions, sights), *_gaps(looks, begun)]
    return sorted(events, key=lambda event: (event["not_after"], event["event"]))


def _beginnings(versions: Sequence[Mapping[str, Any]], sights: Sequence[str]) -> Iterator[Event]:
    for version in versions:
        at, change = version["captured_at"], version["change"]
        if change is None:
            yield _event("discovered", None, at, version["headline"])
            continue
        place = bisect_left(sights, at)
        before = sights[place - 1] if place else change["from"]
        name = "silently_edited" if change["silent"] else "edited"
        yield _event(name, before, at, _what(change))
        if "headline" in change["fields"]:
            yield _event("headline_edited", before, at, version["headline"])
        if "published" in change["fields"]:
            yield _event("date_changed", before, at, "")


def _what(change: Mapping[str, Any]) -> str:
    counts = change["counts"]
    noise = f" ({change['noise']})" if change["noise"] else ""
    words = f"+{counts['words_added']} -{counts['words_removed']} words"
    return f"{', '.join(change['fields'])}: {words}{noise}"


def _gaps(looks: Sequence[Look], begun: Sequence[str]) -> Iterator[Event]:
    for absence in absences(looks, begun):
        if absence.removal:
            yield _event("removed", absence.before, absence.first["at"], _how(absence.first))
            if absence.ended is not None:
                yield _event("restored", absence.last["at"], absence.ended, "answers again")
        elif absence.ended is None:
            detail = f"{_how(absence.first)}; a removal is believed after a second look six hours later"
            yield _event("not_found", absence.before, absence.first["at"], detail)


def _how(look: Look) -> str:
    return f"answered {look['status']}" + (f", {look['detail']}" if look["detail"] else "")


def _event(name: str, not_before: str | None, not_after: str, detail: str) -> Event:
    return {"event": name, "not_before": not_before, "not_after": not_after, "detail": detail}
