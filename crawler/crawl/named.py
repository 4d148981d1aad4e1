"""What a person names an article by: its number, or its address on any host of the edition, also inside a replay's.

Pure: what the archive holds is not asked here, but for the hosts at which it looked at an article.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from archive.errors import UsageError
from archive.facts.names import ARTICLE_ID
from crawler.editions.edition import Edition, listing_of
from crawler.editions.known import EDITIONS
from crawler.net.origins import PORTS
from crawler.net.wrapped import REPLAYS

FoundAt = Callable[[str, str], bool]
"""Whether an article of that number was looked at on that host (with its port), though it is none of the edition's."""
_TIME = re.compile(
    r"(?:latest|today|yesterday|[0-9]{1,4}|(?:sha256:)?[0-9a-f]{4,64})\Z|[0-9]{4}-?[0-9W]|[0-9]{8}", re.ASCII
)
_AROUND = " \t\r\n\u00a0\u200b<>\"'«»“”‘’"
"""What mail and text put around an address."""
_SCHEME = re.compile(r"(https?):/+", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_WRAPPED_HERE = re.compile(r"(?:[\w-]+/)?(?:[0-9*]{1,15}(?:[a-z]{2}_)*/)?(.+)", re.DOTALL | re.IGNORECASE)
_WRAPPED_ANYWHERE = re.compile(
    r"(?:[\w-]+/){0,2}[0-9]{4,14}(?:[a-z]{2}_)*/(https?(?::|%3a)/?.+)", re.DOTALL | re.IGNORECASE
)


class _Address(NamedTuple):
    """An address as it was understood."""

    host: str
    """Small, with a port that is not its scheme's."""
    path: str

    @property
    def shown(self) -> str:
        return f"{self.host}{self.path}"[:300]

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.path}"


def split_name(text: str, edition: Edition) -> tuple[str, str]:
    """Return (article, TIME) of a citation, `ID[@TIME]` or `ADDRESS[@TIME]`; TIME is empty where there is none.

    Raises UsageError where what stands behind an address's last @ is no time.
    """
    text = text.strip(_AROUND)
    if not _is_address(text):
        name, _, time = text.partition("@")
        return name, time
    article, at, time = text.rpartition("@")
    if not at or edition.article_id(_read(article).url) is None:
        return text, ""
    if not _TIME.match(time):
        raise UsageError(
            f"{time[:80]!r} behind the @ of an address is no time; write @2026-11-24, @2026-11-24T12:00:00Z, @2 or "
            "@latest, and an @ of the address itself as %40"
        )
    return article, time


def listed(text: str) -> list[str]:
    """Return the parts of a comma-separated list of numbers and addresses; an address may have commas of its own."""
    parts: list[str] = []
    for part in text.split(","):
        if parts and _is_address(parts[-1]) and not _is_address(part) and not ARTICLE_ID.fullmatch(part.strip()):
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    return [part.strip() for part in parts if part.strip()]


def article_named(text: str, edition: Edition, seen: FoundAt = lambda _number, _host: False) -> str:
    """Return the number of the article that a number or an address names.

    Any host of the edition will do, with or without scheme, also inside an address of the Wayback Machine; and one
    where the archive looked at that article. Raises UsageError saying what was understood; for a version's name, too.
    """
    text = text.strip(_AROUND)
    if ARTICLE_ID.fullmatch(text):
        return text
    name, at, time = text.rpartition("@") if _is_address(text) else text.partition("@")
    if at and _TIME.match(time) and (_is_address(name) or ARTICLE_ID.fullmatch(name)):
        raise UsageError(f"{text[:300]!r} names one version, and an article is meant here: leave @{time[:40]} out")
    if not _is_address(text):
        raise UsageError(f"{text[:300]!r} is neither an article's number nor its address")
    if (other := _OTHER_SCHEME.match(text)) and other[1].lower() not in PORTS:
        raise UsageError(f"an address of {other[1][:20]}: is no article's address; an article's begins with https://")
    address = _read(text)
    number = edition.article_id(address.url)
    if number is None:
        raise UsageError(f"{address.shown} is no article's address, but {_kind(address, edition)}")
    if not _is_own(address, edition) and not seen(number, address.host):
        raise UsageError(f"{address.shown} would be article {number}, but {_whose(address, edition)}")
    return number


def _is_address(text: str) -> bool:
    # `711958@2026-11-24T12:26:30Z/2` has a slash, too, but behind its number.
    return "/" in text.partition("@")[0] or "://" in text


def _read(text: str) -> _Address:
    address = _plain(text)
    for _ in range(3):
        inner = _inner(address)
        if inner is None:
            break
        address = _plain(unquote(inner) if "%3a" in inner[:8].lower() else inner)
    return address


def _inner(address: _Address) -> str | None:
    way = _WRAPPED_HERE if address.host.partition(":")[0] in REPLAYS else _WRAPPED_ANYWHERE
    found = way.fullmatch(address.path.lstrip("/"))
    return found[1] if found else None


def _plain(text: str) -> _Address:
    if not text.startswith("/") or text.startswith("//"):
        text = _SCHEME.sub(r"\1://", text, count=1) if _SCHEME.match(text) else f"//{text.lstrip('/')}"
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        return _Address("", "/")
    named = f"[{host}]" if ":" in host else host
    query = f"?{parts.query}" if parts.query else ""
    return _Address(named if port in (None, *PORTS.values()) else f"{named}:{port}", (parts.path or "/") + query)


def _is_own(address: _Address, edition: Edition) -> bool:
    known = address.host == "" or address.host in edition.hosts or address.host in edition.aliases
    return known and address.path.startswith(edition.below(address.host))


def _kind(address: _Address, edition: Edition) -> str:
    if listing := listing_of(address.url):
        return f"page {listing[1]} of the listing of section {listing[0]}"
    if other := edition.other_kind(address.url):
        return f"of another kind, {other}, which is not archived"
    return f"an address without an article's number, as {edition.folder}2026/11/24/NUMBER/… has one"


def _whose(address: _Address, edition: Edition) -> str:
    others = (each for each in EDITIONS.values() if each.name != edition.name and _is_own(address, each))
    if other := next(others, None):
        return f"of the edition {other.name}; this is {edition.name}, on {', '.join(edition.hosts)}"
    return f"{address.host} is no host of {edition.name}, nor did the archive look at it there; try its number"


def hosts_seen(bases: tuple[str, ...]) -> FoundAt:
    """Return what takes the hosts of these origins for the edition's."""
    hosts = set(_hosts(bases))
    return lambda _number, host: host in hosts


def _hosts(bases: tuple[str, ...]) -> Iterator[str]:
    return (_plain(base).host for base in bases)
