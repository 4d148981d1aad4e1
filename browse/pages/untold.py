"""What exported files don't tell, and so no page and no twin claims: it is neither nought nor never."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from archive.catalog.days import Column, Day
from browse.asking import Ask, Subject
from browse.queries.lists import Found, ListName

_TOLD_BY: Mapping[ListName, Subject] = {"silent": "edits", "changed": "edits", "gone": "looks", "back": "looks"}
_DAYS_TOLD: Mapping[Subject, Sequence[Column]] = {
    "edits": ("edited", "silent"), "looks": ("looks", "found", "absent", "failed", "removed", "restored"),
}  # fmt: skip


def untold(ask: Ask, name: ListName) -> str:
    """Return what is said in the place of a list that exported files don't tell; empty where they do."""
    what = _TOLD_BY.get(name)
    return ask.untold(what) if what and not ask.site.tells(what) else ""


def total_of(ask: Ask, name: ListName, everything: Found) -> int | None:
    """Return how many a list holds; None where there is none, and exported files don't tell."""
    return everything.total or (None if untold(ask, name) else 0)


def unknown(ask: Ask) -> frozenset[str]:
    """Return what of a day exported files don't tell."""
    return frozenset(name for what, names in _DAYS_TOLD.items() if not ask.site.tells(what) for name in names)


def day_json(ask: Ask, day: Day) -> dict[str, Any]:
    """Return a day as JSON; None for what exported files don't tell."""
    return {name: None if name in unknown(ask) else value for name, value in asdict(day).items()}
