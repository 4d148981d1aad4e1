"""Pages a second of our crawl beside the naive archiver and bare Scrapy, in turn, over the same heavy pages."""

from dataclasses import dataclass

from benchmarks.children import Broken, Run, bare, least, naive, ours, scratch, whole
from benchmarks.padded import Site, site
from benchmarks.table import Row, alone, compared

MORE, ROUNDS = 280, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One turn of each."""

    ours: Run
    naive: Run
    bare: Run


def turn(place: Site) -> Round:
    """Crawl the whole site once by each. Raises Broken where one did not get and read all of it."""
    with scratch() as folder:
        mine = whole(ours(place, folder, "sections=continu"), place, "our crawl")
        other = naive(place, folder)
        # Bare Scrapy finds nothing by itself: it is given what the naive spider asked for.
        plain = bare(place, folder, [str(r["path"]) for r in other.asked])
    if plain.articles != place.articles:
        raise Broken(f"bare Scrapy got {plain.articles} of {place.articles} articles: nothing to compare")
    return Round(ours=mine, naive=other, bare=plain)


def measure(more: int = MORE, rounds: int = ROUNDS) -> dict[str, list[Row]]:
    """Return rows by yardstick: pages a second of the clock and of CPU, start-up, peak memory."""
    with site(more) as place:
        turns = [turn(place) for _ in range(rounds)]
    return {
        "naive": [
            compared("pages a second", [(_rate(t.ours), _rate(t.naive)) for t in turns], aim="1, then 1.5"),
            compared("pages a CPU second", [(_cpu(t.ours), _cpu(t.naive)) for t in turns]),
            compared("start to first request, s", [(t.ours.started, t.naive.started) for t in turns], less=True),
            alone("requests an article", [len(t.ours.asked) / t.ours.articles for t in turns]),
        ],
        "bare": [
            compared("pages a second", [(_rate(t.ours), _rate(t.bare)) for t in turns]),
            compared("pages a CPU second", [(_cpu(t.ours), _cpu(t.bare)) for t in turns]),
            compared("start to first request, s", [(t.ours.started, t.bare.started) for t in turns], less=True),
        ],
    }


def floor(more: int = MORE, rounds: int = ROUNDS) -> list[Row]:
    """Return the pages a CPU second that Scrapy leaves to an archiver, beside the naive one's."""
    found: dict[str, list[tuple[float, float]]] = {"kept, parsed, its title read": [], "eight fields read": []}
    with site(more) as place:
        for _ in range(rounds):
            with scratch() as folder:
                other = _cpu(naive(place, folder))
                for fields, pairs in enumerate(found.values()):
                    pairs.append((_cpu(least(place, folder, fields=bool(fields))), other))
    return [compared(f"pages a CPU second; {what}", pairs) for what, pairs in found.items()]


def _rate(run: Run) -> float:
    return run.articles / run.seconds


def _cpu(run: Run) -> float:
    return run.articles / run.cpu


def peak(more: int) -> tuple[int, float]:
    """Return (articles, peak megabytes) of one crawl of a site with `more` generated articles."""
    with site(more) as place, scratch() as folder:
        run = whole(ours(place, folder, "sections=continu"), place, "our crawl")
    return run.articles, run.peak_mb


def memory(sizes: tuple[int, ...] = (1_000, 5_000)) -> list[Row]:
    """Return the peak memory of crawls of so many pages, and how much of it the longer one adds."""
    found = [peak(size) for size in sizes]
    rows = [Row(what=f"peak MB, {pages:,} pages", ours=mb) for pages, mb in found]
    (first, low), (last, high) = found[0], found[-1]
    growth = Row(what="kB more for each further page", ours=(high - low) * 1000 / (last - first), aim="flat")
    return [*rows, growth]
