"""The server: sockets bound before anything is said, pages and frames on two of them, the log followed beside."""

import asyncio
import errno
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from archive.errors import ArchiveError, ConfigurationError
from archive.facts.addresses import literal
from browse.app import app_of, frames_of
from browse.asking import Site
from browse.connection import MOST, Connection
from browse.guard import Guard

FOLLOW_SECONDS = 30
_FULL = (
    "Too many readers ask at once; ask again in a moment.\nTrop de lecteurs à la fois ; redemandez dans un instant.\n"
)
_MOST_HEAD = 2 * 2**20
"""Bytes of a request's head; what is longer than a page may ask is answered with a sentence, up to here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where pages are served: two sockets that listen already."""

    host: str
    pages: socket.socket
    frames: socket.socket

    @property
    def url(self) -> str:
        """The address of the front page."""
        return f"http://{_shown(self.host)}:{port_of(self.pages)}/"


def port_of(listening: socket.socket) -> int:
    """Return the port that a socket listens on."""
    return int(listening.getsockname()[1])


def _shown(host: str) -> str:
    # What listens everywhere is reached from here by this machine's own address.
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - named, not bound
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


@contextmanager
def bound(host: str, port: int) -> Iterator[Place]:
    """Give a place to serve at; the frames have the next port, or any where that is taken.

    Raises ConfigurationError (4) where the port is taken or the host is none of this machine's.
    """
    with closing(_listening(host, port)) as pages, closing(_beside(host, port_of(pages))) as frames:
        yield Place(host=host, pages=pages, frames=frames)


def _listening(host: str, port: int) -> socket.socket:
    if not host.strip():
        raise ConfigurationError("--host is empty; leave it out for 127.0.0.1, or write 0.0.0.0 for every network")
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(kind, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host.strip("[]"), port))
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        raise ConfigurationError(f"can't listen on {host}:{port}: {_why(error)}") from error
    return listening


def _why(error: OSError | OverflowError) -> str:
    code = getattr(error, "errno", 0)
    if code == errno.EADDRINUSE:
        return "another program does; choose another with --port, or --port 0 for any"
    if code == errno.EACCES:
        return "ports below 1024 are the system's; choose another with --port"
    return "that is no address of this machine; choose one with --host"


def _beside(host: str, port: int) -> socket.socket:
    if port < 2**16 - 1:
        with suppress(ConfigurationError):
            return _listening(host, port + 1)
    return _listening(host, 0)


def serve(
    site: Site,
    place: Place,
    *,
    names: tuple[str, ...] = (),
    origins: tuple[str, ...] = (),
    opened: Callable[[], None] = lambda: None,
) -> None:
    """Serve until a signal ends it; it is raised again behind. `opened` is called once pages are answered.

    `names` are host names under which it may be reached besides this machine's own, `origins` those of web pages that
    may read what is answered.
    """
    known = {*names, *([place.host] if literal(place.host.strip("[]")) is None else [])}
    ports = port_of(place.pages), port_of(place.frames)
    whole = replace(site, ports=ports)
    apps = dict(zip(ports, (app_of(whole, known, origins), frames_of(whole, known)), strict=True))

    full = Guard(PlainTextResponse(_FULL, 503, headers={"retry-after": "10", "connection": "close"}), known)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = full if len(server.server_state.tasks) > MOST else apps[scope["server"][1]]
        await chosen(scope, receive, send)

    server = uvicorn.Server(
        uvicorn.Config(
            app, http=Connection, ws="none", lifespan="off", log_config=None, log_level="critical", access_log=False,
            proxy_headers=False, server_header=False,
            timeout_keep_alive=5, timeout_graceful_shutdown=3, h11_max_incomplete_event_size=_MOST_HEAD,
        )
    )  # fmt: skip
    asyncio.run(_served(server, place, site, opened))


async def _served(server: uvicorn.Server, place: Place, site: Site, opened: Callable[[], None]) -> None:
    beside = asyncio.create_task(_following(server, site, opened))
    try:
        await server.serve(sockets=[place.pages, place.frames])
    finally:
        beside.cancel()


async def _following(server: uvicorn.Server, site: Site, opened: Callable[[], None]) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    opened()
    while True:
        with suppress(sqlite3.DatabaseError, ArchiveError):  # the page that needs it says why
            await asyncio.to_thread(site.reader.prepare)
        await asyncio.sleep(FOLLOW_SECONDS)
        try:
            await asyncio.to_thread(site.reader.follow)
        except Exception as error:  # noqa: BLE001 - whatever it is
            # Nobody waits for this task: it would end unseen, and pages would grow old.
            site.complain(f"the log could not be followed: {type(error).__name__}: {error}")
