"""Print the benchmarks, each beside its yardstick in the same run: `python -m benchmarks [part…]`.

Parts: crawl, floor, read, shapes, dates, asked, fold, growth, bootstrap, replay, pages, shares, memory; without a word
all but floor and memory, which take some minutes more.
"""

import sys
from collections.abc import Callable, Iterator

from benchmarks import (
    asked,
    bootstrap,
    crawling,
    dates,
    folding,
    growth,
    indexing,
    pages,
    reading,
    replaying,
    shapes,
    sharing,
)
from benchmarks.children import Broken
from benchmarks.table import Row, lines, say

Tables = Iterator[tuple[str, list[Row], str]]


def crawl() -> Tables:
    tables = crawling.measure()
    yield "our crawl beside a naive archiver", tables["naive"], "naive"
    yield "our crawl beside bare Scrapy", tables["bare"], "bare Scrapy"


def floor() -> Tables:
    yield "Scrapy with our settings, WARC and little else", crawling.floor(), "naive"


def read() -> Tables:
    rows = []
    for what, theirs in {"its metadata too": reading.theirs, "its text alone": reading.text_alone}.items():
        found = reading.measure(theirs)
        own, other = found["ours, pages/s"], found["trafilatura fast, pages/s"]
        rows.append(Row(what=f"pages a second; {what}", ours=own, beside=other, ratio=found["ratio"], aim="4"))
    yield "reading a known layout", rows, "trafilatura"


def hostile() -> Tables:
    for frame in shapes.FRAMES:
        title = f"reading a hostile page of a {frame} layout, ms a megabyte"
        yield title, list(shapes.measure(frame)), "an eighth"


def printed_dates() -> Tables:
    rows = []
    for text, source in dates.FORMS:
        mine, plain = dates.compared(text, source)
        # The last text is no date: there is nothing to be read, and nothing to be quick at but to say so.
        aim = "10" if dates.ours(text, source) and plain else "no date"
        rows.append(Row(what=text, ours=mine, beside=plain, ratio=plain / mine, aim=aim))
    yield "a printed date, µs", rows, "dateparser"


def requests() -> Tables:
    for name, rows in asked.measure().items():
        yield f"crawl: {name}", rows, ""


def fold() -> Tables:
    yield "fold from nothing", folding.measure(), "plain insert"
    yield "search tables of records that are folded", indexing.measure(), "plain FTS5"


def grow() -> Tables:
    yield from growth.measure()


def replay() -> Tables:
    first, second, *others = replaying.measure()
    yield "replay of stored pages", [first], "trafilatura"
    yield "replay shared by two processes", [second, *others], "one process"


def readers() -> Tables:
    yield from pages.measure()


def shares() -> Tables:
    yield f"{sharing.SHARES} shares, or two processes", sharing.measure(), "one process"


def memory() -> Tables:
    yield "memory of our crawl", crawling.memory(), ""


def begin() -> Tables:
    yield "a new machine's first reading, requests but those of records", list(bootstrap.rows()), "nothing derived"


PARTS: dict[str, Callable[[], Tables]] = {
    "crawl": crawl,
    "floor": floor,
    "read": read,
    "shapes": hostile,
    "dates": printed_dates,
    "asked": requests,
    "fold": fold,
    "growth": grow,
    "bootstrap": begin,
    "replay": replay,
    "pages": readers,
    "shares": shares,
    "memory": memory,
}


_LONGER = frozenset({"floor", "memory"})


def main(words: list[str]) -> None:
    """Run the parts named. Exits with a message for an unknown part and where something broke."""
    if unknown := [word for word in words if word not in PARTS]:
        raise SystemExit(f"no benchmark {unknown[0]!r}; choose from {', '.join(PARTS)}")
    for name in words or [name for name in PARTS if name not in _LONGER]:
        try:
            for title, rows, beside in PARTS[name]():
                say(lines(title, rows, beside))
        except Broken as error:
            raise SystemExit(f"{name}: {error}") from error


if __name__ == "__main__":
    main(sys.argv[1:])
