"""An archive that an earlier version made, crawled on by today's program: nothing changed, so nothing is told."""

import json
import socket
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import pytest

from archive.warc import warc
from tests.faults.site import opened, rows
from tests.old import pack
from tests.outlet_server import Outlet, page, serve
from tests.project import Project

HOST, PORT = "127.41.53.2", 8853
"""Where the outlet was when the archive was made: at another address every article would have moved."""
CRAWL = ("-a", "recheck=all", "-s", "PARITY_DAYS=0")


@dataclass(slots=True, kw_only=True)
class Replayed(Outlet):
    """An outlet that answers as it was captured, and with 304 to the validators that it gave."""

    def answer(self, asked):
        """Return the captured answer of a path."""
        found = self.script.get(unquote(asked.path)) or page(b"rien", status=404)
        tag = _line(found, b"etag")
        return page(b"", status=304) if tag and _line(asked.head, b"if-none-match") == tag else found


def _line(head, name):
    lines = (line.partition(b":") for line in head.partition(b"\r\n\r\n")[0].split(b"\r\n"))
    return next((value.strip() for key, _, value in lines if key.strip().lower() == name), b"")


def captured(project):
    """Return path → answer of everything that a project's archive holds the bytes of, the newest of each path."""
    found = {}
    with opened(project) as archive:
        places = archive.catalog.db.execute(
            "SELECT url, segment, offset, length FROM captures WHERE NOT revisit ORDER BY captured_at"
        ).fetchall()
        for url, *place in places:
            capture = warc.decode(archive.store.get_range(*place))
            own = (f"{name.decode()}: {value.decode()}" for name, value in capture.response_headers)
            kept = [line for line in own if not line.lower().startswith(("connection", "content-length", "date"))]
            found[unquote(urlsplit(url).path)] = page(capture.body, *kept, status=capture.status)
    return found


@pytest.fixture
def upgraded(tmp_path):
    """Return (a project with the old archive, its outlet served, what the old program's last crawl reported)."""
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            free.bind((HOST, PORT))
        except OSError as error:
            pytest.skip(f"the old outlet's address {HOST}:{PORT} can't be had here: {error}")
    files = pack.unpacked("upgrade-0.1.0.tar.xz")
    told = json.loads(files.pop("crawl.json"))
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    project = Project(tmp_path, f"http://{HOST}:{PORT}")
    with serve({}, outlet=Replayed(addresses=(HOST,), script=captured(project), port=PORT)) as server:
        yield project, server, told


def edits(project):
    """Return the events that are no discovery."""
    return [(row["article_id"], row["event"]) for row in rows(project, "events") if row["event"] != "discovered"]


def test_the_first_crawls_after_an_upgrade(upgraded):
    """200 articles, read by another revision now: exit 0, no event, no version, no more requests; then one edit is one."""
    project, server, told = upgraded
    report = project.report(*CRAWL)
    asked, nothing, versions = len(server.log), edits(project), len(rows(project, "versions"))
    path = next(path for path in sorted(server.script) if "/1000007/" in path)
    server.script = {**server.script, path: edited(server.script[path])}
    later = project.report(*CRAWL)

    assert told["articles"] == report["articles"] == {"unchanged": 200}
    assert (report["exit"], report["suspect"], report["failures"]) == (0, False, [])
    assert report["requests"] <= told["requests"]
    # What is asked for robots.txt is no request of the report.
    assert asked <= told["requests"] + 1
    assert (nothing, versions) == ([], 200)
    assert (later["exit"], later["articles"]) == (0, {"changed": 1, "unchanged": 199})
    assert edits(project) == [("1000007", "silently_edited")]


def edited(answer):
    """Return an article's page, its last paragraph another one."""
    before, _, rest = answer.partition(b"\r\n\r\n")[2].rpartition(b"<p>")
    text = "La phrase d’avant n’est plus là, et celle-ci la remplace.".encode()
    return page(before + b"<p>" + text + rest[rest.index(b"</p>") :], "Content-Type: text/html; charset=utf-8")
