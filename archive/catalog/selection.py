"""What of an archive is asked for, by the same words in every command and export: a condition on articles and rows."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from archive.catalog.schema import MEMBER, members
from archive.catalog.since import Since, Until
from archive.errors import UsageError
from archive.facts.outcomes import EventName, RemarkName, State

Word = Literal["section", "since", "until", "state", "silent", "event", "source", "ids", "query"]
WORDS: tuple[Word, ...] = get_args(Word)
Source = Literal["own", "all"]
SOURCES: tuple[Source, ...] = get_args(Source)
_SILENTLY: EventName = "silently_edited"
Where = tuple[str, list[Any]]
"""A condition in SQL that begins with AND, or nothing, and its parameters."""


def source_named(text: str) -> Source:
    """Read `--source`. Raises UsageError for a word that is none."""
    found = next((source for source in SOURCES if source == text), None)
    if found is None:
        raise UsageError(f"no source {text!r}; choose from {', '.join(SOURCES)}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A choice of articles, and of what is told of them; nothing given is everything."""

    since: Since = field(default_factory=Since)
    until: Until = field(default_factory=Until)
    sections: frozenset[str] = frozenset()
    """Keys, as `section_of` gives them: one of them is enough."""
    section_of: Callable[[str], str] = str
    """The key of the section that a page's breadcrumb or a listing names."""
    states: frozenset[State] = frozenset()
    events: frozenset[EventName | RemarkName] = frozenset()
    silent: bool = False
    """Only what was edited silently."""
    ids: frozenset[str] = frozenset()
    query: str = ""
    """Words that the newest text holds,"""
    match: str = ""
    """and how the index is asked for them (`matching.check_words`)."""
    source: Source = "all"
    span: tuple[int, int] | None = None
    """Of the articles those whose numbers lie between these two, both included; None: all."""

    def timely(self, *instants: str | None) -> bool:
        """Return whether one of the instants (RFC 3339) lies within the days that were asked for."""
        until = self.until.at
        return any(at is not None and self.since.at <= at and (not until or at <= until) for at in instants)

    def happened(self, event: str, at: str) -> bool:
        """Return whether an event of that name, seen at that instant, was asked for."""
        named = not self.events or event in self.events
        return named and (not self.silent or event == _SILENTLY) and self.timely(at)

    def is_timed(self) -> bool:
        """Return whether days or instants were asked for."""
        return bool(self.since.at or self.until.at)

    def in_section(self, names: Collection[str]) -> bool:
        """Return whether one of these sections, by whatever names, was asked for."""
        return not self.sections or any(self.section_of(name) in self.sections for name in names)

    def articles(self, column: str) -> Where:
        """Return the condition that a column holds the number of an article that was asked for.

        Of the articles touched since a commit: what earlier exports told of the others still stands.
        """
        asked: list[tuple[str, Any]] = []
        if self.span:
            asked += [("{0} >= ?", self.span[0]), ("{0} <= ?", self.span[1])]
        if self.ids:
            asked.append(("{0} IN (SELECT value FROM json_each(?))", self._numbers()))
        if self.since.seq:
            asked.append(("{0} IN (SELECT article_id FROM touched WHERE seq > ?)", self.since.seq))
        if self.states:
            stands = f"EXISTS (SELECT 1 FROM articles s WHERE s.article_id = {{0}} AND s.state {MEMBER})"
            asked.append((stands, members(self.states)))
        if self.query:
            asked.append(("{0} IN (SELECT rowid FROM texts WHERE texts MATCH ?)", self.match))
        return "".join(f" AND {holds.format(column)}" for holds, _ in asked), [value for _, value in asked]

    def touched(self, column: str) -> Where:
        """Return the condition on articles that never becomes another one: of those that left the selection, too."""
        return (f" AND {column} IN (SELECT value FROM json_each(?))", [self._numbers()]) if self.ids else ("", [])

    def told(self) -> dict[str, Any]:
        """Return what was asked for, JSON-ready, by the words of the command line; what was not is left out."""
        given: dict[Word, Any] = {
            "section": sorted(self.sections), "since": self.since.seq or self.since.at, "until": self.until.at,
            "state": sorted(self.states), "silent": self.silent, "event": sorted(self.events),
            "source": self.source if self.source != "all" else "", "ids": sorted(self.ids, key=int),
            "query": self.query,
        }  # fmt: skip
        return {word: value for word, value in given.items() if value}

    def _numbers(self) -> str:
        return f"[{','.join(sorted(self.ids, key=int))}]"


EVERYTHING = Selection()
