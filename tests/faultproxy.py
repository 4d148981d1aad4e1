"""A proxy between a client and a real server that misbehaves on demand: lost answers, errors, stripped headers."""

import contextlib
import http.client
import random
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_HOP = frozenset({"connection", "transfer-encoding", "keep-alive"})


@dataclass(slots=True, kw_only=True)
class Fault:
    """What to do with some requests; the first fault that fits one is applied."""

    method: str = ".*"
    path: str = ".*"
    """Regular expressions over the whole of each."""
    skip: int = 0
    """Requests that fit and are let through first."""
    times: int | None = None
    """How many are hit; None: all."""
    chance: float = 1.0
    """The share of those that fit and are hit, by the proxy's own dice."""
    lose_request: bool = False
    """Close the connection without forwarding."""
    lose_answer: bool = False
    """Forward, then close the connection instead of answering."""
    reset: bool = False
    """Forward, then reset the connection (RST) instead of answering."""
    stale: bool = False
    """Answer a GET as its path was answered first, if it was before."""
    hold: Callable[[], None] | None = None
    """Called before the answer, after forwarding where that is done: wait on an event to delay it, or count."""
    status: int | None = None
    """Answer with this status instead of forwarding."""
    code: str = "Injected"
    """The S3 error code of that answer."""
    elements: str = ""
    """More XML inside its Error element."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers of that answer."""
    strip: tuple[str, ...] = ()
    """Request headers that are not forwarded."""
    cut: int | None = None
    """Break the connection after so many bytes of the answer's body."""

    def fits(self, method: str, path: str, dice: random.Random) -> bool:
        """Tell whether a request is hit, and count it."""
        if not re.fullmatch(self.method, method) or not re.fullmatch(self.path, path) or self.times == 0:
            return False
        if self.chance < 1 and dice.random() >= self.chance:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True, kw_only=True)
class Proxy:
    """A running proxy; set `faults` at any time, read `requests` (method, path) afterwards."""

    port: int
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    struck: int = 0
    """Requests that a fault fitted."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    dice: random.Random = field(default_factory=lambda: random.Random(0))
    in_turn: bool = False
    """Whether puts are forwarded one at a time: moto looks and then writes, so two that race may both be told 200."""
    put: threading.Lock = field(default_factory=threading.Lock)
    first: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    """Path → the first answer to a GET of it."""

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def fault(self, method: str, path: str) -> Fault:
        """Note a request and return what to do with it; a fault that does nothing where none fits."""
        with self.lock:
            self.requests.append((method, path))
            found = next((fault for fault in self.faults if fault.fits(method, path, self.dice)), None)
            self.struck += found is not None
            return found or Fault()

    def count(self, method: str, path: str = ".*") -> int:
        """Return how many requests of a method came in whose whole path fits a regular expression."""
        with self.lock:
            return sum(1 for found, where in self.requests if found == method and re.fullmatch(path, where))


@contextlib.contextmanager
def faultproxy(port: int, *faults: Fault, in_turn: bool = False) -> Iterator[Proxy]:
    """Run a proxy before the server at a loopback port."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.proxy = Proxy(port=server.server_address[1], faults=list(faults), in_turn=in_turn)
    server.target = port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def shutdown_request(self, request):
        # Without the FIN of an orderly end: a socket that lingers for no time at all is reset.
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER):
            self.close_request(request)
        else:
            super().shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle(self):
        # A client that gives up on us is what many of the tests are about.
        with contextlib.suppress(ConnectionError):
            super().handle()

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server.proxy.fault(self.command, self.path)
        # One request a connection: no idle thread outlives its test.
        self.close_connection = True
        forwarded = None if fault.lose_request or fault.status is not None else self.forwarded(body, fault)
        if fault.hold:
            fault.hold()
        if fault.lose_request:
            return
        status, headers, answer = forwarded or (fault.status, fault.headers, _error(fault))
        if fault.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif not fault.lose_answer:
            self.answer(status, headers, answer, fault.cut)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815 - names that http.server looks for

    def forwarded(self, body, fault):
        """Return the server's answer, or for a stale read the first one that this path had."""
        proxy = self.server.proxy
        first = proxy.first
        if fault.stale and self.path in first:
            return first[self.path]
        with proxy.put if proxy.in_turn and self.command == "PUT" else contextlib.nullcontext():
            answer = self.forward(body, fault.strip)
        if self.command == "GET":
            first.setdefault(self.path, answer)
        return answer

    def forward(self, body, strip):
        dropped = {name.lower() for name in strip} | _HOP | {"expect"}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=30)
        with contextlib.closing(connection):
            headers = {name: value for name, value in self.headers.items() if name.lower() not in dropped}
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()

    def answer(self, status, headers, body, cut):
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in _HOP | {"content-length"}:
                self.send_header(name, value)
        length = headers.get("Content-Length", len(body)) if self.command == "HEAD" else len(body)
        self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:cut])

    def log_message(self, *arguments):
        """Say nothing; `requests` remembers."""


def _error(fault):
    return f"<?xml version='1.0'?><Error><Code>{fault.code}</Code>{fault.elements}</Error>".encode()
