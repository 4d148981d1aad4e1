"""Where a redirect leads, read in one way by a crawl and by whoever puts stored captures together. Pure; no Scrapy."""

import re
from collections.abc import Collection
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from w3lib.url import safe_url_string

from crawler.net.origins import rewrite

_PLACE = re.compile(r"(?:^|[=&;])(?:https?:/)?/[^/&=\s]")
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def led_to(url: str, place: bytes, *, hosts: Collection[str], own: str | None) -> str:
    """Return the address that the Location `place` of an answer from `url` names, absolute and without a fragment.

    `own` is an origin that stands for the outlet in place of its `hosts`, or None: a redirect to one of these stays on
    it. Raises ValueError for a Location that is no address.
    """
    target = urldefrag(urljoin(url, safe_url_string(place))).url
    return (rewrite(target, hosts=hosts, aliases=(), base=own) if own else None) or target


def is_home(url: str) -> bool:
    """Return whether an address is that of a front page.

    One that notes where to lead its reader back to (`/?consent=1&return=/Detail/…`) is a gate's.
    """
    parts = urlsplit(url)
    return parts.path in ("", "/") and _PLACE.search(unquote(parts.query)) is None
