"""No connection to a private address: origins are judged before a request is made, addresses where names are resolved.

A middleware sees no address and a resolver sees no port, so the guard stands in both places. The resolver hands on
exactly the address that it judged, so a name that changes its answer between two look-ups gains nothing.
"""

import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.resolver import CachingThreadedResolver, dnscache
from scrapy.settings import BaseSettings
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import DNSLookupError
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure

from archive.facts.addresses import hostname_of, literal
from crawler.crawl.ask import for_robots
from crawler.editions.known import edition_named
from crawler.middlewares.ended import EndedError
from crawler.net.addresses import forbidden, is_local, is_private
from crawler.net.origins import PORTS, origin

# Twisted turns any failed look-up into "no results"; why it failed is kept here, by name, as Scrapy keeps its dnscache.
_refused: dict[str, str] = {}


def refused(url: str) -> str | None:
    """Return the address for which the resolver refused this URL's host, or None."""
    return _refused.get(hostname_of(url))


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which addresses may be asked."""

    bases: tuple[str, ...] = ()
    """OUTLET_BASE: when set, these exact origins and no others."""
    hosts: Collection[str] = ()
    """Else these hosts on their scheme's own port."""

    def refusal(self, url: str, *, any_host: bool = False) -> EndedError | None:
        """Return why an address may not be asked, or None. `any_host` is for robots.txt, whose redirects may leave."""
        found = origin(url)
        if found is None:
            return EndedError("filtered", f"{url} is no http(s) address")
        scheme, host, port = found
        private = is_private(host)
        if self.bases:
            good = any(found == origin(base) for base in self.bases)
        else:
            good = not private and port == PORTS[scheme] and (any_host or host in self.hosts)
        return None if good else EndedError("ssrf_blocked" if private else "redirected_offsite", url)


def bases_of(settings: BaseSettings) -> tuple[str, ...]:
    """Return the origins that OUTLET_BASE names, parted by commas, first choice first."""
    named = str(settings.get("OUTLET_BASE") or "").split(",")
    return tuple(base.strip() for base in named if base.strip())


def policy_of(settings: BaseSettings) -> Policy:
    """Return the policy of a crawl, from OUTLET_BASE and the hosts of EDITION."""
    return Policy(bases=bases_of(settings), hosts=frozenset(edition_named(str(settings["EDITION"])).hosts))


class GuardMiddleware:
    """Refuse requests off the crawled origin, and name the resolver's refusals."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware from OUTLET_BASE and the edition."""
        return cls(policy_of(crawler.settings))

    def process_request(self, request: Request) -> None:
        """Pass the policy's requests. Raises EndedError (ssrf_blocked, redirected_offsite, filtered) for others."""
        if error := self.policy.refusal(request.url, any_host=for_robots(request)):
            raise error

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Raise EndedError (ssrf_blocked) where the resolver refused the host's address."""
        if isinstance(exception, CannotResolveHostError) and (address := refused(request.url)):
            raise EndedError("ssrf_blocked", f"{request.url} leads to {address}") from exception


class GuardedResolver(CachingThreadedResolver):
    """Resolve names to public IPv4 addresses only; hosts of OUTLET_BASE may be local when they are meant to be."""

    def __init__(self, reactor: Any, cache_size: int, timeout: float, bases: Collection[str] = ()) -> None:
        super().__init__(reactor, cache_size, timeout)
        hosts = set(map(hostname_of, bases))
        # A name with a dot is the world's to answer for, so it never gets to mean an address in here.
        self._local = frozenset(host for host in hosts if host and (literal(host) or "." not in host))

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """Make the resolver from DNSCACHE_ENABLED, DNSCACHE_SIZE, DNS_TIMEOUT (seconds) and OUTLET_BASE."""
        settings = crawler.settings
        size = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        return cls(reactor, size, settings.getfloat("DNS_TIMEOUT"), bases_of(settings))

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: ARG002, N802 - Twisted's form
        """Resolve a name. Fails with DNSLookupError, also where any one of its addresses is not public."""
        if name in dnscache:
            return succeed(dnscache[name])
        reactor: Any = self.reactor
        found: Deferred[Any] = deferToThreadPool(reactor, reactor.getThreadPool(), _addresses, name)
        found.addTimeout(self.timeout, reactor)
        return found.addCallbacks(self._chosen, _unresolved, callbackArgs=(name,), errbackArgs=(name,))

    def _chosen(self, resolved: list[str], name: str) -> str:
        if found := forbidden(resolved, is_local if name in self._local else None):
            _refused[name] = found
            raise DNSLookupError(f"{name} leads to {found}, which is not public")
        _refused.pop(name, None)
        if dnscache.limit:
            dnscache[name] = resolved[0]
        return resolved[0]


def _addresses(name: str) -> list[str]:
    found = socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


def _unresolved(failure: Failure, name: str) -> str:
    raise DNSLookupError(f"{name} was not found: {failure.getErrorMessage()}")
