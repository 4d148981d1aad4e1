"""Stored captures put together into asks: a redirect, or an answer tried again, is a hop of what came next."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from archive.facts.items import Capture
from crawler.editions.edition import Edition
from crawler.net.origins import origin, rewrite, same_origin
from crawler.pages.onward import leads_to
from crawler.pages.outcome import is_home

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK = 200
_TRIED_AGAIN = frozenset({408, 429, 500, 502, 503, 504, 522, 524})
_APART = timedelta(minutes=30)
_LONGEST, _MOST = 20, 10_000
Chain = tuple[Capture, ...]
"""Captures of one ask in the order of time: hops, and what ended it."""


def target_of(capture: Capture, hosts: Collection[str]) -> str | None:
    """Return where a redirect leads, absolute and without a fragment; None for any other answer and a bad Location.

    Where the capture's own host stands for the outlet's (it is none of `hosts`), a redirect to one of these stays.
    """
    place = capture.header("location")
    if capture.status not in _REDIRECTS or not place:
        return None
    try:
        # Header bytes are UTF-8 where they are more than ASCII, which is how servers send an address with an accent.
        told = place.strip().encode("latin-1").decode("utf-8", "replace")
        target = urldefrag(urljoin(capture.url, told)).url
    except ValueError:
        return None
    return _at_home(target, capture, hosts)


def _at_home(target: str, capture: Capture, hosts: Collection[str]) -> str | None:
    own = urlsplit(capture.url)
    if origin(target) is None:
        return None
    if own.hostname in hosts:
        return target
    return rewrite(target, hosts=hosts, aliases=(), base=f"{own.scheme}://{own.netloc}") or target


def stays(url: str, capture: Capture, hosts: Collection[str]) -> bool:
    """Return whether an address is on the outlet: on one of its hosts, or on the origin of the capture."""
    return urlsplit(url).hostname in hosts or same_origin(url, capture.url)


@dataclass(slots=True, kw_only=True)
class Chains:
    """The chains that are open: captures whose asks went on to another address, or to the same one again."""

    edition: Edition
    _open: dict[str, list[Chain]] = field(default_factory=dict)
    """The page that answers next → the chains that wait for it, oldest first."""

    def take(self, capture: Capture) -> Chain | None:
        """Take in the next capture in the order of time; return the chain that it ends, None while more may come."""
        chain = (*self._before(capture), capture)
        onward = self._onward(chain)
        if onward is None or len(chain) > _LONGEST or len(self._open) >= _MOST:
            return chain
        self._open.setdefault(_page(onward), []).append(chain)
        return None

    def waits(self, url: str) -> bool:
        """Return whether a redirect leads to an address whose capture has not come yet."""
        return _page(url) in self._open

    def rest(self) -> Iterator[Chain]:
        """Yield the chains that nothing ended, in the order of time; none is open after that."""
        left = [chain for chains in self._open.values() for chain in chains]
        self._open.clear()
        yield from sorted(left, key=lambda chain: chain[-1].captured_at)

    def _before(self, capture: Capture) -> Chain:
        waiting = self._open.get(_page(capture.url), [])
        if not waiting or capture.captured_at - waiting[0][-1].captured_at > _APART:
            return ()
        found = waiting.pop(0)
        if not waiting:
            del self._open[_page(capture.url)]
        return found

    def _onward(self, chain: Chain) -> str | None:
        capture = chain[-1]
        if capture.status in _TRIED_AGAIN:
            return capture.url
        target = target_of(capture, self.edition.hosts) or self._refreshed(chain)
        if target is None or not stays(target, capture, self.edition.hosts) or is_home(target):
            return None
        return None if loops(target, chain) else target

    def _refreshed(self, chain: Chain) -> str | None:
        # As a crawl follows it: to another address of the article that was asked for, and to nothing else.
        capture, number = chain[-1], self.edition.article_id(chain[0].url)
        if number is None or capture.status != _OK:
            return None
        place = leads_to(capture, self.edition)
        same = place is not None and self.edition.article_id(place) == number
        return _at_home(urldefrag(place).url, capture, self.edition.hosts) if place and same else None


def loops(target: str, chain: Chain) -> bool:
    """Return whether an address was asked in a chain before."""
    return _page(target) in {_page(capture.url) for capture in chain}


def _page(url: str) -> str:
    # Servers and clients spell one address in several ways; a fragment never reaches the server.
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}{unquote(parts.path)}?{unquote(parts.query)}"
