"""No connection to a private address: refused where names are resolved, and by origin before that."""

import ipaddress
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from scrapy.settings import BaseSettings
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.edition import FRENCH
from crawler.middlewares.mirrors import same_origin
from crawler.middlewares.outcomes import EndedError


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the open internet; a mapped IPv4 address counts as what it maps."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return bool((mapped or ip).is_global)


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, refusing addresses that are not public, but for the host of OUTLET_BASE."""

    def __init__(self, reactor: Any, cache_size: int, timeout: float, base: str = "") -> None:
        super().__init__(reactor, cache_size, timeout)
        self._allowed = urlsplit(base).hostname if base else None

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Self:
        """Make the resolver from the settings of the process."""
        settings: BaseSettings = crawler.settings
        size = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        return cls(reactor, size, settings.getfloat("DNS_TIMEOUT"), settings.get("OUTLET_BASE") or "")

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """Resolve a name. Fails with DNSLookupError for a private address."""
        found: Deferred[str] = super().getHostByName(name, timeout)
        return found if name == self._allowed else found.addCallback(self._checked)

    @staticmethod
    def _checked(address: str) -> str:
        if not is_public(address):
            raise DNSLookupError(f"ssrf_blocked: {address} is not a public address")
        return address


class GuardMiddleware:
    """Refuse requests off the origin that is crawled, or off the edition's hosts."""

    def __init__(self, base: str) -> None:
        self.base = base

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware; OUTLET_BASE narrows it to one exact origin."""
        return cls(crawler.settings.get("OUTLET_BASE") or "")

    def process_request(self, request: Request) -> None:
        """Raise EndedError for an address that must not be asked."""
        if allowed(request.url, self.base):
            return
        host = urlsplit(request.url).hostname or ""
        private = host == "localhost" or (_is_literal(host) and not is_public(host))
        raise EndedError("ssrf_blocked" if private else "redirected_offsite", request.url)


def allowed(url: str, base: str) -> bool:
    """Return whether an address may be asked: of BASE's exact origin, else of a host of the edition."""
    if base:
        return same_origin(url, base)
    return url.startswith(("http://", "https://")) and urlsplit(url).hostname in FRENCH.hosts


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.isdecimal()
    return True
