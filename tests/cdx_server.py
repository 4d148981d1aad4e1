"""An index of captures and the captures themselves on loopback, as the Wayback Machine and Common Crawl serve them.

It speaks the CDX API in the forms that clients meet: JSON lists with a resume key, JSON objects line by line, plain lines
and CDXJ, `/<CRAWL>-index` by pages; and hands captures out as a replay (`/web/<14 digits>id_/<address>`) and as
ranges of WARC files (`/data/<name>`).
"""

import gzip
import json
import threading
import time
from base64 import b32encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote_plus, unquote, urlsplit

from tests.foreign_warcs import Warc

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
CRAWL = "CC-MAIN-2019-13"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One capture that the server has."""

    url: str
    timestamp: str
    body: bytes = field(repr=False)
    status: int = 200
    mime: str = "text/html"
    kind: str = "text/html"
    """The Content-Type that the outlet sent."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The outlet's other headers."""
    digest: str = ""
    """What the index says; empty: the truth."""
    listed: str = ""
    """The status that the index tells; empty: the true one."""

    @property
    def sha1(self) -> str:
        """The digest as an index tells it."""
        return self.digest or b32encode(sha1(self.body).digest()).decode()

    @property
    def key(self) -> str:
        """A SURT, near enough: sorts by host, path and time."""
        parts = urlsplit(self.url)
        host = ",".join(reversed((parts.hostname or "").split(".")))
        return f"{host}){parts.path}".lower()

    def row(self) -> dict[str, str]:
        """Return the fields of its line."""
        status = self.listed or str(self.status)
        values = (self.key, self.timestamp, self.url, self.mime, status, self.sha1, str(len(self.body)))
        return dict(zip(FIELDS, values, strict=True))


def shot(url, timestamp, body, **more):
    """Return a capture."""
    return Shot(url=url, timestamp=timestamp, body=body, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An answer given instead of the true one, so many times, to requests whose path holds a text."""

    path: str
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"no"
    times: int = 1
    length: int | None = None
    """The Content-Length told, where it is not the body's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came."""

    path: str
    at: float
    headers: Mapping[str, str] = field(repr=False)


@dataclass(slots=True, kw_only=True)
class CdxServer:
    """The running server, what it has, how it behaves, what it was asked."""

    shots: Sequence[Shot]
    form: str = "lists"
    """lists, lines, plain, cdxj."""
    keys: bool = True
    """Whether it tells resume keys."""
    cap: int = 150_000
    """Rows that it gives at most."""
    page_rows: int = 2
    """Rows of a page of Common Crawl's index."""
    clock: Callable[[], float] = time.monotonic
    faults: list[Fault] = field(default_factory=list)
    packed: bool = False
    """Whether the index is sent gzipped, asked for or not."""
    mementos: bool = True
    """Whether replays say that they are (Memento-Datetime)."""
    packs: bool = False
    """Whether replays are gzipped by the server itself where that is accepted."""
    unpacks: bool = False
    """Whether replays are sent unpacked, with the outlet's Content-Encoding repeated all the same."""
    leads: bool = True
    """Whether a replay leads to the nearest capture, and does not answer with it at once, as pywb does."""
    log: list[Asked] = field(default_factory=list)
    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    members: dict[tuple[str, str], tuple[str, int, int]] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        """The settings that lead a backfill here."""
        return {
            "WAYBACK_CDX": f"{self.url}/cdx", "WAYBACK_WEB": f"{self.url}/web", "COMMONCRAWL_INDEX": self.url,
            "COMMONCRAWL_DATA": f"{self.url}/data",
        }  # fmt: skip

    def paths(self, start: str) -> list[str]:
        """Return the paths asked that begin so, in order."""
        return [a.path for a in self.log if a.path.startswith(start)]

    def fetched(self) -> list[str]:
        """Return the addresses of the replays asked for, time before address."""
        return [path.removeprefix("/web/") for path in self.paths("/web/")]

    def answer(self, path: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes, int | None]:
        """Return status, headers, body and what Content-Length to tell."""
        for place, fault in enumerate(self.faults):
            if fault.path in path and fault.times > 0:
                left = Fault(**{n: getattr(fault, n) for n in Fault.__slots__} | {"times": fault.times - 1})
                self.faults[place] = left
                return fault.status, fault.headers, fault.body, fault.length
        parts = urlsplit(path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/cdx":
            return (*self._index(query), None)
        if parts.path.endswith("-index"):
            return (*self._crawl(parts.path, query), None)
        if parts.path.startswith("/data/"):
            return (*self._range(unquote(parts.path.removeprefix("/data/")), headers), None)
        return (*self._coded(*self._replay(path.removeprefix("/web/")), headers), None)

    def _coded(
        self, status: int, told: Mapping[str, str], body: bytes, asked: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:  # fmt: skip
        coded = "X-Archive-Orig-Content-Encoding" in told
        if coded and self.unpacks:
            return status, told, gzip.decompress(body)
        if coded:
            return status, {**told, "Content-Encoding": told["X-Archive-Orig-Content-Encoding"]}, body
        if self.packs and "gzip" in asked.get("Accept-Encoding", ""):
            return status, {**told, "Content-Encoding": "gzip"}, gzip.compress(body)
        return status, told, body

    def _below(self, query: Mapping[str, str]) -> list[Shot]:
        assert query["matchType"] == "prefix", query
        prefix = query["url"].lower()
        found = (s for s in self.shots if s.url.partition("://")[2].lower().replace(":80/", "/").startswith(prefix))
        first, last = query.get("from", "0"), query.get("to", "9" * 14)
        within = (s for s in found if first <= s.timestamp[: len(first)] and s.timestamp[: len(last)] <= last)
        return sorted(within, key=lambda s: (s.key, s.timestamp))

    def _index(self, query: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        rows = [s.row() for s in self._below(query)]
        if (after := query.get("resumeKey")) is not None:
            # As the real one does: it goes on at this very text, so that one encoded twice finds nothing.
            rows = [row for row in rows if f"{row['urlkey']} {row['timestamp']}" > after.removesuffix("!")]
            rows = rows if after.partition(" ")[0].count(")") else []
        most = min(int(query.get("limit", self.cap)), self.cap)
        rows, rest = rows[:most], rows[most:]
        key = quote_plus(f"{rows[-1]['urlkey']} {rows[-1]['timestamp']}!") if rest and self.keys else None
        told = key if query.get("showResumeKey") == "true" else None
        body = FORMS[self.form](rows, told).encode()
        if self.packed:
            return 200, {"Content-Encoding": "gzip"}, gzip.compress(body)
        return 200, {}, body

    def _crawl(self, path: str, query: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        rows = [self._member(s) for s in self._below(query)] if path == f"/{CRAWL}-index" else []
        if not rows:
            return 404, {}, b'{"message": "No Captures found for: x"}'
        pages = -(-len(rows) // self.page_rows)
        if query.get("showNumPages") == "true":
            return 200, {}, json.dumps({"pages": pages, "pageSize": 5, "blocks": pages}).encode()
        start = int(query.get("page", "0")) * self.page_rows
        return 200, {}, _lines(rows[start : start + self.page_rows], None).encode()

    def _member(self, one: Shot) -> dict[str, str]:
        name, offset, length = self._placed(one)
        row = one.row() | {"filename": name, "offset": str(offset), "length": str(length), "languages": "fra"}
        names = {"original": "url", "mimetype": "mime", "statuscode": "status"}
        return {names.get(k, k): v for k, v in row.items()}

    def _placed(self, one: Shot) -> tuple[str, int, int]:
        place = (one.url, one.timestamp)
        if place not in self.members:
            warc, name = Warc(), f"crawl-data/{CRAWL}/segments/1/warc/{len(self.members):05d}.warc.gz"
            begin = len(warc.data)
            warc.response_alone(one.url, one.body, at=iso(one.timestamp), status=f"{one.status} X", kind=one.kind)
            self.files[name] = warc.data
            self.members[place] = (name, begin, len(warc.data) - begin)
        return self.members[place]

    def _range(self, name: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        data = self.files.get(name)
        if data is None:
            return 404, {}, b"<Error/>"
        first, last = headers["Range"].removeprefix("bytes=").split("-")
        return 206, {}, data[int(first) : int(last) + 1]

    def _replay(self, rest: str) -> tuple[int, Mapping[str, str], bytes]:
        moment, _, url = rest.partition("/")
        plain = moment.endswith("id_")
        digits, url = moment.removesuffix("id_"), unquote(url)
        same = [s for s in self.shots if unquote(s.url) == url]
        if not same:
            return 404, {}, b"<html>The Wayback Machine has not archived that URL.</html>"
        near = min(same, key=lambda s: abs(int(s.timestamp) - int(digits)))
        if near.timestamp != digits and self.leads:
            return 302, {"Location": f"/web/{near.timestamp}{'id_' if plain else ''}/{near.url}"}, b""
        headers = {f"X-Archive-Orig-{name}": value for name, value in near.headers.items()} if self.mementos else {}
        headers |= {"Content-Type": near.kind, "Server": "ours"}
        if self.mementos:
            headers["Memento-Datetime"] = format_datetime(datetime.fromisoformat(iso(near.timestamp)), usegmt=True)
        body = near.body if plain else near.body + b"<!-- FILE ARCHIVED ON 2019 AND RETRIEVED -->"
        return near.status, headers, body


def iso(timestamp):
    """Return 14 digits as a WARC-Date."""
    t = timestamp
    return f"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[8:10]}:{t[10:12]}:{t[12:]}Z"


def _lists(rows, key):
    head = [list(FIELDS)] if rows else []
    return json.dumps([*head, *(list(row.values()) for row in rows), *([[], [key]] if key else [])])


def _lines(rows, key):
    return "".join(json.dumps(row) + "\n" for row in rows)


def _plain(rows, key):
    return "".join(" ".join(row.values()) + "\n" for row in rows) + (f"   \n{key}\n" if key else "")


def _cdxj(rows, key):
    lines = ((row["urlkey"], row["timestamp"], {k: v for k, v in row.items() if k not in FIELDS[:2]}) for row in rows)
    names = {"original": "url", "mimetype": "mime", "statuscode": "status"}
    return "".join(
        f"{key} {at} {json.dumps({names.get(k, k): v for k, v in more.items()})}\n" for key, at, more in lines
    )


FORMS = {"lists": _lists, "lines": _lines, "plain": _plain, "cdxj": _cdxj}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    timeout = 30
    served: CdxServer

    def log_message(self, format, *args):  # noqa: A002 - the base class names it
        """Keep quiet: the log is the server's."""

    def do_GET(self):
        self.served.log.append(Asked(path=self.path, at=self.served.clock(), headers=dict(self.headers)))
        status, headers, body, length = self.served.answer(self.path, self.headers)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serve(*shots, **how):
    """Serve captures until the block ends."""
    server = CdxServer(shots=shots, **how)
    handler = type("Handler", (_Handler,), {"served": server})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
