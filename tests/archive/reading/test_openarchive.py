"""`archive.open`: the rows of exports for a program, chosen by the words of every command; nothing is written."""

import inspect
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import archive
from archive.catalog.selection import WORDS
from archive.errors import ConfigurationError, NoArchive, UsageError
from archive.exporters.views import SELECTED_BY, VIEWS
from archive.facts.canonical import canonical, parse
from archive.reading.chosen import Choice
from archive.reading.openarchive import OpenArchive
from tests import facts
from tests.browsing import stored_project
from tests.project import ROOT, Project, environment


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return where an archive lies in which something happened."""
    return stored_project(tmp_path_factory.mktemp("stored")).archive


@pytest.fixture(scope="module")
def opened(place):
    with archive.open(place) as made:
        yield made


def numbers(rows):
    """Return the articles of some rows, each once."""
    return sorted({row["article_id"] for row in rows})


@pytest.mark.row("F-TAK-14")
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_an_iterator_of_its_rows(place, view):
    """The same rows in the same order as the export of that view, one at a time."""
    project = Project(place.parent, "")
    with archive.open(place) as opened:
        rows = getattr(opened, view)()

        assert iter(rows) is rows
        assert [parse(canonical(row)) for row in rows] == project.rows(view) != []
        assert next(rows, None) is None


@pytest.mark.row("F-TAK-14")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({}, ["101", "102", "103", "104"]),
        ({"ids": 101}, ["101"]),
        ({"ids": [101, "104"]}, ["101", "104"]),
        ({"ids": "101,https://french.presstv.ir/Detail/2026/11/24/104/titre"}, ["101", "104"]),
        ({"silent": True}, ["101"]),
        ({"silent": False}, ["101", "102", "103", "104"]),
        ({"state": "removed"}, ["102"]),
        ({"state": ["removed", "live"], "query": "passagers"}, ["101"]),
        ({"since": date(2026, 11, 24), "ids": ["101"]}, ["101"]),
        ({"since": date(2026, 11, 25)}, []),
        ({"until": datetime(2026, 11, 24, 12, 30, tzinfo=UTC), "ids": None}, ["102", "103", "104"]),
        ({"since": 3}, ["101", "102", "103", "104"]),
        ({"source": "own", "state": {"live"}}, ["101", "103", "104"]),
    ],
    ids=str,
)
def test_the_words_of_the_commands_choose(opened, words, found):
    """As texts, numbers, dates, lists, switches; None is not given."""
    assert numbers(opened.latest(**words)) == found


@pytest.mark.row("F-TAK-14")
@pytest.mark.parametrize(
    ("view", "words", "says"),
    [
        ("latest", {"sections": "une"}, "no word 'sections' to choose by; there are section, since"),
        ("latest", {"event": "removed"}, "event means nothing in the view latest"),
        ("events", {"event": "vanished"}, "no event 'vanished'; choose from discovered"),
        ("latest", {"state": []}, "names nothing"),
        ("latest", {"ids": []}, "names no article"),
        ("latest", {"ids": [99]}, "no article '99'"),
        ("latest", {"section": 5}, "no section '5'"),
        ("latest", {"silent": "no"}, "silent='no' is neither True nor False"),
        ("latest", {"source": "autres"}, "choose from own, all"),
        ("latest", {"since": 9}, "the archive ends at commit 4"),
        ("latest", {"since": "demain"}, "neither a commit number nor a day"),
        ("latest", {"since": "2026-11-25", "until": "2026-11-24"}, "the first is later than the second"),
        ("commits", {"query": "bac"}, "means nothing in the view commits"),
    ],
    ids=str,
)
def test_a_word_that_means_nothing_is_refused_at_once(opened, view, words, says):
    """Before the first row is asked for, in one sentence that names what there is."""
    with pytest.raises(UsageError, match=says):
        getattr(opened, view)(**words)


def test_every_word_and_view_is_typed():
    """A word or view that is new belongs here, too."""
    assert tuple(Choice.__annotations__) == WORDS
    assert set(VIEWS) == set(SELECTED_BY)
    for view in VIEWS:
        method = getattr(OpenArchive, view)
        assert method.__doc__.startswith("Give ")
        assert "Choice" in str(inspect.signature(method))


def test_a_version_is_named_cited_and_proved(opened, tmp_path):
    """By the names that `scrapy show` takes; the proof passes the script that needs no archive."""
    second = opened.version("101@2")
    (proof := tmp_path / "proof.json").write_bytes(opened.proof(second.cite))
    checked = subprocess.run(
        [sys.executable, ROOT / "docs" / "check_proof.py", proof, "--head", opened.head.digest],
        capture_output=True, check=False,
    )  # fmt: skip

    assert opened.version("101").cite == opened.version("101@latest").cite == second.cite
    assert (checked.returncode, opened.head.seq) == (0, 4)
    assert f"{second.cite}-" in opened.citation("101")
    assert json.loads(opened.citation("101", "csl", base="https://a.example"))["archive"].startswith(
        "https://a.example/cite/"
    )
    with pytest.raises(UsageError, match="choose from bibtex, ris, csl"):
        opened.citation("101", "apa")
    with pytest.raises(UsageError, match="no article '99'"):
        opened.version("99")


def test_two_iterators_go_on_side_by_side(opened):
    """Each in its own order, whichever is asked, left or finished first."""
    first, second, third = opened.versions(), opened.events(), opened.checks()
    next(first)
    heads = [next(second)["article_id"], next(third)["commit"]]
    rest = list(first)
    del third

    assert heads == ["101", 1]
    assert len(rest) == len(list(opened.versions())) - 1
    assert len(list(second)) == len(list(opened.events())) - 1


def test_a_closed_archive_says_so(place):
    """No iterator ends as if it had come to its end."""
    with archive.open(f"file:{place}") as opened:
        left = opened.versions(source="own")
        begun = opened.versions()
        next(begun)
    opened.close()

    for ask in (
        lambda: next(left),
        lambda: next(begun),
        opened.articles,
        lambda: opened.version("101"),
        lambda: opened.head,
    ):
        with pytest.raises(UsageError, match="was closed; open it again"):
            ask()
    assert "closed" in repr(opened)


@pytest.mark.row("F-TAK-14")
def test_nothing_is_written_beside_the_catalog(tmp_path):
    """Neither into the archive nor where one stands; a catalog that is named stays, another one goes."""
    project = stored_project(tmp_path / "stored")
    before = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    with archive.open(project.archive) as opened:
        assert len(list(opened.latest())) == 4
        folder = Path(opened._folder.name)
    with archive.open(project.archive, catalog=tmp_path / "mine.sqlite") as opened:
        assert len(list(opened.latest(source="own"))) == 4
    after = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}

    assert {path: after[path] for path in before} == before
    assert {path.name.partition(".")[0] for path in set(after) - set(before)} == {"mine", "heads"}
    assert not folder.exists()


@pytest.mark.parametrize(
    ("uri", "raised"), [("nowhere/at/all", NoArchive), ("ftp://host/x", ConfigurationError), ("", ConfigurationError)]
)
def test_what_is_no_archive_is_told(uri, raised, tmp_path, monkeypatch):
    """As every command tells it, and nothing is left behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(raised):
        archive.open(uri)

    assert list(tmp_path.iterdir()) == []


def test_a_guess_is_a_warning(tmp_path):
    """First digits of a number that one article alone has."""
    project = stored_project(tmp_path, lambda log: facts.write(log, facts.read(711958, 0)))
    with archive.open(project.archive) as opened:
        with pytest.warns(UserWarning, match="7119 is taken for 711958"):
            version = opened.version("7119@1")

        assert version.cite == opened.version("711958").cite == opened.cite(next(opened.latest()))


def test_a_program_that_forgets_to_close_ends_in_silence(place):
    """Amid its rows, with a catalog of its own for a while, and without a word on stderr."""
    script = f"import archive; opened = archive.open({str(place)!r}); rows = opened.versions(); print(next(rows)['article_id'])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "101\n", "")


@pytest.mark.row("F-TTY-08")
def test_importing_the_core_stays_light():
    """`import archive` loads nothing else of ours, and opening one neither Scrapy nor what formats need."""
    light = (
        "import sys, archive; print(sorted(n for n in sys.modules if n.startswith(('archive.', 'crawler', 'sqlite3'))))"
    )
    heavy = "import sys, archive; archive.open('memory:x') if 0 else __import__('crawler.cli.notebook'); print([n for n in ('scrapy', 'twisted', 'boto3', 'pyarrow', 'pandas') if n in sys.modules])"

    for script in (light, heavy):
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
        )
        assert done.stdout == "[]\n"
