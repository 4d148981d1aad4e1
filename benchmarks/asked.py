"""What a first crawl, an unchanged second one, and a look at everything again ask of the outlet and of the store."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from archive.stores.memory import MemoryStore
from archive.stores.probe import probe
from benchmarks.children import Broken, Run, commits, ours, scratch
from benchmarks.padded import Site, site
from benchmarks.table import Row

MORE = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One crawl counted at both ends."""

    run: Run
    puts: int
    """Objects made: each is one put request."""
    batch_puts: int
    """Those of batches: all but archive.json, which is made once."""
    stored: int
    """Their bytes."""
    batches: int


class Counting(MemoryStore):
    """A store that counts the puts asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.puts = 0

    def create(self, key: str, data: bytes) -> None:
        """Count, then see `Store.create`."""
        self.puts += 1
        super().create(key, data)


def probe_puts() -> int:
    """Return how many puts the probe asks for, once a day and machine; it leaves no object behind to be counted."""
    store = Counting()
    probe(store)
    return store.puts


def objects(folder: Path) -> dict[str, int]:
    """Return the objects of the archive below a folder: key and bytes."""
    root = folder / "archive"
    return {path.relative_to(root).as_posix(): path.stat().st_size for path in root.rglob("*") if path.is_file()}


def crawl(place: Site, folder: Path, *arguments: str) -> Crawl:
    """Crawl into `folder` and count what is there that was not before."""
    before = objects(folder)
    run = ours(place, folder, *arguments)
    made = {key: size for key, size in objects(folder).items() if key not in before}
    batches = sum(key.startswith("log/") for key in made)
    return Crawl(
        run=run,
        puts=len(made),
        batch_puts=len(made.keys() - {"archive.json"}),
        stored=sum(made.values()),
        batches=batches,
    )


def kinds(run: Run) -> Counter[str]:
    """Return how many requests of a crawl were for articles, listings and the rest, and how many found a 304."""
    names = {"/Detail/": "articles", "/Section/": "listings"}
    counts = Counter(
        next((name for start, name in names.items() if r["path"].startswith(start)), "front, feed, robots")
        for r in run.asked
    )
    counts["304"] = sum(r["status"] == 304 for r in run.asked)
    return counts


def three(place: Site, folder: Path) -> dict[str, Crawl]:
    """Crawl three times into one archive, nothing changing. Raises Broken where the first did not read every page."""
    first = crawl(place, folder)
    if not 0 < first.run.articles == first.run.items:
        raise Broken(f"the first crawl got {first.run.articles} articles and read {first.run.items}: nothing to count")
    second = crawl(place, folder)
    again = crawl(place, folder, "recheck=all")
    if commits(folder)[-1].summary.get("exit") != 0:
        raise Broken("the last crawl did not end well: nothing to count")
    return {"first": first, "second, unchanged": second, "unchanged, recheck=all": again}


def measure(more: int = MORE) -> dict[str, list[Row]]:
    """Return rows by crawl."""
    with site(more) as place, scratch() as folder:
        crawls = three(place, folder)
    aims = {"second, unchanged": "0 but due looks"}
    tables = {name: rows_of(found, aims.get(name, "")) for name, found in crawls.items()}
    tables["first"].append(Row(what="puts of the store's probe, once a day", ours=probe_puts()))
    return tables


def rows_of(found: Crawl, aim: str = "") -> list[Row]:
    """Return what one crawl asked for; `aim` is said of its requests for articles."""
    counts = kinds(found.run)
    return [
        Row(what="requests", ours=len(found.run.asked)),
        Row(what="  for articles", ours=counts["articles"], aim=aim),
        Row(what="  for listings", ours=counts["listings"]),
        Row(what="  for front page, feed, robots.txt", ours=counts["front, feed, robots"]),
        Row(what="  answered 304", ours=counts["304"]),
        Row(what="bytes received, headers apart", ours=sum(r["sent"] for r in found.run.asked)),
        Row(what="put requests", ours=found.puts),
        Row(what="put requests a batch", ours=found.batch_puts / max(found.batches, 1), aim="at most 6"),
        Row(what="bytes stored", ours=found.stored),
    ]
