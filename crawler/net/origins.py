"""Addresses of the outlet's hosts, rewritten to the origin that is being crawled. Pure; no Scrapy."""

from collections.abc import Collection
from urllib.parse import SplitResult, quote, urlsplit

PORTS = {"http": 80, "https": 443}
# What RFC 3986 lets stand in path and query, and the percent sign: what is escaped stays as it is.
_SAFE = "!$%&'()*+,-./:;=?@_~[]|"
Origin = tuple[str, str, int]


def _split(url: str) -> tuple[SplitResult, Origin] | None:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").removesuffix(".")
    if parts.scheme not in PORTS or not host or port == 0 or "@" in parts.netloc:
        return None
    return parts, (parts.scheme, host, port or PORTS[parts.scheme])


def origin(url: str) -> Origin | None:
    """Return (scheme, host, port) of an http(s) address (RFC 6454), host in lower case, the default port filled in.

    None for any other scheme, for one with a user name, and for what is no address.
    """
    found = _split(url)
    return found[1] if found else None


def same_origin(url: str, base: str) -> bool:
    """Return whether scheme, host and port of two addresses agree; False where either has no origin."""
    found = origin(url)
    return found is not None and found == origin(base)


def at_origin(url: str, base: str) -> str:
    """Return the address of the same path and query on the origin of `base`."""
    parts = urlsplit(url)
    return base + parts.path + (f"?{parts.query}" if parts.query else "")


def rewrite(
    url: str, *, hosts: Collection[str], aliases: Collection[str], base: str, origins: Collection[str] = ()
) -> str | None:
    """Return the same page's address on the origin of `base`, or None for an address that is not the edition's.

    The edition's are those on `hosts`, on `aliases` (pass them for the feed's links only: ids are shared with other
    languages) with the port 80, 443 or none, and those that are on the base or one of `origins` already. Path and query
    are kept, what may not stand in an address is percent-encoded as UTF-8, the fragment is dropped.
    """
    found = _split(url)
    if found is None:
        return None
    parts, (_, host, port) = found
    known = (host in hosts or host in aliases) and port in PORTS.values()
    if not known and not any(same_origin(url, own) for own in (base, *origins)):
        return None
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    path = "/" + quote(parts.path, safe=_SAFE).removeprefix("/")
    return base.rstrip("/") + path + query
