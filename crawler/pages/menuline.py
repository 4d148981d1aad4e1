"""A breadcrumb that no class marks: a line near the headline whose names all stand in the menu too."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from crawler.pages.breadcrumb import split_names, without_headline
from crawler.pages.page import Page, fold, text_of
from crawler.pages.story import FOOT, Story
from crawler.pages.units import Unit

_LONGEST_NAME = 60


def named_line(story: Story, menu: Sequence[str], headline: str) -> tuple[tuple[str, ...], str]:
    """Return the names of the line nearest to the headline whose parts all stand in the menu too."""
    names = Counter(map(fold, menu))
    for line in _lines(story, names):
        found = without_headline(split_names(line), headline)
        if found and all(fold(name) in names for name in found):
            return found, "generic:line of menu names"
    return (), ""


def menu_names(page: Page) -> list[str]:
    """Return the names of a page's links to anything but articles: the menu's sections among them."""
    short = (a for a in page.root.iter("a") if a.get("href") and page.held(a).chars < _LONGEST_NAME)
    links = (a for a in short if not page.edition.article_id(page.absolute(a.get("href"))))
    return [name for name in map(text_of, links) if len(name) < _LONGEST_NAME]


def _lines(story: Story, names: Counter[str]) -> Iterator[str]:
    """Yield the lines near the headline, nearest first: those above it, those before the text, those behind it."""
    units, start = story.units, story.start
    yield from _joined(units[:start][::-1], names, backwards=True)
    if start:
        first = min(story.first, story.end)
        yield from _joined(units[start:first], names)
        # Behind the text a single name is the title of a box.
        behind = _joined(units[first : story.end + FOOT], names)
        yield from (line for line in behind if len(split_names(line)) > 1)


def _joined(units: Iterable[Unit], names: Counter[str], *, backwards: bool = False) -> Iterator[str]:
    """Yield the units' texts; neighbours in one element that are each a name of the menu make one line."""
    # A line of links that stand nowhere else is the menu itself.
    kept = [u for u in units if not u.links or any(names[fold(title)] > 1 for title, _ in u.links)]
    for named, group in groupby(kept, key=lambda u: u.node.getparent() if fold(u.text) in names else None):
        texts = [u.text for u in group]
        yield from texts if named is None else [" / ".join(reversed(texts) if backwards else texts)]
