"""Serve the demo outlet over HTTP/1.1 on 127.0.0.1: in-process for tests, as a child process for benchmarks.

`python -m demo.server --port 0` prints its address on the first line. Editors' work comes by POST of a JSON object
to `/_control/edit`, `remove`, `restore`, `publish`; `/_control/requests` answers with what was asked so far.
"""

import argparse
import json
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from demo.outlet import Article, Outlet, article_of, generated, written
from demo.routes import Answer, route

MOST_KEPT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One line of the server's log."""

    method: str
    path: str
    status: int
    sent: int
    """Bytes of the body as sent, content coding on."""
    conditional: bool
    agent: str


class Server:
    """A running outlet: `url`, `outlet`, `requests`. Close it, or use it in a `with` block."""

    def __init__(self, outlet: Outlet, *, port: int = 0) -> None:
        """Listen on 127.0.0.1 and start a thread; port 0 takes a free one. Raises OSError when the port is taken."""
        self.outlet = outlet
        self.requests: list[Request] = []
        self.cache: dict[str, tuple[int, Answer, tuple[bytes, bytes, str]]] = {}
        self._http = _Listener(("127.0.0.1", port), partial(_Handler, self))
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and cut what connections are left; nothing keeps running. Closing twice is harmless."""
        self._http.shutdown()
        self._http.server_close()
        self._http.cut_connections()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def answer(self, path: str) -> tuple[Answer, tuple[bytes, bytes, str]]:
        """Return what a path says now with its bytes, made once per state of the outlet."""
        with self.outlet.lock:
            revision = self.outlet.revision
            made, answer, encoded = self.cache.get(path, (-1, Answer(), (b"", b"", "")))
            if made != revision:
                full = route(self.outlet, path)
                answer, encoded = replace(full, text=""), full.encoded()
                if len(self.cache) >= MOST_KEPT:
                    self.cache.clear()
                self.cache[path] = (revision, answer, encoded)
        return answer, encoded


def serve(port: int = 0, *, outlet: Outlet | None = None, more: int = 0) -> Server:
    """Start the outlet of the written articles, and `more` generated ones, on the machine's clock."""
    articles = chain(written(), generated(more))
    return Server(outlet or Outlet(articles, clock=lambda: datetime.now(UTC)), port=port)


def control(server: Server, verb: str, order: dict[str, Any]) -> Any:
    """Do one editor's order and return what to answer. Raises KeyError, TypeError or ValueError for a wrong one."""
    verbs: Mapping[str, Callable[..., Article]] = {
        "edit": lambda id, open, **fields: server.outlet.edit(id, open=open, **fields),  # noqa: A006 - JSON names
        "remove": lambda id, how="404": server.outlet.remove(id, how),  # noqa: A006
        "restore": lambda id: server.outlet.restore(id),  # noqa: A006, PLW0108 - positional there, a name here
        "publish": lambda **fields: server.outlet.publish(article_of(fields)),
    }
    if verb == "requests":
        return [asdict(request) for request in server.requests]
    return {"done": verb, "path": verbs[verb](**order).path}


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def cut_connections(self) -> None:
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # the client was quicker
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up in the middle is not worth a traceback; a bug of ours is.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one piece: written apart, Nagle and delayed acknowledgement cost 40 ms an answer.
    wbufsize = -1
    timeout = 30

    def __init__(self, server: Server, *arguments: Any) -> None:
        self.demo = server
        super().__init__(*arguments)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Keep quiet: `Server.requests` is the log."""

    def do_GET(self) -> None:
        answer, (plain, packed, etag) = self.demo.answer(unquote(urlsplit(self.path).path))
        headers = {"Content-Type": answer.kind, "Vary": "Accept-Encoding"}
        if answer.location:
            headers["Location"] = answer.location
        if answer.status == 200:
            headers["ETag"] = etag
        if answer.changed:
            headers["Last-Modified"] = format_datetime(answer.changed, usegmt=True)
        if answer.status == 200 and self._unchanged(etag, answer.changed):
            self._send(304, headers, b"")
        elif plain and "gzip" in self.headers.get("Accept-Encoding", ""):
            self._send(answer.status, {**headers, "Content-Encoding": "gzip"}, packed)
        else:
            self._send(answer.status, headers, plain)

    do_HEAD = do_GET  # noqa: N815 - the base class looks for this name

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        verb = self.path.removeprefix("/_control/")
        try:
            status, said = 200, control(self.demo, verb, json.loads(raw or b"{}"))
        except (KeyError, TypeError, ValueError) as error:
            status, said = 400, {"error": f"{verb}: {error!r}"}
        self._send(status, {"Content-Type": "application/json"}, json.dumps(said, ensure_ascii=False).encode())

    def _unchanged(self, etag: str, changed: datetime | None) -> bool:
        """Judge the request's conditions; If-None-Match outranks If-Modified-Since (RFC 9110, section 13.2.2)."""
        if tags := self.headers.get("If-None-Match"):
            return tags.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        since = self.headers.get("If-Modified-Since")
        try:
            return bool(since and changed and changed.replace(microsecond=0) <= parsedate_to_datetime(since))
        except ValueError:
            return False

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        # Logged first: a client that has its answer must find it in the log.
        if not self.path.startswith("/_control/"):
            self.demo.requests.append(self._noted(status, len(body)))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _noted(self, status: int, sent: int) -> Request:
        conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
        agent = self.headers.get("User-Agent", "")
        path = unquote(self.path)
        return Request(method=self.command, path=path, status=status, sent=sent, conditional=conditional, agent=agent)


def main() -> None:
    """Serve until interrupted or terminated."""
    parser = argparse.ArgumentParser(prog="python -m demo.server", description="Serve the demo outlet on loopback.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--more", type=int, default=0, help="so many generated articles besides the written ones")
    options = parser.parse_args()
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with serve(options.port, more=options.more) as server:
        print(server.url, flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
