"""Hostile pages: ten shapes of any size that make a careless reader read a page once for each of its boxes."""

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle, islice

from benchmarks import reading
from benchmarks.table import Row, compared

SENTENCE = reading.SENTENCE
SMALL, TIMES, ROUNDS = 50_000, 8, 3
"""Characters of the smaller page, and how much bigger the other one is."""
DEEPEST, A_LEVEL = 450, 200
"""How many boxes the deep shapes nest at most, and for how many characters they nest one: depth grows with size."""


def _repeated(markup: str, size: int) -> str:
    return markup * max(1, size // len(markup))


def _numbered(markup: str, size: int) -> str:
    return "".join(markup.format(n) for n in range(max(1, size // len(markup))))


def _levels(size: int) -> int:
    return min(DEEPEST, size // A_LEVEL)


def _around(inside: str, *tags: str) -> str:
    """Return markup inside boxes of these tags in turn, the deeper the more there is of it."""
    return "".join(f"<{tag}>" for tag in islice(cycle(tags), _levels(len(inside)))) + inside


def _unclosed(size: int) -> str:
    # Each stays open until the end, so that what is written as a line becomes a nest.
    tags, sentences = cycle(("b", "i", "span", "em", "u")), max(1, size // (len(SENTENCE) + 5))
    return "".join(f"<{next(tags)}>{SENTENCE}" if n < _levels(size) else SENTENCE for n in range(sentences))


SHAPES: Mapping[str, Callable[[int], str]] = {
    "p in p": lambda size: _around(_repeated(f"<p>{SENTENCE}</p>", size), "p", "span"),
    "tables": lambda size: _around(_repeated(f"<tr><td>{SENTENCE}</td><td>un</td></tr>", size), "table", "tr", "td"),
    "a": lambda size: _around(
        _numbered(f"<a href='/Detail/2021/05/01/{{}}/sujet'>{SENTENCE}</a><br><br>", size), "a href='/x'", "i"
    ),
    "font": lambda size: _around(_repeated(f"{SENTENCE}<br>", size), "font size=2", "font color=red"),
    "select": lambda size: _around(_repeated(f"<option>{SENTENCE}", size), "select", "option"),
    "forms": lambda size: _around(_repeated(f"<p>{SENTENCE}<input></p>", size), "form class=share", "div"),
    "unclosed": _unclosed,
    "deep": lambda size: _around(_repeated(SENTENCE, size), "div"),
    "wide": lambda size: _repeated(f"<div class=date><p>{SENTENCE}</p></div>", size),
    "both": lambda size: _around(_repeated(f"<p>{SENTENCE}</p>", size), "div class='lead author'", "section"),
}
"""Markup for a page's body of about so many characters."""
FRAMES: Mapping[str, str] = {
    "known": (
        "<html lang=fr><head><title>Le vieux marché sera rénové</title></head><body>"
        "<h1 class=news-title-container>Le vieux marché sera rénové</h1>"
        "<time class=news-detail>Sat May 01, 2021 9:30AM</time>"
        "<div class=news-body-container><p>Le vote a duré une heure.</p>{}"
    ),
    "unknown": (
        "<html lang=fr><head><title>Le vieux marché sera rénové</title></head><body>"
        "<h1>Le vieux marché sera rénové</h1><p>Publié le 1 mai 2021 à 9h30</p>{}"
    ),
}
"""The page around it: a layout of the outlet, and one that nobody knows."""


def page(frame: str, shape: str, size: int) -> str:
    """Return a page of a shape whose body has about so many characters."""
    return FRAMES[frame].format(SHAPES[shape](size))


def per_megabyte(markup: str) -> float:
    """Return how many milliseconds a page costs for each million of its characters."""
    taken = reading.seconds(lambda page: reading.read_of(page).outcome, [markup])
    return taken * 1000 / (len(markup) / 1_000_000)


def measure(frame: str, *, small: int = SMALL, rounds: int = ROUNDS) -> Iterator[Row]:
    """Yield for each shape what a big page costs a megabyte beside one of an eighth; a ratio of one is linear."""
    for shape in SHAPES:
        big, little = (page(frame, shape, size) for size in (TIMES * small, small))
        pairs = [(per_megabyte(big), per_megabyte(little)) for _ in range(rounds)]
        yield compared(shape, pairs, less=True, aim="1")
