"""The words of a selection on the command line: one place that adds them, one that reads them."""

import argparse
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import TypeVar

from archive.catalog.articles import Db
from archive.catalog.matching import check_words
from archive.catalog.query import read
from archive.catalog.selection import SOURCES, WORDS, Selection, Word, source_named
from archive.catalog.since import Since, Until
from archive.errors import UsageError
from archive.facts.names import dated
from archive.facts.outcomes import EVENTS, REMARKS, STATES
from crawler.crawl.clock import present
from crawler.crawl.named import listed
from crawler.editions.edition import Edition

Closed = TypeVar("Closed", bound=str)
_LISTINGS = ("front", "feed")
DAYS = "a day is the outlet's own, an instant without a zone UTC"
_METAVARS: dict[Word, str] = {
    "section": "NAME,…", "since": "SEQ|DATE", "until": "DATE", "state": "STATE,…", "event": "EVENT,…",
    "source": "|".join(SOURCES), "ids": "ID,…", "query": "WORDS",
}  # fmt: skip
_HELP: dict[Word, str] = {
    "section": "only of these sections, by key or name",
    "since": f"only from a day or instant on ({DAYS}); with a number what commits past it touched",
    "until": f"only up to a day's end or an instant ({DAYS})",
    "state": f"only of articles in these states: {', '.join(STATES)}",
    "silent": "only what was edited silently",
    "event": "only these events",
    "source": "own: as if only we had captured (default: all)",
    "ids": "only these articles, by number or address",
    "query": "only of articles whose newest text holds these words",
}


def add_processes(parser: argparse.ArgumentParser, what: str = "read") -> None:
    """Add `--processes`, which `archive.parallel.workers.check_processes` checks."""
    parser.add_argument("--processes", type=int, default=1, metavar="N", help=f"{what} in N processes (default: 1)")


def add_selection(
    parser: argparse.ArgumentParser, words: Collection[Word], told: dict[Word, str] | None = None
) -> None:
    """Add the options of a selection that a command has; `told` says what a word means there, where it is special."""
    for word in (word for word in WORDS if word in words):
        about = (told or {}).get(word, _HELP[word])
        if word == "silent":
            parser.add_argument("--silent", action="store_true", help=about)
        elif word == "source":
            parser.add_argument("--source", metavar=_METAVARS[word], default="all", help=about)
        else:
            parser.add_argument(f"--{word}", metavar=_METAVARS[word], help=about)


def given(opts: argparse.Namespace) -> frozenset[Word]:
    """Return the words of a selection that were given."""
    asked = ((word, getattr(opts, word, None)) for word in WORDS)
    return frozenset(word for word, value in asked if value not in (None, False) and (word, value) != ("source", "all"))


def words_of(opts: argparse.Namespace, zone: tzinfo) -> Selection:
    """Read the options of a selection that mean the same in any archive; a day is one of the `zone`.

    Raises UsageError for a word that is none, naming what there is.
    """
    since, until = Since(_day(opts, "since", zone), zone=zone), Until(_day(opts, "until", zone), zone=zone)
    if until.at and since.at > until.at:
        raise UsageError(f"--since {since.text} --until {until.text}: the first is later than the second")
    return Selection(
        since=since,
        until=until,
        states=_closed("state", getattr(opts, "state", None), STATES),
        events=_closed("event", getattr(opts, "event", None), (*EVENTS, *REMARKS)),
        silent=getattr(opts, "silent", False),
        query=_query(getattr(opts, "query", None)),
        source=source_named(getattr(opts, "source", "all")),
    )


def _day(opts: argparse.Namespace, word: Word, zone: tzinfo) -> str | None:
    text: str | None = getattr(opts, word, None)
    return None if text is None else dated(text, present(), zone)


@dataclass(slots=True)
class _SectionKeys:
    """Keys of sections by what pages call them; it can be sent to another process."""

    edition: Edition
    _known: dict[str, str] = field(default_factory=dict)

    def __call__(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = self.edition.menu_section(name).key
        return self._known[name]


def selection_of(opts: argparse.Namespace, edition: Edition, db: Db, number: Callable[[str], str]) -> Selection:
    """Read the options of a selection for an archive of an edition; `number` reads a part of `--ids`.

    Raises UsageError as `words_of`, for a section that neither edition nor archive has, and as `number` does.
    """
    key = _SectionKeys(edition)
    words = words_of(opts, edition.vocabulary.zone)
    return replace(
        words,
        match=check_words(db, words.query, edition.words) if words.query else "",
        sections=_sections(getattr(opts, "section", None), edition, db, key),
        section_of=key,
        ids=_ids(getattr(opts, "ids", None), number),
    )


def _parts(word: str, text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise UsageError(f"--{word} {text!r} names nothing; write one or more, parted by commas")
    return parts


def _closed(word: str, text: str | None, known: Iterable[Closed]) -> frozenset[Closed]:
    by_name: dict[str, Closed] = {name: name for name in known}
    parts = [] if text is None else _parts(word, text)
    for part in parts:
        if part not in by_name:
            raise UsageError(f"no {word} {part!r}; choose from {', '.join(by_name)}")
    return frozenset(by_name[part] for part in parts)


def _sections(text: str | None, edition: Edition, db: Db, key: Callable[[str], str]) -> frozenset[str]:
    found = set()
    for name in [] if text is None else _parts("section", text):
        if edition.section_of(name) is None and name not in _LISTINGS and key(name) not in _held(db, key):
            there = dict.fromkeys([*(section.key for section in edition.sections), *sorted(_held(db, key)), *_LISTINGS])
            raise UsageError(f"no section {name!r} in the edition {edition.name}; choose from {', '.join(there)}")
        found.add(key(name))
    return frozenset(found)


def _held(db: Db, key: Callable[[str], str]) -> set[str]:
    """Return the keys of the sections that the archive's walks and breadcrumbs name, whatever the edition lists."""
    walked = {section for (section,) in db.execute("SELECT section FROM walks")}
    named = {name for (name,) in db.execute("SELECT name FROM sections")}
    return {key(name) for name in walked | named} - {""}


def _ids(text: str | None, number: Callable[[str], str]) -> frozenset[str]:
    if text is None:
        return frozenset()
    found = frozenset(map(number, listed(text)))
    if not found:
        raise UsageError(f"--ids {text!r} names no article; write numbers or addresses, parted by commas")
    return found


def _query(text: str | None) -> str:
    if text is not None:
        read(text, None)
    return text or ""
