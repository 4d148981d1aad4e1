"""Addresses of one article held against each other: another host, another path, another slug. Knows no outlet."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from archive.facts.addresses import host_of
from archive.facts.outcomes import EventName

E = TypeVar("E")
_PADDING = re.compile(r"/0+(?=\d)")


def parts(url: str, article_id: str) -> tuple[str, str, str]:
    """Return (host, path up to the article's number, what stands behind it: the slug), percent-decoded.

    Zeros that pad a day or a month are dropped: both forms lead to the same page.
    """
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return "", url, ""
    before, _, slug = path.partition(f"/{article_id}/")
    return host_of(url), _PADDING.sub("/", before.casefold()).removesuffix(f"/{article_id}"), slug.strip("/")


def moves(
    event: Callable[[EventName, str | None, Mapping[str, Any], str], E], sights: Iterable[Mapping[str, Any]]
) -> Iterator[E]:
    """Yield `moved` and `slug_changed` events: the addresses at which neighbouring sights found the article differ.

    `event` makes one; `sights` are looks in order, with `article_id`.
    """
    for before, after in pairwise(sights):
        number = str(after.get("article_id", ""))
        old, new = (look.get("answered") or look["url"] for look in (before, after))
        if old == new:
            continue
        (host, path, slug), (new_host, new_path, new_slug) = parts(old, number), parts(new, number)
        if (host, path) != (new_host, new_path):
            yield event("moved", before["at"], after, f"from {old} to {new}")
        if number and slug != new_slug:
            yield event("slug_changed", before["at"], after, f"from {slug} to {new_slug}")
