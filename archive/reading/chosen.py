"""The words of a selection as a program gives them: the command line's own, as texts, dates, lists and switches."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, TypedDict

from archive.catalog.selection import WORDS, Source, Word
from archive.errors import UsageError
from archive.facts.outcomes import EventName, RemarkName, State

Kinds = EventName | RemarkName


class Choice(TypedDict, total=False):
    """What of an archive is asked for; docs/commands.md (Choosing) says what each word means in each view."""

    section: str | Collection[str]
    """Sections by key or name."""
    since: str | int | date | datetime
    """A commit number; or a day (the outlet's own) or instant (UTC where it names no zone) that is still in it."""
    until: str | date | datetime
    """A day or instant that is still in it."""
    state: State | Collection[State]
    silent: bool
    """Only what was edited silently."""
    event: Kinds | Collection[Kinds]
    source: Source
    """`own`: as if the archive held only our captures."""
    ids: str | int | Collection[str | int]
    """Articles by number or address."""
    query: str
    """Choice that the newest text holds."""


def typed_out(words: Choice) -> dict[Word, Any]:
    """Return words as they stand on a command line: each a text, `silent` a switch; None is a word not given.

    Raises UsageError for a word that is none, and for a `silent` that is neither True nor False.
    """
    known: dict[str, Word] = {word: word for word in WORDS}
    strangers = sorted(set(words) - set(known))
    if strangers:
        raise UsageError(f"no word {strangers[0]!r} to choose by; there are {', '.join(known)}")
    told = {known[word]: value for word, value in words.items() if value is not None}
    if not isinstance(told.get("silent", False), bool):
        raise UsageError(f"silent={told['silent']!r} is neither True nor False")
    return {word: value if word == "silent" else _text(value) for word, value in told.items()}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return ",".join(map(str, value)) if isinstance(value, Collection) else str(value)
