"""The words of a selection: the same in every command, what they mean in each, and what they refuse."""

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pytest

from archive.catalog.since import whose_day
from archive.exporters.views import SELECTED_BY, VIEWS
from archive.facts.names import stamp
from archive.log.chain import Log
from archive.stores.opening import open_store
from crawler.cli import selecting
from crawler.editions.presstv_fr import PRESSTV_FR
from tests import facts
from tests.project import Project
from tests.test_docs import rows, section, text

DAY = 24 * 60
EUROPE, ASIA = ("Infos", "Europe"), ("Asie",)


def read(number, minute, words=facts.TEXTS[0], *, of=EUROPE, modified=None, **more):
    """Return a look that read an article of these sections, and was told this Last-Modified."""
    fact = facts.read(number, minute, words, **more)
    http = fact.record["capture"]["http"] | {"last_modified": modified}
    told = {"sections": list(of), "capture": fact.record["capture"] | {"http": http}}
    return replace(fact, record=fact.record | told)


def edited(number, minute, **more):
    return read(number, minute, facts.TEXTS[1], outcome="changed", **more)


def listing(minute, *numbers, name="europe"):
    check = facts.Check(
        at=facts.at(minute), url=f"http://127.0.0.1/{name}", kind="section", section=name, page=1, outcome="listed",
        listed=tuple(map(str, numbers)),
    )  # fmt: skip
    return facts.Fact(check=check)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return an archive: 1 and 2 of Europe, 3 of Asia, edited in turn, openly or not; 4 removed, 5 by others alone.

    Noon of 24 November 2026 is 15:30 in Tehran; midnight there is 20:30 UTC.
    """
    made = Project(tmp_path_factory.mktemp("selection"), "")
    log = Log(open_store(f"file:{made.archive}"))
    log.create(edition="presstv-fr", version="0")
    facts.write(
        log,
        read(1, 0),
        read(2, 0, modified="Tue, 24 Nov 2026 11:00:00 GMT"),
        read(3, 0, of=ASIA),
        read(4, 0),
        listing(1, 1, 2, 4),
        listing(2, 3, name="asie"),
    )
    facts.write(
        log, edited(1, 9 * 60), edited(2, 9 * 60, modified="Tue, 24 Nov 2026 21:00:00 GMT"), edited(3, 9 * 60, of=ASIA)
    )
    facts.write(log, facts.saw(4, DAY, "gone"), facts.saw(4, DAY + 7 * 60, "gone"), crawl="crawl-late")
    facts.write(log, read(1, 2 * DAY, facts.TEXTS[2], outcome="changed"))
    facts.write(log, read(5, DAY, "Un phare s’allume."), crawl="backfill-a")
    return made


def told(project, *words):
    """Return the lines of an export as (article, event or version)."""
    done = project.run("export", "jsonl", *words)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        (row.get("article_id"), row.get("event") or row.get("version") or row.get("outcome") or row.get("rows"))
        for row in lines
    ]


@pytest.mark.row("F-TAK-02")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("changes", [("1", 2), ("1", 3), ("2", 2), ("3", 2)]),
        ("changes --silent", [("1", 2), ("1", 3), ("3", 2)]),
        ("changes --silent --section europe", [("1", 2), ("1", 3)]),
        ("changes --section Europe,asie --ids 2,3", [("2", 2), ("3", 2)]),
        ("changes --silent --section europe --since 2026-11-24 --until 2026-11-24", []),
        ("changes --silent --section europe --since 2026-11-25 --until 2026-11-25", [("1", 2)]),
        ("changes --since 2026-11-26", [("1", 3)]),
        ("changes --until 2026-11-24T21:00:00Z", [("1", 2), ("2", 2), ("3", 2)]),
        ("changes --until 2026-11-24", []),
        ("changes --state removed", []),
        ("changes --query ouvriers", [("1", 2), ("1", 3)]),
        ("changes --ids 3 --source own", [("3", 2)]),
        ("latest --state removed,gone", [("4", 1)]),
        ("latest --since 2026-11-25 --until 2026-11-25", [("2", 2), ("3", 2), ("4", 1), ("5", 1)]),
        ("latest --since 2026-11-25T12:00:00Z --source own", [("1", 3), ("4", 1)]),
        ("latest --silent", [("1", 3), ("3", 2)]),
        ("latest --query phare", [("5", 1)]),
        ("latest --query phare --source own", []),
        ("versions --silent", [("1", 2), ("1", 3), ("3", 2)]),
        ("versions --section infos --ids 1", [("1", 1), ("1", 2), ("1", 3)]),
        ("events --event removed", [("4", "removed")]),
        ("events --event removed,silently_edited --section l-info-en-continu,europe", [
            ("1", "silently_edited"), ("1", "silently_edited"), ("4", "removed"),
        ]),
        ("events --silent --until 2026-11-25", [("1", "silently_edited"), ("3", "silently_edited")]),
        ("events --event discovered --ids http://127.0.0.1/Detail/2026/11/24/3/titre", [("3", "discovered")]),
        ("events --event discovered --ids https://french.presstv.ir/Detail/2026/11/24/3/a,b,4", [("3", "discovered"), ("4", "discovered")]),
        ("checks --ids 4", [("4", "new"), ("4", "gone"), ("4", "gone")]),
        ("checks --ids 4 --since 3", []),
        ("checks --since 2026-11-25T12:00 --until 2026-11-25 --source own", [("4", "gone"), ("4", "gone")]),
        ("checks --section asie", [(None, "listed")]),
        ("placements --section europe", [("1", None), ("2", None), ("4", None)]),
        ("placements --ids 3,4", [("4", None), ("3", None)]),
        ("changes --since 3", [("1", 2), ("1", 3)]),
        ("changes --since 2 --silent", [("1", 2), ("1", 3)]),
        ("latest --since 2 --state live", [("1", 3), ("5", 1), ("4", 0)]),
        ("latest --since 5", []),
    ],
)  # fmt: skip
def test_each_word_chooses(project, words, found):
    """In each view by itself and together; a day is the outlet's own, which begins at 20:30 UTC."""
    view, *more = words.split()

    assert told(project, "--view", view, *more) == found


@pytest.mark.row("F-TAK-02")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("bac", ["1", "2", "3", "4", "5"]),
        ("bac --section europe", ["1", "2", "4", "5"]),
        ("bac --state removed", ["4"]),
        ("bac --silent --section europe", ["1"]),
        ("bac --since 2026-11-24 --until 2026-11-24", ["1", "2", "3", "4", "5"]),
        ("bac --since 2026-11-25", []),
        ("bac --ids 3,4", ["3", "4"]),
        ("bac --since 3", ["1", "5"]),
        ("phare", ["5"]),
        ("phare --source own", []),
        ("--removed rivière --silent", ["1"]),
    ],
)
def test_a_search_is_chosen_by_the_same_words(project, words, found):
    """Its days are those of publication."""
    done = project.run("search", *words.split(), "--json")

    assert done.returncode == 0, done.stderr
    assert sorted({row["article_id"] for row in json.loads(done.stdout)}) == found


def test_a_history_is_chosen_by_the_same_words(project):
    """Events of some days, some kinds; versions of these days."""

    def events(*words):
        told = json.loads(project.run("history", "1", "--json", *words).stdout)
        return [e["event"] for e in told["events"]], [v["version"] for v in told["versions"]]

    assert events("--silent") == (["silently_edited"] * 2, [1, 2, 3])
    assert events("--event", "discovered") == (["discovered"], [1, 2, 3])
    assert events("--since", "2026-11-26") == (["silently_edited"], [3])
    assert events("--until", "2026-11-23") == ([], [])
    assert "no event and no remark fits" in project.run("history", "1", "--until", "2026-11-23").stdout


@pytest.mark.row("F-SAY-05")
def test_the_day_before_is_meant_by_its_word(monkeypatch):
    """`yesterday` and `today` are days of the outlet, whatever day it is in UTC."""
    monkeypatch.setattr(selecting, "present", lambda: datetime(2026, 11, 24, 21, tzinfo=UTC))
    tehran = PRESSTV_FR.vocabulary.zone
    chosen = selecting.words_of(argparse.Namespace(since="yesterday", until="Today"), tehran)

    assert chosen.told() == {"since": "2026-11-23T20:30:00.000000Z", "until": "2026-11-25T20:29:59.999999Z"}


@pytest.mark.row("F-SAY-05")
def test_two_versions_are_named_in_one_word(project):
    """`1..2` is `1 2`, a span that is not said once is refused, and a version is shown by its digest."""
    record = json.loads(project.run("show", "--json", "1@1").stdout)

    assert project.run("diff", "1", "1..2").stdout == project.run("diff", "1", "1", "2").stdout != ""
    assert project.run("diff", "1", "1..2", "3").returncode == 2
    assert (
        json.loads(project.run("show", "--json", f"1@{record['digests']['version']}").stdout)["cite"] == record["cite"]
    )


REFUSED = [
    ("export jsonl --section nulle-part", "no section 'nulle-part' in the edition presstv-fr; choose from une, europe"),
    ("export jsonl --state dead", "no state 'dead'; choose from live, gone, removed, unread"),
    ("export jsonl --view events --event vanished", "no event 'vanished'; choose from discovered, edited"),
    ("export jsonl --source autres", "choose from own, all"),
    ("export jsonl --ids 99", "no article '99'"),
    ("export jsonl --ids ,", "names no article"),
    ("export jsonl --ids https://french.presstv.ir/Section/1", "is no article's address"),
    ("export jsonl --section ,", "--section ',' names nothing"),
    ("export jsonl --query ?", "nothing to search for"),
    ("export jsonl --since demain", f"neither a commit number nor a day such as 2026-11-24, nor an instant; {whose_day(PRESSTV_FR.vocabulary.zone)}"),
    ("export jsonl --until demain", "a day is the outlet's own (Asia/Tehran)"),
    ("export jsonl --until 3", "is no day such as 2026-11-24"),
    ("export jsonl --since 2026-11-25 --until 2026-11-24", "the first is later than the second"),
    ("export jsonl --since 6", "--since 6: the archive ends at commit 5"),
    ("export jsonl --view checks --state live", "--state means nothing in the view checks; it goes with latest, versions, changes, events"),
    ("export jsonl --event removed", "--event means nothing in the view latest; it goes with events"),
    ("export jsonl --view placements --silent", "--silent means nothing in the view placements"),
    ("export jsonl --json", "--json is about an export that goes to a file"),
    ("search bac --section nulle-part", "no section 'nulle-part'"),
    ("search bac --event removed", "--event"),
    ("history 1 --since 3", "a life is told by days"),
    ("history 1 --event vanished", "no event 'vanished'"),
    ("history https://french.presstv.ir/Detail/2026/11/24/99/x", "no article '99'"),
    ("show https://www.presstv.com/Detail/2026/11/24/1/x", "of the edition presstv-en"),
    ("diff 1 --source autres", "choose from own, all"),
    ("show 5 --source own", "no article 5 among our own captures; leave out --source own"),
    ("verify --since demain", "a day is the outlet's own (Asia/Tehran)"),
    ("sign --since demain", "a day is the outlet's own (Asia/Tehran)"),
    ("replay --since demain", "a day is the outlet's own (Asia/Tehran)"),
]  # fmt: skip


@pytest.mark.row("F-TAK-02")
@pytest.mark.parametrize(("words", "says"), REFUSED, ids=[words for words, _ in REFUSED])
def test_a_word_that_means_nothing_is_refused(project, words, says):
    """With 2, one line that names what there is, and nothing written."""
    done = project.run(*words.split())

    assert (done.returncode, done.stdout, says in done.stderr) == (2, "", True), done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.row("F-SAY-01")
@pytest.mark.parametrize(
    "words",
    ["history ID", "show ID", "show ID@1", "show ID@2026-11-24", "diff ID", "diff ID 1 3", "export jsonl --ids ID"],
)
def test_an_address_will_do_for_a_number(project, words):
    """Of any command, on any host of the edition, in the Wayback Machine, and where the archive looked."""
    plain = project.run(*words.replace("ID", "1").split())
    for address in (
        "https://french.presstv.ir/Detail/2026/11/24/1/un-autre-titre",
        "french.presstv.co.uk/Detail/2026/11/24/1",
        "https://web.archive.org/web/20270101000000if_/https://french.presstv.ir/Detail/2026/11/24/1/titre",
        "http://127.0.0.1/Detail/2026/11/24/1/titre",
    ):
        done = project.run(*words.replace("ID", address).split())

        assert (done.returncode, done.stdout) == (0, plain.stdout), done.stderr


def test_a_proof_is_named_by_an_address(project, tmp_path):
    """The file has the number and the instant, whatever named the version."""
    name = "french.presstv.ir/Detail/2026/11/24/1/x@2"
    done = project.run("prove", "-o", tmp_path / "p.json", name)

    assert (done.returncode, json.loads((tmp_path / "p.json").read_text())["captured_at"]) == (
        0,
        stamp(facts.at(9 * 60)),
    )


@pytest.mark.row("F-SAY-02")
def test_state_address_whose_and_the_outlets_day_are_printed(project):
    """In each command that shows articles to people; the pages' day is the day after that of UTC."""

    def said(*words):
        return project.run(*words).stdout

    history, show, search, diff = (
        said("history", "4"),
        said("show", "4"),
        said("search", "bac", "--ids", "4"),
        said("diff", "1"),
    )
    address = "http://127.0.0.1/Detail/2026/11/24/4/titre"

    assert "\nversion 1  cite 4@2026-11-24T12:00:00.000000Z  captured by ourselves\n" in history
    assert "removed, last seen 2026-11-24T12:00:00.000000Z" in history
    assert "published 2026-11-24 15:30 Asia/Tehran, 2026-11-24T12:00:00Z; removed" in history
    for shown in (history, show, search):
        assert (address in shown, "removed" in shown, "captured by ourselves" in shown) == (True, True, True)
    assert search.startswith("4  2026-11-24  removed  Un bac\n")
    assert diff.endswith("article 1: live; http://127.0.0.1/Detail/2026/11/24/1/titre\n")
    assert "captured by others" in said("history", "5")


def test_an_export_says_what_it_is_of(project, tmp_path):
    """The commit on stderr, and one document with --json: what was chosen, how many rows, where they are."""
    place = tmp_path / "a.jsonl"
    words = (
        "export",
        "jsonl",
        "--view",
        "changes",
        "-o",
        place,
        "--section",
        "Europe",
        "--since",
        "2",
        "--silent",
        "--json",
    )
    done, head = project.run(*words), json.loads(project.run("head", "--json").stdout)
    report = json.loads(done.stdout)

    assert done.stderr == f"2 rows of changes in {place}, at commit 5 {head['digest']}\n"
    assert report == {
        "schema": "presstv.export/1", "archive": f"file:{project.archive}", "edition": "presstv-fr", "format": "jsonl",
        "view": "changes", "head": {"seq": 5, "digest": head["digest"]}, "rows": 2, "target": str(place),
        "manifest": "a.jsonl.manifest.json",
        "selection": {"section": ["europe"], "since": 2, "silent": True},
    }  # fmt: skip
    assert len(place.read_text().splitlines()) == 2


@pytest.mark.row("F-TAK-02")
def test_edited_silently_in_europe_as_one_command_and_as_one_query(project, tmp_path):
    """Between two days, and what changed: the command's rows are those that DuckDB finds in the one file of all changes."""
    days = ("--since", "2026-11-24", "--until", "2026-11-25")
    chosen, every = tmp_path / "chosen.jsonl", tmp_path / "changes.jsonl"
    for place, words in ((chosen, ("--section", "europe", "--silent", *days)), (every, ())):
        assert project.run("export", "jsonl", "--view", "changes", *words, "-o", place).returncode == 0
    query = section(text("docs/commands.md"), "scrapy export").split("```sql\n")[1].partition("```")[0]
    query = (
        query.replace("changes.jsonl", str(every))
        .replace("Asie", "Europe")
        .replace("2026-11-01", days[1])
        .replace("2026-11-30", days[3])
    )
    rows = [json.loads(line) for line in chosen.read_text().splitlines()]
    found = duckdb.sql(query).fetchall()

    assert [row[0] for row in found] == [row["cite"] for row in rows] == [f"1@{stamp(facts.at(9 * 60))}"]
    assert [row[1] for row in found] == [row["headline"] for row in rows]
    assert found[0][-2:] == (rows[0]["removed"], [{"from": r["from"], "to": r["to"]} for r in rows[0]["reworded"]])


def test_the_table_of_words_is_the_codes():
    """docs/commands.md says of each view which words it has."""
    head, *lines = rows(section(text("docs/commands.md"), "Choosing"))
    marked = {
        row[0].strip("`"): {name.strip("`-") for name, cell in zip(head[1:], row[1:], strict=True) if cell != "–"}
        for row in lines
        if row[0].strip("`") in VIEWS
    }

    assert marked == {view: set(words) for view, words in SELECTED_BY.items()}
