"""An article's life in a sentence or two: when it was published, and what was done to it between which looks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from archive.facts.names import instant
from archive.facts.outcomes import EventName
from browse.shown import changes
from browse.tongue import Tongue

_MOST = 5
Label = Literal["", "silent", "gone"]
_LABELS: Mapping[EventName, Label] = {
    "silently_edited": "silent", "removed": "gone", "soft_removed": "gone", "identity_break": "gone",
}  # fmt: skip
"""What carries a label: the reader is here for it."""
_QUOTED: frozenset[str] = frozenset({"discovered", "headline_edited", "teaser_edited"})
"""What tells in the outlet's own words."""
_TOLD: tuple[EventName, ...] = (
    "silently_edited", "edited", "removed", "soft_removed", "restored", "identity_break", "moved", "teaser_edited",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A piece of the sentence: its first words, and when."""

    words: str
    when: str
    label: Label = ""


def span(tongue: Tongue, not_before: str | None, not_after: str) -> str:
    """Return the two looks between which something happened, in words."""
    if not_before is None:
        return tongue.say("by %(end)s", end=tongue.moment(not_after))
    if tongue.day(not_before) == tongue.day(not_after):
        start, end = tongue.time(not_before), tongue.time(not_after)
        if start == end:
            return tongue.say("at %(time)s on %(day)s", time=start, day=tongue.day(not_after))
        return tongue.say("between %(start)s and %(end)s on %(day)s", start=start, end=end, day=tongue.day(not_after))
    return tongue.say("between %(start)s and %(end)s", start=tongue.moment(not_before), end=tongue.moment(not_after))


def event_name(tongue: Tongue, name: str) -> str:
    """Return what an event or remark is called."""
    names = {
        "discovered": tongue.say("first seen"),
        "silently_edited": tongue.say("edited without notice"),
        "edited": tongue.say("edited"),
        "headline_edited": tongue.say("headline changed"),
        "date_changed": tongue.say("date of publication changed"),
        "image_changed": tongue.say("picture changed"),
        "removed": tongue.say("removed"),
        "soft_removed": tongue.say("removed, the page answers as if it were there"),
        "restored": tongue.say("back"),
        "moved": tongue.say("moved to another host"),
        "slug_changed": tongue.say("address changed"),
        "mirrored": tongue.say("seen on a mirror"),
        "mirror_diverged": tongue.say("a mirror shows another text"),
        "identity_break": tongue.say("another story under the same number"),
        "host_lost": tongue.say("host lost"),
        "edited_together": tongue.say("changed together with other articles"),
        "teaser_edited": tongue.say("reworded on a listing alone"),
        "teaser_changed_together": tongue.say("teaser changed together with others"),
        "not_found": tongue.say("not found at the last look"),
        "waits": tongue.say("seen by a crawl under suspicion, not counted yet"),
        "layout": tongue.say("read in another layout"),
        "not_observed": tongue.say("longest time without a look"),
        "teaser_rotates": tongue.say("teaser takes turns"),
    }
    return names.get(name, name)


def detail(
    tongue: Tongue, event: Mapping[str, Any], outlet: str, changed: Mapping[str, Mapping[str, Any]]
) -> tuple[str, str]:
    """Return what more is told of an event, and in which language; `outlet` is the outlet's.

    `changed` are the changes of versions by the instant at which they were captured.
    """
    name, change = event["event"], changed.get(event["not_after"])
    if name in ("edited", "silently_edited") and change:
        return changes.fields(tongue, change), tongue.code
    if name == "not_observed" and event["not_before"]:
        return tongue.length(instant(event["not_after"]) - instant(event["not_before"])), tongue.code
    # What the archive notes of a look is in English, as in its exports.
    return event["detail"], outlet if name in _QUOTED else "en"


def published(tongue: Tongue, moment: Mapping[str, Any] | None) -> str:
    """Return the sentence of when an article was published, as its page says."""
    if not moment or not moment["utc"]:
        return tongue.say("Its date of publication is not known.")
    if moment["precision"] == "day":
        return tongue.say("Published on %(day)s.", day=tongue.long_day(moment["utc"]))
    told = {"day": tongue.long_day(moment["utc"]), "time": tongue.time(moment["utc"]), "place": tongue.place}
    if "assumed" in moment["zone"]:
        return tongue.say("Published on %(day)s at %(time)s (%(place)s time, assumed).", **told)
    return tongue.say("Published on %(day)s at %(time)s (%(place)s time).", **told)


def clauses(tongue: Tongue, history: Mapping[str, Any]) -> tuple[list[Clause], int]:
    """Return the pieces of what happened, in order of time, and how many more there would be."""
    events: Sequence[Mapping[str, Any]] = [*_worth(history)]
    told = [
        Clause(
            words=event_name(tongue, event["event"]),
            when=span(tongue, event["not_before"], event["not_after"]),
            label=_LABELS.get(event["event"], ""),
        )
        for event in events[:_MOST]
    ]
    return told, max(0, len(events) - _MOST)


def _worth(history: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (event for event in history["events"] if event["event"] in _TOLD)
    if history["state"] == "gone":
        yield from (remark for remark in history["remarks"] if remark["event"] == "not_found")
