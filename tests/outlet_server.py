"""A scripted outlet on loopback: a raw-socket server in a thread, each answer exact to the byte, each request logged."""

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

RESET = object()
"""A step that ends the connection with a TCP reset."""
HANG = object()
"""A step that says nothing more until the client goes."""
DRIP = object()
"""A step that sends a byte now and then, and never ends: a slow loris."""
Answer = bytes | tuple[object, ...]
"""Bytes to send, or a row of steps: bytes, RESET, HANG, DRIP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came."""

    host: str
    path: str
    at: float
    """On the monotonic clock."""
    head: bytes = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Outlet:
    """The running server and what it was asked."""

    addresses: tuple[str, ...]
    script: Mapping[str, Answer | list[Answer]]
    port: int = 0
    tls: ssl.SSLContext | None = None
    log: list[Asked] = field(default_factory=list)

    @property
    def base(self) -> str:
        """The origin of the first address."""
        return self.at(self.addresses[0])

    def at(self, address: str) -> str:
        """Return the origin of one of the addresses."""
        return f"{'https' if self.tls else 'http'}://{address}:{self.port}"

    def paths(self, address: str | None = None) -> list[str]:
        """Return the paths asked, in order, of one address or of all."""
        return [a.path for a in self.log if address is None or a.host == f"{address}:{self.port}"]

    def times(self, path: str) -> list[float]:
        """Return when a path was asked."""
        return [a.at for a in self.log if a.path == path]

    def answer(self, asked: Asked) -> Answer:
        """Return what the script says: the address's own entry, the path's, or 404; a list's last entry repeats."""
        address = asked.host.rpartition(":")[0]
        entry = self.script.get(address + asked.path, self.script.get(asked.path, page(b"rien", status=404)))
        if not isinstance(entry, list):
            return entry
        nth = sum(a.path == asked.path and a.host == asked.host for a in self.log)
        return entry[min(nth, len(entry)) - 1]


def page(body: bytes, *headers: str, status: int = 200, length: int | None = None) -> bytes:
    """Return a whole answer: status, headers, `Connection: close`, Content-Length (true unless given) and the body."""
    kind = [] if any(h.lower().startswith("content-type") for h in headers) else ["Content-Type: text/html"]
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} X", *kind, *headers, "Connection: close", f"Content-Length: {size}"]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def moved(target: str, status: int = 302) -> bytes:
    """Return a redirect."""
    return page(b"", f"Location: {target}", status=status)


@contextmanager
def serve(
    script: Mapping[str, Answer | list[Answer]],
    addresses: Sequence[str] = ("127.0.0.1",),
    tls: ssl.SSLContext | None = None,
    *,
    outlet: Outlet | None = None,
) -> Iterator[Outlet]:
    """Serve a script until the block ends; several loopback addresses are several hosts to a crawler.

    `outlet` is one that is to be served in place of a new one.
    """
    outlet = outlet or Outlet(addresses=tuple(addresses), script=script, tls=tls)
    loop = asyncio.new_event_loop()
    ready, done = threading.Event(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(_run(outlet, ready, done),))
    thread.start()
    ready.wait()
    try:
        yield outlet
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


async def _run(outlet: Outlet, ready: threading.Event, done: asyncio.Event) -> None:
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.current_task())  # type: ignore[arg-type]
        await _talk(outlet, reader, writer)

    servers = []
    for address in outlet.addresses:
        servers.append(await asyncio.start_server(talk, address, outlet.port, ssl=outlet.tls))
        outlet.port = servers[0].sockets[0].getsockname()[1]
    ready.set()
    await done.wait()
    for server in servers:
        server.close()
    for task in talks:
        task.cancel()
    await asyncio.gather(*talks, return_exceptions=True)


async def _talk(outlet: Outlet, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        asked = _asked(head)
        outlet.log.append(asked)
        answer = outlet.answer(asked)
        for step in answer if isinstance(answer, tuple) else (answer,):
            await _step(step, reader, writer)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # the client went first, as it may
    finally:
        writer.close()


async def _step(step: object, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if isinstance(step, bytes):
        writer.write(step)
        await writer.drain()
    elif step is HANG:
        await reader.read()
    elif step is DRIP:
        while not reader.at_eof():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.1)
    else:
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()


def _asked(head: bytes) -> Asked:
    lines = head.decode("latin-1").split("\r\n")
    host = next((line[5:].strip() for line in lines if line.lower().startswith("host:")), "")
    return Asked(host=host, path=lines[0].split(" ")[1], at=monotonic(), head=head)
