"""Stored captures put together into asks: a redirect, or an answer tried again, is a hop of what came next."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from archive.facts.items import Capture
from crawler.editions.edition import Edition
from crawler.net.origins import PORTS, origin, same_origin
from crawler.net.redirects import REDIRECTS, is_home, led_to
from crawler.pages.onward import leads_to
from settings.base import REDIRECT_MAX_TIMES, URLLENGTH_LIMIT

_TRIED_AGAIN = frozenset({408, 429, 500, 502, 503, 504, 522, 524})
APART = timedelta(minutes=30)
"""How long after a redirect the capture of what it led to may be."""
_LONGEST, _MOST = 30, 10_000
Chain = tuple[Capture, ...]
"""Captures of one ask in the order of time: hops, and what ended it."""


def target_of(capture: Capture, hosts: Collection[str]) -> str | None:
    """Return where a redirect leads (`led_to`); None for any other answer and for a Location that is no address.

    The capture's own origin stands for the outlet where its host is none of `hosts`. Of several Locations the last
    counts, as it does for Scrapy.
    """
    places = [value for name, value in capture.response_headers if name.lower() == b"location"]
    if capture.status not in REDIRECTS or not places:
        return None
    try:
        return led_to(capture.url, places[-1], hosts=hosts, own=_stand_in(capture, hosts))
    except ValueError:
        return None


def _stand_in(capture: Capture, hosts: Collection[str]) -> str | None:
    own = urlsplit(capture.url)
    return None if own.hostname in hosts else f"{own.scheme}://{own.netloc}"


def stays(url: str, capture: Capture, hosts: Collection[str]) -> bool:
    """Return whether an address is on the outlet: on one of its hosts' own ports, or on the origin of the capture."""
    found = origin(url)
    on_host = found is not None and found[1] in hosts and found[2] in PORTS.values()
    return on_host or same_origin(url, capture.url)


def is_too_long(chain: Chain) -> bool:
    """Return whether a chain holds as many redirects as a crawl follows, and one more."""
    return sum(capture.status in REDIRECTS for capture in chain) > REDIRECT_MAX_TIMES


@dataclass(slots=True, kw_only=True)
class Chains:
    """The chains that are open: captures whose asks went on to another address, or to the same one again."""

    edition: Edition
    _open: dict[str, list[Chain]] = field(default_factory=dict)
    """The page that answers next → the chains that wait for it, oldest first."""
    _let_go: list[Chain] = field(default_factory=list)
    """Chains that nothing will end any more."""

    def take(self, capture: Capture) -> Chain | None:
        """Take in the next capture in the order of time; return the chain that it ends, None while more may come."""
        chain = (*self._before(capture), capture)
        onward = self._onward(chain)
        if onward is None or len(chain) > _LONGEST:
            return chain
        self._open.setdefault(_page(onward), []).append(chain)
        if len(self._open) > _MOST:
            # The one that has waited longest is the least likely to be answered.
            self._let_go.extend(self._open.pop(next(iter(self._open))))
        return None

    def waits(self, url: str) -> bool:
        """Return whether a redirect leads to an address whose capture has not come yet."""
        return _page(url) in self._open

    def rest(self) -> Iterator[Chain]:
        """Yield the chains that nothing ended, in the order of time; none is open after that."""
        left = [*self._let_go, *(chain for chains in self._open.values() for chain in chains)]
        self._open.clear()
        self._let_go.clear()
        yield from sorted(left, key=lambda chain: chain[-1].captured_at)

    def _before(self, capture: Capture) -> Chain:
        waiting = self._open.pop(_page(capture.url), [])
        apart = [(capture.captured_at - chain[-1].captured_at, chain) for chain in waiting]
        self._let_go += [chain for span, chain in apart if span > APART]
        fit = [chain for span, chain in apart if timedelta(0) <= span <= APART]
        rest = [chain for span, chain in apart if span < timedelta(0)] + fit[1:]
        if rest:
            self._open[_page(capture.url)] = rest
        return fit[0] if fit else ()

    def _onward(self, chain: Chain) -> str | None:
        capture = chain[-1]
        if capture.status in _TRIED_AGAIN:
            return capture.url
        target = target_of(capture, self.edition.hosts) or self._refreshed(chain)
        if target is None or not stays(target, capture, self.edition.hosts) or is_home(target):
            return None
        ended = loops(target, chain) or is_too_long(chain) or len(target) > URLLENGTH_LIMIT
        return None if ended else target

    def _refreshed(self, chain: Chain) -> str | None:
        # As a crawl follows it: to another address of the article that was asked for, and to nothing else.
        capture, number = chain[-1], self.edition.article_id(chain[0].url)
        if number is None or capture.status != HTTPStatus.OK:
            return None
        place = leads_to(capture, self.edition)
        if place is None or self.edition.article_id(place) != number:
            return None
        hosts = self.edition.hosts
        return led_to(capture.url, place.encode(), hosts=hosts, own=_stand_in(capture, hosts))


def loops(target: str, chain: Chain) -> bool:
    """Return whether an address was asked in a chain before, to the letter."""
    return target in {capture.url for capture in chain if capture.status not in _TRIED_AGAIN}


def _page(url: str) -> str:
    # Servers and clients spell one address in several ways.
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc.lower()}{unquote(parts.path)}?{unquote(parts.query)}"
