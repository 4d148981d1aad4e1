"""A crawl in a real terminal: the bar, log lines beside it, a window made smaller, Ctrl-C, NO_COLOR, a dumb one."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from archive.log.chain import Log
from archive.stores.opening import open_store
from demo.server import serve
from tests import facts
from tests.project import ROOT, Project, environment
from tests.terminal import Terminal

LOGGED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[")


@pytest.fixture(scope="module")
def server():
    """Serve the demo outlet."""
    with serve() as served:
        yield served


@pytest.fixture
def project(tmp_path, server):
    """Return a project that crawls it."""
    return Project(tmp_path, server.url)


def watching(project, *words, columns=80, env=None):
    """Crawl in a terminal."""
    return Terminal(project.command(*project.crawl_words(*words)), columns=columns, env=env)


@pytest.mark.row("F-TTY-01")
@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"NO_COLOR": ""}], ids=["terminal", "no-color", "empty"])
def test_a_bar_is_drawn_and_taken_away(project, env):
    """Articles done of those asked for, in no colour; nothing of it is left."""
    terminal = watching(project, "-a", "limit=3", env=env)
    code = terminal.end()

    assert (code, "articles: " in terminal.drawn) == (14, True)
    assert re.findall(r"\x1b\[[0-9;]*m", terminal.drawn) == []
    assert [row for row in terminal.screen.rows if row.strip()] == []


@pytest.mark.row("F-TTY-01")
def test_a_terminal_that_cannot_draw_gets_no_bar(project):
    """Nothing but text."""
    terminal = watching(project, "-a", "limit=3", env={"TERM": "dumb"})

    assert (terminal.end(), terminal.drawn) == (14, "")


@pytest.mark.row("F-TTY-02")
def test_log_lines_stand_above_the_bar(project):
    """Each begins its own row, whole, and the bar never shares it."""
    terminal = watching(project, "-a", "limit=8", "-L", "DEBUG", columns=300)
    code = terminal.end()
    rows = terminal.screen.rows
    logged = [row for row in rows if LOGGED.search(row)]

    assert code == 14
    assert terminal.drawn.count("articles: ") > 8
    assert len(logged) > 8
    assert [row for row in logged if not LOGGED.match(row)] == []
    assert [row for row in rows if "articles: " in row] == []


@pytest.mark.row("F-TTY-03")
@pytest.mark.parametrize("columns", [40, 20, 8, 1], ids=str)
def test_a_bar_fits_a_terminal_made_smaller(project, columns):
    """What is drawn after that is narrower than the terminal, so that it stays one row."""
    terminal = watching(project, "-a", "limit=20", "-s", "DOWNLOAD_DELAY=0.05")
    terminal.until(r" 3/\d")
    terminal.resize(columns)
    terminal.until(r"\x1b\[K\r")
    later = terminal.until(r"\x1b\[K(?s:.)*\x1b\[K(?s:.)*\x1b\[K")
    rows = len(terminal.screen.rows)
    code = terminal.end()
    drawn = [part for part in re.split(r"\r|\x1b\[K", later) if part]

    assert code == 14
    assert drawn
    assert [part for part in drawn[1:] if len(part) >= max(2, columns)] == []
    assert len(terminal.screen.rows) == rows


@pytest.mark.row("F-TTY-04")
def test_ctrl_c_ends_with_130_and_says_how_to_go_on(project):
    """Once: what was fetched is committed, the way on is said, and the same command goes on."""
    terminal = watching(project, "-s", "DOWNLOAD_DELAY=0.05")
    terminal.until(r" 5/\d")
    terminal.press(b"\x03")
    code = terminal.end()
    known = len(project.rows("latest"))

    assert (code, terminal.screen.rows[-2:]) == (130, ["stopped; run the same command again to go on", ""])
    assert known >= 5
    assert project.crawl().returncode == 0
    assert len(project.rows("latest")) > known


@pytest.mark.row("F-TTY-04")
def test_ctrl_c_twice_ends_at_once(project):
    """The next crawl takes in what was fetched, and says how much that was."""
    terminal = watching(project, "-s", "DOWNLOAD_DELAY=0.05")
    terminal.until(r" 5/\d")
    terminal.press(b"\x03")
    terminal.until("Received SIGINT")
    terminal.press(b"\x03")
    code = terminal.end()
    done = project.crawl()

    assert code == 130
    assert "stopped; run the same command again to go on" in terminal.drawn
    assert "Traceback" not in terminal.drawn
    assert done.returncode == 0
    assert re.search(r"^  adopted: \d+ captures that a crawl which died had fetched$", done.stdout, re.MULTILINE)
    assert re.match(r"crawl \S+ into \S+: \d+ requests in \d+ s\n", done.stdout)


FOLDING = """
import sys
from archive.catalog import catalog
from crawler.cli.front import main
from crawler.crawl import progress

catalog._MOST_COMMITS, progress._QUIET_SECONDS = 1, 0
raise SystemExit(main(sys.argv))
"""


@pytest.mark.row("F-PRC-26")
@pytest.mark.parametrize("redirected", [False, True], ids=["terminal", "pipe"])
def test_a_catalog_of_an_older_schema_is_made_anew_under_a_bar(tmp_path, redirected):
    """Of how many commits is known from the memory of heads; nothing of the bar is left, and a pipe sees none."""
    log = Log(open_store(f"file:{tmp_path}/archive"))
    log.create(edition="presstv-fr", version="0.2.0")
    for minute in range(5):
        facts.write(log, facts.read(1, minute, facts.TEXTS[minute % 3]))
    project = Project(tmp_path, "")
    before = project.run("show", "1").stdout
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite", isolation_level=None)) as db:
        db.execute("UPDATE meta SET value = '6' WHERE name = 'schema'")
    command = [sys.executable, "-c", FOLDING, *project.command("show", "1")[3:]]
    if redirected:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment({}), cwd=ROOT)
        assert (done.returncode, done.stdout, done.stderr) == (0, before, "")
        return
    terminal = Terminal(command, env={"TQDM_MININTERVAL": "0"})

    assert (terminal.end(), "folding commits: " in terminal.drawn, "/5" in terminal.drawn) == (0, True, True)
    assert [row for row in terminal.screen.rows if row.strip()] == []
