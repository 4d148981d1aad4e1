"""An article's life, told from its looks and its versions: what happened between which two looks.

A look happens at a point in time, an event between two looks: each event has the instants not before and not after
which it happened. Nothing between looks is called unchanged, only not observed.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from archive.ids import instant

SEEN = frozenset({"new", "changed", "unchanged"})
ABSENT = frozenset({"gone", "soft_404"})
REMOVAL_APART = timedelta(hours=6)
Event = dict[str, Any]


def life(looks: Sequence[Mapping[str, Any]], versions: Sequence[Mapping[str, Any]]) -> list[Event]:
    """Return the events of one article in order of time.

    `looks` are its checks in order (at, outcome, detail …), `versions` its versions with their `change`. A removal is
    believed after two looks at least six hours apart that found nothing, with no sight between.
    """
    sights = sorted({look["at"] for look in looks if look["outcome"] in SEEN} | {v["captured_at"] for v in versions})
    events = [*_beginnings(versions, sights), *_absences(looks, sights)]
    return sorted(events, key=lambda event: (event["not_after"], event["event"]))


def _beginnings(versions: Sequence[Mapping[str, Any]], sights: Sequence[str]) -> Iterator[Event]:
    for version in versions:
        at, change = version["captured_at"], version["change"]
        if change is None:
            yield _event("discovered", None, at, version["headline"])
            continue
        before = max((sight for sight in sights if sight < at), default=change["from"])
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


def _absences(looks: Sequence[Mapping[str, Any]], sights: Sequence[str]) -> Iterator[Event]:
    first: Mapping[str, Any] | None = None
    removed = False
    for look in looks:
        if look["outcome"] in ABSENT:
            if first is None:
                first = look
                before = max((sight for sight in sights if sight < look["at"]), default=None)
            elif not removed and instant(look["at"]) - instant(first["at"]) >= REMOVAL_APART:
                removed = True
                yield _event("removed", before, first["at"], _how(first))
        elif look["outcome"] in SEEN and first is not None:
            if removed:
                yield _event("restored", first["at"], look["at"], "answers again")
            first, removed = None, False
    if first is not None and not removed:
        detail = f"{_how(first)}; a removal is believed after a second look six hours later"
        yield _event("not_found", before, first["at"], detail)


def _how(look: Mapping[str, Any]) -> str:
    return f"answered {look['status']}" + (f", {look['detail']}" if look["detail"] else "")


def _event(name: str, not_before: str | None, not_after: str, detail: str) -> Event:
    return {"event": name, "not_before": not_before, "not_after": not_after, "detail": detail}
