"""What `scrapy browse` reads: an archive or exported files, and what pages are told of the outlet.

It lies apart from the command, since Scrapy imports every command to begin any.
"""

import re
from datetime import datetime
from itertools import chain
from pathlib import Path

from archive.errors import UsageError
from archive.exported.lines import lines_of
from archive.exported.rebuilt import rebuilt
from archive.facts.items import Capture
from archive.languages.vocabulary import Vocabulary
from archive.opened import Archive, open_archive
from browse.asking import ReadAlone
from browse.outlet import OutletFacts
from crawler.crawl.named import FoundAt, article_named
from crawler.crawl.progress import counting
from crawler.editions.edition import Edition
from crawler.editions.known import vocabulary_of
from crawler.net.wrapped import unwrapped
from crawler.pages import decoding

_FILE = re.compile(r"\.(?:jsonl|json|gz|zst|zstd)\Z")


def opened(sources: list[str], catalog: Path, vocabulary: Vocabulary) -> tuple[Archive, ReadAlone | None]:
    """Open the archive that one source names, or make one of exported files; its catalog is made at a path.

    `vocabulary` is that of the edition that exported files are taken for. Raises as `open_archive`, `lines_of` and
    `rebuilt` do.
    """
    with counting("folding commits") as progress:
        if len(sources) == 1 and _is_archive(sources[0]):
            return open_archive(sources[0], catalog, vocabulary_of=vocabulary_of, progress=progress), None
        made = rebuilt(chain.from_iterable(map(lines_of, sources)), catalog, vocabulary, progress)
    names = tuple(source.rpartition("/")[2] for source in sources)
    return made.archive, ReadAlone(names=names, looks=bool(made.rows.get("check")))


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
