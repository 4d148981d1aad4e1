"""Look once whether the outlet answers: name, address, TLS, robots.txt and clock, without Scrapy's machinery.

The address that is judged is the one that is asked, as in the guard: never a private one, but of an outlet of
your own.
"""

import http.client
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from archive.errors import OutletUnreachable, RefusedByOutlet
from archive.facts.httpdates import http_date
from crawler.net.addresses import forbidden, is_local
from crawler.net.origins import origin

SECONDS = 15
_MOST = 500 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What the outlet said to a request for its robots.txt."""

    url: str
    address: str
    tls: str
    """Protocol and the day until which the certificate is good; empty for http."""
    status: int
    body: bytes
    ahead: timedelta | None
    """How far our clock is ahead of the outlet's; None where it gave no Date."""


def reach(base: str, agent: str, clock: Callable[[], datetime], *, own: bool = False) -> Reached:
    """Ask an origin for its robots.txt; with `own` it may be on this machine or network. Redirects are not followed.

    Raises RefusedByOutlet where its name leads to a private address, OutletUnreachable where no answer comes.
    """
    found = origin(base)
    if found is None:
        raise OutletUnreachable(f"{base} is no http(s) address; mend the setting that names it")
    scheme, host, port = found
    try:
        address = _address(host, port, own=own)
        with socket.create_connection((address, port), SECONDS) as plain:
            return _asked(plain, found, agent, clock)
    except (OSError, http.client.HTTPException) as error:
        # TLS errors are OSErrors, too, and say what is wrong with the certificate.
        raise OutletUnreachable(f"{scheme}://{host}:{port} did not answer: {error}") from error


def _address(host: str, port: int, *, own: bool) -> str:
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)]
    if address := forbidden(found, is_local if own else None):
        raise RefusedByOutlet(f"{host} leads to {address}, which is no public address; a crawl will not ask it")
    return found[0]


def _asked(plain: socket.socket, place: tuple[str, str, int], agent: str, clock: Callable[[], datetime]) -> Reached:
    scheme, host, port = place
    # Asked for now: an answer that closes the connection takes the socket with it.
    address = str(plain.getpeername()[0])
    connection, tls = http.client.HTTPConnection(host, port, timeout=SECONDS), ""
    connection.sock = plain
    if scheme == "https":
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        connection.sock = context.wrap_socket(plain, server_hostname=host)
        tls = f"{connection.sock.version()}, certificate good until {_until(connection.sock)}"
    try:
        usual = port == {"http": 80, "https": 443}[scheme]
        headers = {"User-Agent": agent, "Host": host if usual else f"{host}:{port}"}
        connection.request("GET", "/robots.txt", headers=headers)
        with connection.getresponse() as answer:
            return Reached(
                url=f"{scheme}://{headers['Host']}/robots.txt", address=address, tls=tls, status=answer.status,
                ahead=_ahead(answer.getheader("Date"), clock()), body=answer.read(_MOST),
            )  # fmt: skip
    finally:
        connection.close()


def _until(secured: ssl.SSLSocket) -> str:
    certificate = secured.getpeercert() or {}
    seconds = ssl.cert_time_to_seconds(str(certificate["notAfter"])) if "notAfter" in certificate else None
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}" if seconds is not None else "nobody knows when"


def _ahead(date: str | None, now: datetime) -> timedelta | None:
    told = http_date(date or "")
    return now - told if told else None
