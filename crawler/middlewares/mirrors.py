"""Addresses of the outlet's hosts, rewritten to the origin that is being crawled. Pure; no Scrapy."""

from collections.abc import Collection
from urllib.parse import quote, urlsplit

_PORTS = {"http": 80, "https": 443}
_SAFE = "!#$%&'()*+,/:;=?@[]~-._"


def origin(url: str) -> tuple[str, str, int | None] | None:
    """Return (scheme, host, port) of an http(s) address, the scheme's own port filled in; None for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname.lower(), port) if parts.scheme in _PORTS and parts.hostname else None


def same_origin(url: str, base: str) -> bool:
    """Return whether scheme, host and port agree."""
    found = origin(url)
    return found is not None and found == origin(base)


def rewrite(url: str, *, hosts: Collection[str], aliases: Collection[str], base: str) -> str | None:
    """Return an address on one of the hosts (or aliases) as one on BASE's origin, path and query kept; else None."""
    found = origin(url)
    if found is None or not (same_origin(url, base) or found[1] in hosts or found[1] in aliases):
        return None
    parts = urlsplit(url)
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return base + (quote(parts.path, safe=_SAFE) or "/") + query
