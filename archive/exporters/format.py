"""What a format of `scrapy export` says of itself: its views, its own options, and the function that writes it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from archive.catalog.selection import Word

Progress = Callable[[Iterable[Any]], Iterable[Any]]
"""Gives back what goes through it, and lets somebody watch it pass."""
Takes = Literal["file", "either", "folder"]
"""What a format is written to: a file or stream, a folder, or either as the target says."""


def unwatched(passing: Iterable[Any]) -> Iterable[Any]:
    """Give back what goes through: the `Progress` of nobody."""
    return passing


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An option that not every format has; its value is text."""

    name: str
    """On the command line with two dashes before it, in `write` the keyword: a lower-case word."""
    metavar: str
    """What stands for the value in the help."""
    default: str
    help: str
    """What it is for, in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLines:
    """Of a format whose file is rows one after the other, how these are written: by any process, the same bytes."""

    head: Callable[..., bytes]
    """`head(view, **options)`: what stands before the first row."""
    of: Callable[[str, Iterable[Any]], bytes]
    """Of a view and some of its rows: these as they are written. It can be pickled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to write an archive to a file."""

    name: str
    """The word on the command line."""
    views: tuple[str, ...]
    """What can be written in it; the first where none is asked for."""
    words: Mapping[str, frozenset[Word]] = field(default_factory=dict)
    """View → words of the selection that mean something in it, where they are not those of the view elsewhere."""
    options: tuple[Option, ...] = ()
    write: Callable[..., int]
    """`write(archive, view, *, chosen, target, progress, **options)`: write what of the view was chosen to a target of
    `targets.py`, and return how many rows there were; each of the options is given by its name."""
    lines: WrittenLines | None = None
    """How several processes may make its rows; None where one has to."""
    text: bool = True
    """Whether a terminal can show it."""
    place: Takes = "file"
    grows: Literal["either", "folder"] | None = None
    """Where an export of it takes in what came since a commit: in any place, or in a folder only; None: nowhere."""


def views_of(formats: Iterable[Format]) -> tuple[str, ...]:
    """Return every view that one of the formats has, once."""
    return tuple(dict.fromkeys(view for each in formats for view in each.views))


def default_views(formats: Iterable[Format]) -> str:
    """Return in words which view is written where none is asked for: the first format's, and what others do else."""
    first, *others = formats
    named = (f"{each.name}: {each.views[0]}" for each in others if each.views[0] != first.views[0])
    return "; ".join([first.views[0], *named])


def options_of(formats: Iterable[Format]) -> Iterator[tuple[Option, str]]:
    """Yield every option once, as the first format that has it declares it, and the names of those that have it."""
    having: dict[str, list[tuple[Option, str]]] = {}
    for each in formats:
        for option in each.options:
            having.setdefault(option.name, []).append((option, each.name))
    for found in having.values():
        yield found[0][0], ", ".join(name for _, name in found)
