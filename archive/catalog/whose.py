"""Whose a look is: ours, or of others. What others captured has its place in time, and never among our looks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

Seen = TypeVar("Seen", bound=Mapping[str, Any])
_Event = TypeVar("_Event", bound=Any)


def whose(seen: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """Return instant → who looked or captured then, None for ourselves; ours where it was both, else the least name.

    `seen` are looks (`at`) and versions (`captured_at`), each with its `source`.
    """
    found: dict[str, str | None] = {}
    for each in seen:
        at, source = each.get("at") or each["captured_at"], each.get("source")
        known = found.get(at, source)
        found[at] = min(known, source) if known and source else None
    return found


def who_before(change: Mapping[str, Any], before: str, event: _Event) -> _Event:
    """Return an event of a change, with who saw the version before it where others did, and nobody since, by `before`.

    Others may have captured it at the very instant of a look of ours, which saw another one.
    """
    source = change.get("source_before") if change["from"] == before else None
    if source:
        event["source_before"] = source
    return event


def outside(looks: Iterable[Seen], ours: Sequence[str]) -> list[Seen]:
    """Return looks without those of others that lie between the first and the last of our instants."""
    if not ours:
        return list(looks)
    since, until = min(ours), max(ours)
    return [look for look in looks if not look.get("source") or not since < look["at"] < until]


def own_instants(looks: Iterable[Seen]) -> list[str]:
    """Return when we looked ourselves."""
    return [look["at"] for look in looks if not look.get("source")]
