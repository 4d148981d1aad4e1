"""The whole line, as a person runs it: crawl, edit, crawl again, read, verify, export."""

import gzip
import json
import subprocess
import sys

import duckdb
import pytest

from archive.catalog.hold import Hold
from demo.server import serve
from tests.project import Project


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    with serve() as server:
        project = Project(tmp_path_factory.mktemp("crawled"), server.url)
        project.first = project.crawl("--json")
        ids = sorted(server.outlet.articles)
        project.total, (open_id, silent_id) = len(ids), ids[:2]
        project.ids = (open_id, silent_id)
        server.outlet.edit(open_id, open=True, lead="Un chapeau tout neuf, signalé par la rédaction.")
        server.outlet.edit(silent_id, open=False, lead="Un chapeau changé en silence, sans que rien ne le dise.")
        project.second = project.crawl("-a", "recheck=all", "--json")
        project.left = Hold(project.folder / "catalog.sqlite").peek()
        yield project


def test_a_first_crawl_takes_every_article(crawled):
    """Each article of the outlet becomes one new version, and every request has an outcome."""
    report = json.loads(crawled.first.stdout)

    assert crawled.first.returncode == 0, crawled.first.stderr
    assert report["articles"] == {"new": crawled.total}
    assert report["requests"] == sum(report["outcomes"].values())


def test_a_second_crawl_finds_the_edits_only(crawled):
    """Two articles changed; all others are unchanged and begin no version."""
    report = json.loads(crawled.second.stdout)

    assert report["articles"] == {"changed": 2, "unchanged": crawled.total - 2}


def test_a_crawl_leaves_its_catalog_closed(crawled):
    """Whoever opens it next need not read it whole to know that it is sound."""
    assert crawled.left == "closed"


def test_changes_tell_the_silent_edit_from_the_open_one(crawled):
    """Both edits are named, and only the one without a moved clock is silent."""
    found = {row["article_id"]: row["silent"] for row in crawled.rows("changes")}

    assert found == dict(zip(crawled.ids, (False, True), strict=True))


def test_the_archive_verifies_and_exports_the_same_bytes(crawled):
    """Verify ends with 0; two exports are equal, and DuckDB reads the records as they lie."""
    records = f"{crawled.archive}/records/**/*.jsonl.gz"
    count = duckdb.sql(f"SELECT count(*) FROM read_json('{records}')").fetchall()[0][0]

    assert crawled.run("verify").returncode == 0
    assert crawled.run("export", "jsonl").stdout == crawled.run("export", "jsonl").stdout
    assert count == crawled.total + 2


def test_independent_readers_accept_the_warc(crawled):
    """`warcio check` finds every digest right."""
    segments = sorted(map(str, crawled.archive.rglob("*.warc.gz")))
    checked = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", *segments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert segments
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("folder", ["log", "records", "checks", "captures"])
def test_a_flipped_byte_or_a_missing_file_is_named(crawled, folder):
    """Whatever object is touched or removed, verify ends with 9 and names its key."""
    for path in sorted(p for p in (crawled.archive / folder).rglob("*") if p.is_file()):
        whole, key = path.read_bytes(), path.relative_to(crawled.archive).as_posix()
        for change in (
            whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :],
            None,
        ):
            path.unlink()
            if change is not None:
                path.write_bytes(change)
            found = crawled.run("verify")
            path.write_bytes(whole)

            assert found.returncode == 9, key
            assert key in found.stdout + found.stderr


def test_records_are_one_gzip_member_a_line(crawled):
    """A record can be read alone: each line is a gzip member of its own."""
    path = next((crawled.archive / "records").rglob("*.jsonl.gz"))
    members = path.read_bytes().count(b"\x1f\x8b\x08")

    assert members >= len(gzip.decompress(path.read_bytes()).splitlines())


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("crawl", "presstv", "-a", "sections=nulle-part"), 2, "nulle-part"),
        (("crawl", "presstv", "-a", "outlet=nonsense"), 2, "outlet="),
        (("crawl", "presstv", "-a", "outlet"), 2, "NAME=VALUE"),
        (("history", "99"), 2, "99"),
        (("history", "99", "--nonsense"), 2, "--nonsense"),
        (("status", "leftover"), 2, "leftover"),
        (("export", "papyrus"), 2, "papyrus"),
        (("crawl", "presstv", "-a", "outlet=http://127.0.0.1:9"), 5, "conn_error"),
        (("status", "-s", "ARCHIVE_URI=file:no/such/place"), 10, "no archive"),
        (("status", "-s", "ARCHIVE_URI=ftp://place"), 4, "ftp://place"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_input_is_one_line_and_its_code(crawled, words, code, says):
    """Each mistake ends with its documented exit code and says what was wrong, without a traceback."""
    found = crawled.run(*words)

    assert found.returncode == code, found.stderr
    assert says in found.stdout + found.stderr
    assert "Traceback" not in found.stderr


def test_an_archive_is_searched_without_accents(crawled):
    """A word of the silent edit is found without its accent's help."""
    assert crawled.ids[1] in crawled.run("search", "change", "en", "silence").stdout
