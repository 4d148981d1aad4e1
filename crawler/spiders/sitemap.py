"""One sitemap file: an index of others, or addresses of pages; packed or not, with XML's dangerous parts off."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from lxml import etree
from scrapy.utils.sitemap import Sitemap

from archive.errors import ArchiveError
from crawler.pages.decoding import unpack

LIMIT = 32 * 1024 * 1024
"""How many bytes are read, unpacked; the protocol allows 50 MB, and no file of an outlet this size comes near."""
MOST = 50_000
"""How many entries are read: what the protocol allows (sitemaps.org)."""
_GZIP = b"\x1f\x8b"


class UnreadableSitemap(ArchiveError):
    """Raise for a sitemap that is none, holds a document type, or is too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapEntry:
    """One entry of a sitemap."""

    url: str
    """As written."""
    changed: datetime | None
    """The latest instant that its `lastmod` can mean, aware UTC; None where it has none that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapFile:
    """What a sitemap names, in its order."""

    index: bool
    """Whether its entries are sitemaps."""
    entries: tuple[SitemapEntry, ...]


def read_sitemap(body: bytes) -> SitemapFile:
    """Return what a sitemap names; `body` is without content coding, but may itself be packed with gzip.

    Entities are not resolved and nothing is fetched; of a file that breaks off what stands before is read. Raises
    UnreadableSitemap, and DecodingError for a packed one that is damaged or grows too large.
    """
    data = unpack(body, ["gzip"], LIMIT)[0] if body.startswith(_GZIP) else body
    if len(data) > LIMIT:
        raise UnreadableSitemap(f"{len(data)} bytes, at most {LIMIT} are read")
    # As with feeds: a document type brings entities, and those bombs and files.
    if b"<!DOCTYPE" in data[:4096].replace(b"\0", b"").upper():
        raise UnreadableSitemap("a document type declaration, which is refused")
    try:
        sitemap = Sitemap(data)
        entries = tuple(_entries(sitemap))
    except (etree.XMLSyntaxError, StopIteration, ValueError) as error:
        raise UnreadableSitemap(f"no readable XML: {error}") from error
    if sitemap.type not in ("urlset", "sitemapindex"):
        raise UnreadableSitemap(f"no sitemap, its first element is {sitemap.type[:40]!r}")
    return SitemapFile(index=sitemap.type == "sitemapindex", entries=entries)


def _entries(sitemap: Sitemap) -> Iterator[SitemapEntry]:
    found: Iterator[dict[str, Any]] = islice(sitemap, MOST)
    return (
        SitemapEntry(url=entry["loc"], changed=_latest(entry.get("lastmod", ""))) for entry in found if entry["loc"]
    )


def _latest(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        # Another clock than ours wrote it; one without an offset may mean any, and a day without a time its end.
        if moment.tzinfo is not None:
            return moment + timedelta(hours=1)
        return moment.replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
