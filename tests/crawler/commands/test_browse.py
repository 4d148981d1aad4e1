"""`scrapy browse` as a person starts it: its address, its end, a port that is taken, readers by HTTP."""

import contextlib
import http.client
import re
import shutil
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archive.errors import NoArchive
from browse.connection import MOST
from crawler.cli.reading import opened
from tests.browsing import serving, stored_project
from tests.project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return stored_project(tmp_path_factory.mktemp("browse"))


def asked(port, path, method="GET", **headers):
    """Return the answer to a request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()


@pytest.fixture(scope="module")
def port(project):
    with serving(project, "--no-open", "--name", "archive.example") as (_, port):
        yield port


def test_pages_are_served(port):
    """The front page, an article and a file come over HTTP, the server named in no header."""
    for path, words in (
        ("/", "Archive de Press TV"),
        ("/a/101", "Un bac de 2 200 passagers"),
        ("/static/style.css", "--paper"),
    ):
        status, headers, text = asked(port, path)
        assert (status, words in text) == (200, True)
        assert "server" not in {name.lower() for name in headers}


def test_the_stored_page_comes_from_the_next_origin(port):
    """The frame's address is another port, which answers with the page, and with nothing else."""
    _, headers, text = asked(port, "/a/101/page")
    frame = re.search(r'src="http://127\.0\.0\.1:(\d+)(/frame/[^"]+)"', text)
    other = int(frame[1])
    status, told, stored = asked(other, frame[2])

    assert other != port
    assert f"frame-src http://127.0.0.1:{other}" in headers["content-security-policy"]
    assert (status, "2 200 passagers" in stored) == (200, True)
    assert f"frame-ancestors http://127.0.0.1:{port}" in told["content-security-policy"]
    assert asked(other, "/a/101")[0] == 404
    assert asked(port, frame[2])[0] == 404


@pytest.mark.parametrize(
    ("host", "asked_as", "named"),
    [("::1", "[::1]", "localhost"), ("0.0.0.0", "127.0.0.1", "127.0.0.1"), ("0.0.0.0", "localhost", "localhost")],
)
def test_frames_are_asked_for_by_the_name_that_reached_us(project, host, asked_as, named):
    """On every network and on IPv6 the frame's origin has the reader's own name of this machine, as a policy can say it."""
    with serving(project, "--no-open", "--host", host) as (_, port):
        connection = http.client.HTTPConnection("::1" if host == "::1" else "127.0.0.1", port, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", "/a/101/page", headers={"host": f"{asked_as}:{port}"})
            answer = connection.getresponse()
            assert re.search(rf"frame-src http://{named}:\d+$", answer.getheader("content-security-policy"))
            assert answer.read()


def test_names_that_were_given_are_answered(port):
    """Under --name, and under no other."""
    assert [asked(port, "/", host=name)[0] for name in ("archive.example", "localhost", "evil.example")] == [
        200,
        200,
        400,
    ]


@pytest.mark.row("F-WEB-09")
@pytest.mark.parametrize("size", [17_000, 100_000, 1_000_000])
def test_a_query_of_a_megabyte_gets_a_sentence(port, size):
    """However long an address is, up to some megabytes, a sentence says that it is too long."""
    status, headers, text = asked(port, f"/search?q={'a' * size}")

    assert (status, headers["x-content-type-options"]) == (414, "nosniff")
    assert "ask with fewer words" in text


@pytest.mark.row("F-WEB-11")
@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "])
def test_slow_readers_hold_up_nobody(port, said):
    """However many connections say nothing or half a request, the next reader is answered."""
    with contextlib.ExitStack() as held:
        for number in range(MOST + 60):
            slow = held.enter_context(socket.create_connection(("127.0.0.1", port)))
            with contextlib.suppress(OSError):
                slow.sendall(said[: len(said) - number % 2])
        assert asked(port, "/a/101")[0] == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n\r\n",
        b"GET http://evil/ HTTP/1.1\r\nHost: evil\r\n\r\n",
        b"\x00\xff\r\n\r\n",
    ],
)
def test_crooked_requests_are_refused(port, raw):
    """Without a host, with two, with another: 400."""
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as line:
        line.sendall(raw)
        answer = b"".join(iter(lambda: line.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"x-content-type-options: nosniff" in answer


def test_readers_side_by_side(port):
    """Forty requests at once are all answered."""
    paths = ["/", "/a/101", "/search?q=bac", "/a/101/diff/1..2", "/list/changed.atom"] * 8
    with ThreadPoolExecutor(8) as pool:
        assert {answer[0] for answer in pool.map(lambda path: asked(port, path), paths)} == {200}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_ends_when_told(project, number, code):
    """Ctrl-C and SIGTERM end it with their code and a line, also while a reader's connection is open."""
    with (
        serving(project, "--no-open") as (command, port),
        contextlib.closing(socket.create_connection(("127.0.0.1", port))),
    ):
        assert asked(port, "/healthz")[0] == 200
        command.send_signal(number)
        _, err = command.communicate(30)
        assert (command.wait(1), err) == (code, "stopped; run the same command again to go on\n")


def test_a_port_that_is_taken_is_one_line(project):
    """Exit code 4, naming the port and the way out."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        done = project.run("browse", "--no-open", "--port", port)

    assert (done.returncode, done.stdout) == (4, "")
    assert (
        done.stderr
        == f"error: can't listen on 127.0.0.1:{port}: another program does; choose another with --port, or --port 0 for any\n"
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--port", "70000"], 2),
        (["--port", "x"], 2),
        (["--port", "-1"], 2),
        (["nothing-there"], 2),
        (["--host", "192.0.2.1"], 4),
        (["--host", "no.such.name.invalid"], 4),
        (["--host", ""], 4),
        (["-s", "ARCHIVE_URI=file:nowhere/at/all"], 10),
    ],
)
def test_what_can_not_be_served_is_one_line(project, words, code):
    """Bad ports and hosts, leftovers, and no archive: one line and a code, nothing served."""
    done = project.run("browse", "--no-open", *(["--port", "0"] if "--port" not in words else []), *words)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr


def test_nothing_is_written(project):
    """Readers leave the archive as it was, byte for byte."""
    before = {path: path.read_bytes() for path in project.archive.rglob("*") if path.is_file()}
    with serving(project, "--no-open") as (_, port):
        for path in ("/", "/a/101", "/search?q=bac", "/a/101/proof", "/a/101/page"):
            assert asked(port, path)[0] == 200

    assert {path: path.read_bytes() for path in project.archive.rglob("*") if path.is_file()} == before
    assert not project.spool.exists()


def test_other_commands_load_no_web_framework(project):
    """Scrapy imports all commands to begin one: neither Starlette nor uvicorn, Jinja2 nor Babel come with that."""
    script = (
        "import sys, scrapy.cmdline\n"
        "try:\n    scrapy.cmdline.execute()\n"
        "finally:\n    print(sorted({'starlette', 'uvicorn', 'jinja2', 'babel'} & set(sys.modules)), file=sys.stderr)"
    )
    done = project.run_by(script, "status", stdin=None)

    assert done.stderr.splitlines()[-1] == "[]"


def exported(project, *views):
    """Return files of views of the archive."""
    paths = [project.folder / f"{view}.jsonl{ending}" for view, ending in zip(views, (".gz", "", ".zst"), strict=False)]
    for view, path in zip(views, paths, strict=True):
        assert project.run("export", "jsonl", "--view", view, "-o", path).returncode == 0
    return paths


def test_exported_files_are_read_without_their_archive(project, tmp_path):
    """From files alone an article's page tells the same life and text; what is not in them is said, and is 404."""
    paths = exported(project, "versions", "checks", "events")
    alone = Project(tmp_path, "")
    with serving(project, "--no-open") as (_, port):
        whole = asked(port, "/a/101", **{"accept-language": "en"})[2]
    with serving(alone, "--no-open", *paths) as (_, port):
        page = asked(port, "/a/101", **{"accept-language": "en"})[2]
        codes = [asked(port, f"/a/101/{part}")[0] for part in ("proof", "page", "capture", "warc", "diff/1..2")]

    # What is taken away from there is captures, and proofs by them.
    life = [
        re.sub('<small class="take">.*?</small>', "", between(text, "<h1", '<section aria-labelledby="cite"'))
        for text in (page, whole)
    ]
    assert life[0] == life[1]
    assert "Read from exported files alone: versions.jsonl.gz, checks.jsonl and events.jsonl.zst" in page
    assert "proof" not in between(page, "<main", "</main>")
    assert codes == [404, 404, 404, 404, 200]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_exported_files_is_these_files(project, tmp_path):
    """Those that an export wrote, whatever lies beside them; what is no archive and holds none stays an error."""
    [path] = exported(project, "latest")
    folder, made = tmp_path / "files", tmp_path / "made"
    (folder / "more.jsonl").mkdir(parents=True)
    made.mkdir()
    (folder / "read me.txt").write_text("no line of ours", encoding="utf-8")
    shutil.copy(path, folder)
    archive, alone, _ = opened([f"file:{folder}"], made, "presstv-fr", None)
    archive.close()

    assert alone.names == (Path(path).name,)
    with pytest.raises(NoArchive):
        opened([str(folder / "more.jsonl")], made, "presstv-fr", None)


def between(text, start, end):
    """Return what stands from one piece of a text to another."""
    return text[text.index(start) : text.index(end)]


def test_another_archive_is_read_by_its_place(project, tmp_path):
    """A folder is an archive, its catalog made for the time being."""
    with serving(Project(tmp_path, ""), "--no-open", project.archive) as (_, port):
        assert asked(port, "/a/101/proof")[0] == 200
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [(None, 2, "can't read"), ("{}\n", 4, "x.jsonl, line 1"), ("<html>", 4, "x.jsonl, line 1"), ("", 4, "no records")],
)
def test_a_source_that_is_none_is_one_line(project, tmp_path, text, code, said):
    """No file, no JSON, no row of ours, nothing: a line with file and line, and a code."""
    path = tmp_path / "x.jsonl"
    if text is not None:
        path.write_text(text)
    done = project.run("browse", "--no-open", "--port", "0", path)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert said in done.stderr
