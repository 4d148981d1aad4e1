"""Polite, guarded GETs without Scrapy, for the indexes and stores of others: one request a second, no private address.

The guard stands where the connection is made, after the name is resolved, and judges every address that it gives, as
in a crawl. A host of the settings may be this machine only where the setting itself names loopback.
"""

import contextlib
import http.client
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any
from urllib.parse import urljoin, urlsplit

from archive.errors import ConfigurationError, OutletUnreachable, RefusedByOutlet
from archive.facts.addresses import hostname_of, is_loopback, literal
from crawler.net.addresses import forbidden, is_public
from crawler.net.lenient import Response
from crawler.net.waits import retry_after

_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_TOO_MANY = 429
_LOOPBACK = attrgetter("is_loopback")
_MOST_HOPS = 3
_CHUNK = 2**16


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a server said."""

    url: str
    """The address that answered, after redirects within its origin."""
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """Return the first header of that name, or an empty string."""
        wanted = name.lower().encode()
        return next((v.decode("latin-1") for k, v in self.headers if k.lower() == wanted), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How gently is asked."""

    agent: str
    pause: float = 1.0
    """Seconds between two requests."""
    timeout: float = 30.0
    tries: int = 4
    backoff: float = 1.0
    """Seconds before the second try, doubled for each further one."""
    longest: float = 900.0
    """Seconds of a Retry-After that are waited; a longer one ends the run."""
    whole: float = 900.0
    """Seconds within which an answer has to be there whole, however steadily it drips."""
    most: int = 8 * 2**20
    """Bytes of an answer that are read."""


class TooMuch(Exception):
    """Raise for an answer over the limit."""


class _Private(Exception):
    """Raise for a host that leads to an address which is never asked; no OSError, which urllib would wrap."""


def base_of(setting: str, value: str) -> str:
    """Return a base address of the settings without a slash at its end.

    Raises ConfigurationError for one that is no http(s) address, holds a user, or names a private host other than
    this machine.
    """
    host = _host_of(value)
    if host is None:
        raise ConfigurationError(f"{setting} is no http(s) base address without a user in it; mend the setting")
    address = literal(host)
    if address is not None and not is_public(address) and not address.is_loopback:
        raise ConfigurationError(f"{setting} names the private address {address}, which is never asked")
    return value.rstrip("/")


def _host_of(base: str) -> str | None:
    """Return the host of a base address, or None for what is none."""
    try:
        parts = urlsplit(base)
        host, port = parts.hostname or "", parts.port
        # Raises where no name could be looked up: an empty label, or one that is too long.
        host.encode("idna")
    except ValueError:
        return None
    plain = port != 0 and not (parts.query or parts.fragment or "@" in parts.netloc)
    return host if parts.scheme in ("http", "https") and plain and host else None


def _guarded(local: bool) -> Callable[..., socket.socket]:  # noqa: FBT001 - one switch
    def connect(place: tuple[str, int], timeout: Any = None, source: Any = None) -> socket.socket:
        host, port = place
        error: OSError = OSError(f"{host} has no address")
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        if address := forbidden((str(target[0]) for *_, target in found), _LOOPBACK if local else None):
            raise _Private(f"{host} leads to {address}, which is not public")
        for family, kind, protocol, _, target in found:
            try:
                return _connected(socket.socket(family, kind, protocol), target, timeout, source)
            except OSError as found:
                error = found
        raise error

    return connect


def _connected(made: socket.socket, target: Any, timeout: Any, source: Any) -> socket.socket:
    try:
        made.settimeout(timeout)
        if source:
            made.bind(source)
        # The address that was judged is the one that is connected to.
        made.connect(target)
    except BaseException:
        made.close()
        raise
    return made


def _connection(kind: type[http.client.HTTPConnection], local: bool) -> Callable[..., Any]:  # noqa: FBT001 - one switch
    def made(host: str, **more: Any) -> http.client.HTTPConnection:
        connection = kind(host, **more)
        connection.response_class = Response
        connection._create_connection = _guarded(local)  # type: ignore[attr-defined] # noqa: SLF001 - its only seam
        return connection

    return made


class _Http(urllib.request.HTTPHandler):
    def __init__(self, local: bool) -> None:  # noqa: FBT001 - one switch
        super().__init__()
        self._local = local

    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_connection(http.client.HTTPConnection, self._local), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, local: bool) -> None:  # noqa: FBT001 - one switch
        super().__init__()
        self._local = local

    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_connection(http.client.HTTPSConnection, self._local), req)


class _Still(urllib.request.HTTPErrorProcessor):
    """Hands every status on; nothing is followed here."""

    def http_response(self, request: Any, response: Any) -> Any:
        del request
        return response

    https_response = http_response


@dataclass(slots=True, kw_only=True)
class Fetcher:
    """Asks one host after the other, never twice within the pause."""

    manners: Manners
    wait: Callable[[float], object]
    """Lets seconds pass."""
    seconds: Callable[[], float]
    """A clock that is never set."""
    now: Callable[[], datetime]
    asked: int = 0
    _next: float = 0.0

    def get(self, url: str, headers: Mapping[str, str] | None = None, *, most: int | None = None) -> Fetched:
        """Return the answer to a GET, tried again after errors and as Retry-After says.

        Redirects are followed within the origin, three at most. Raises OutletUnreachable where no answer comes,
        RefusedByOutlet for a longer wait than is waited and where 429 stays, TooMuch for an answer over the limit. 503
        may be of that address alone, and is handed on.
        """
        for attempt in range(self.manners.tries):
            left = self.manners.tries - attempt - 1
            try:
                answer = self._followed(url, headers or {}, most or self.manners.most)
            except _Private as error:
                raise OutletUnreachable(f"{url} is not asked: {error}") from error
            except (OSError, http.client.HTTPException) as error:
                if not left:
                    raise OutletUnreachable(f"{url} gave no answer: {error}; run it again later") from error
                self.wait(self.manners.backoff * (1 << attempt))
                continue
            if answer.status not in _RETRIED or not left:
                break
            self.wait(self._pause(answer, attempt))
        if answer.status == _TOO_MANY:
            raise RefusedByOutlet(f"{url} answered {answer.status} again and again; run it again later")
        return answer

    def _pause(self, answer: Fetched, attempt: int) -> float:
        asked = retry_after(answer.header("retry-after"), now=self.now())
        if asked is not None and asked > self.manners.longest:
            raise RefusedByOutlet(f"{answer.url} asks to wait {asked:.0f} seconds; run it again then")
        return max(asked or 0.0, self.manners.backoff * (1 << attempt))

    def _followed(self, url: str, headers: Mapping[str, str], most: int) -> Fetched:
        for _ in range(_MOST_HOPS):
            answer = self._once(url, headers, most)
            target = _target(answer)
            if not target or urlsplit(target)[:2] != urlsplit(url)[:2]:
                return answer
            url = target
        return answer

    def _once(self, url: str, headers: Mapping[str, str], most: int) -> Fetched:
        ahead = self._next - self.seconds()
        if ahead > 0:
            self.wait(ahead)
        self._next, self.asked = self.seconds() + self.manners.pause, self.asked + 1
        request = urllib.request.Request(_ascii(url), headers={"User-Agent": self.manners.agent, **headers})  # noqa: S310 - base_of
        local = is_loopback(hostname_of(url))
        opener = urllib.request.OpenerDirector()
        for handler in (_Http(local), _Https(local), _Still()):
            opener.add_handler(handler)
        with contextlib.closing(opener.open(request, timeout=self.manners.timeout)) as response:
            lines = tuple((k.encode("latin-1"), v.encode("latin-1", "replace")) for k, v in response.headers.items())
            body = b"".join(self._bounded(response, most, url))
            return Fetched(url=url, status=response.status, headers=lines, body=body)

    def _bounded(self, response: Any, most: int, url: str) -> Iterator[bytes]:
        size, end = 0, self.seconds() + self.manners.whole
        # read() would wait for a whole chunk, and a server that drips would hold us for days.
        while chunk := response.read1(_CHUNK):
            size += len(chunk)
            if size > most:
                raise TooMuch(f"{url} is longer than {most} bytes")
            if self.seconds() > end:
                raise TimeoutError(f"not whole after {self.manners.whole:.0f} seconds")
            yield chunk
        stated = response.headers.get("Content-Length", "")
        if stated.isdecimal() and len(stated) < 19 and size < int(stated):
            raise http.client.IncompleteRead(b"", int(stated) - size)
        if not size and not stated and not response.chunked and response.status == 200:
            # A head that was cut reads as one without a body, and an empty index is no small thing to say.
            raise http.client.IncompleteRead(b"")


def _target(answer: Fetched) -> str:
    """Return where an answer leads, or an empty string."""
    told = answer.header("location")
    if not 300 <= answer.status < 400 or not told:
        return ""
    try:
        # Header bytes are UTF-8 where they are more than ASCII, which is how servers send an address with an accent.
        target = urljoin(answer.url, told.encode("latin-1").decode("utf-8", "replace"))
        return target if urlsplit(target).netloc else ""
    except ValueError:
        return ""


def _ascii(url: str) -> str:
    return "".join(c if "!" <= c <= "~" else "".join(f"%{b:02X}" for b in c.encode()) for c in url)
