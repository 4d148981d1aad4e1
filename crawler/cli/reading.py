"""What `scrapy browse` reads: an archive or exported files, and what pages are told of the outlet.

It lies apart from the command, since Scrapy imports every command to begin any.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path

from archive.catalog.snapshots import SnapshotJudge
from archive.errors import UsageError
from archive.exported.lines import lines_of
from archive.exported.manifests import manifest_beside
from archive.exported.rebuilt import Rebuilt, rebuilt
from archive.exported.searchable import Searchable
from archive.facts.items import Capture
from archive.log.chain import ARCHIVE_KEY
from archive.opened import Archive, open_archive
from archive.stores.opening import open_place
from browse.asking import ReadAlone
from browse.outlet import OutletFacts
from crawler.crawl.named import FoundAt, article_named
from crawler.crawl.progress import counting, measuring
from crawler.editions.edition import Edition
from crawler.editions.known import vocabulary_of
from crawler.net.wrapped import unwrapped
from crawler.pages import decoding

_EXPORTED = re.compile(r"\.jsonl(?:\.(?:gz|zst|zstd))?\Z")
_FILE = re.compile(r"\.(?:jsonl|json|gz|zst|zstd)\Z")


def opened(
    sources: Sequence[str], folder: Path, edition: str, judge: SnapshotJudge | None
) -> tuple[Archive, ReadAlone | None, Searchable | None]:  # fmt: skip
    """Open the archive that one source names, or make one of exported files (or a folder's), in an empty folder.

    An archive begins with a snapshot that `judge` does not call bad. `edition` is the one that is taken where files say
    none. What makes exported files searchable is not begun.
    Raises as `open_archive`, `lines_of` and `rebuilt` do.
    """
    catalog = folder / "catalog.sqlite"
    sources = [each for source in sources for each in _files_of(source)]
    if len(sources) == 1 and _is_archive(sources[0]):
        with counting("folding commits") as progress:
            found = open_archive(sources[0], catalog, vocabulary_of=vocabulary_of, progress=progress, judge=judge)
        return found, None, None
    beside = {source: manifest_beside(source) for source in sources}
    files = [each for pair in beside.items() for each in pair if each]
    with measuring("reading exported files") as reading, measuring("folding") as folding:
        made = rebuilt(
            chain.from_iterable(map(lines_of, files)), folder, lambda name: vocabulary_of(name or edition),
            reading=reading, folding=folding,
        )  # fmt: skip
    searchable = Searchable(catalog, made.archive.catalog.vocabulary.language)
    names = tuple(source.rpartition("/")[2] for source in sources)
    return made.archive, _alone(names, made, searchable), searchable


@contextmanager
def made_searchable(searchable: Searchable | None, complain: Callable[[str], None]) -> Iterator[None]:
    """Make exported files searchable while the block lasts; it ends with it. `complain` is told where that fails."""
    if searchable is None:
        yield
        return
    searchable.start(complain)
    try:
        yield
    finally:
        searchable.stop()


def _alone(names: tuple[str, ...], made: Rebuilt, searchable: Searchable) -> ReadAlone:
    heads = {(told.head.seq, told.head.digest) for told in made.manifests if told.head.seq}
    return ReadAlone(
        names=names,
        looks=bool(made.rows.get("check")),
        edits=made.edits,
        crawls=bool(made.rows.get("commit")),
        # Of files of several days none says of which commit they all are.
        head=made.head or (heads.pop() if len(heads) == 1 else None),
        parts=any(told.selection for told in made.manifests),
        searchable=lambda: (searchable.done, searchable.of, searchable.broken),
    )


def _files_of(source: str) -> Sequence[str]:
    """Return the exported files in a folder that is no archive; any other source as it is."""
    if source.startswith("s3://"):
        return (source,) if _FILE.search(source) else _objects_of(source)
    folder = Path(source.removeprefix("file:"))
    if not folder.is_dir() or (folder / "archive.json").exists():
        return (source,)
    found = sorted(str(path) for path in folder.iterdir() if path.is_file() and _EXPORTED.search(path.name))
    return found or (source,)


def _objects_of(source: str) -> Sequence[str]:
    place = open_place(source)
    if any(name == ARCHIVE_KEY for name in place.names(ARCHIVE_KEY)):
        return (source,)
    names = (name.removeprefix("/") for name in place.names() if name.removeprefix("/").count("/") == 0)
    return sorted(f"{source.rstrip('/')}/{name}" for name in names if _EXPORTED.search(name)) or (source,)


def _is_archive(source: str) -> bool:
    """Tell whether a source is a place and no file."""
    return not _FILE.search(source) if source.startswith("s3://") else Path(source.removeprefix("file:")).is_dir()


def facts_of(edition: Edition) -> OutletFacts:
    """Return what pages are told of an edition."""

    def article_of(url: str, seen: FoundAt) -> tuple[str, datetime | None] | None:
        try:
            number = article_named(url if "/" in url else "", edition, seen)
        except UsageError:
            return None
        return number, unwrapped(url if "://" in url else f"https://{url}")[1]

    return OutletFacts(
        name=edition.outlet,
        edition=edition.name,
        language=edition.language,
        zone=edition.zone,
        sections={section.key: section.name for section in edition.sections},
        article_of=article_of,
        html_of=_html_of,
    )


def _html_of(capture: Capture) -> str:
    return decoding.html(capture)[0]
