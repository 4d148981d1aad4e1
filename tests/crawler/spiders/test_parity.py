"""Several hosts of one edition: the first that serves it is crawled, the others are looked at now and then."""

import contextlib
import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from archive.catalog import articles
from crawler.crawl.brake import Brake
from crawler.pages import REVISION
from crawler.reread.adoption import adopt
from crawler.reread.spools import SpoolPlace
from demo.routes import Answer
from pipelines.version import Rules
from tests.faulty import Faulty
from tests.foreign_warcs import Warc
from tests.french import EDITION
from tests.made import BASE, Ticking, archive_at, capture, demo_articles, page, writer_of
from tests.project import Project
from tests.waiting import until

SEIZED = "<title>Avis</title><body><h1>This website has been seized</h1><p>by the United States Government.</p></body>"
PARKED = """<title>exemple.ir</title><body><nav><a href="/assurance">Assurance</a> <a href="/voyage">Voyages</a></nav>
<p>Liens commandités pour ce nom de domaine.</p></body>"""
ENGLISH = """<html lang="en"><title>News</title><body><nav><a href="/Section/106">Europe</a> <a href="/Section/102">West
Asia</a> <a href="/Section/103">US</a> <a href="/Section/105">Africa</a></nav></body></html>"""


@pytest.fixture
def hosts():
    """Return two outlets that serve the same articles."""
    with Faulty() as first, Faulty() as second:
        yield first, second


@pytest.fixture
def project(tmp_path, hosts):
    """Return a project that crawls both outlets, the first one first."""
    return Project(tmp_path, ",".join(host.url for host in hosts))


def looks(project, **wanted):
    """Return the checks that have these values."""
    return [row for row in project.rows("checks") if all(row.get(name) == value for name, value in wanted.items())]


@pytest.mark.parametrize(
    ("instead", "outcome"),
    [(SEIZED, "challenge"), (PARKED, "extract_failed"), (ENGLISH, "extract_failed"), (None, "http_error")],
    ids=["seized", "parked", "another-language", "sick"],
)
def test_the_first_host_with_a_page_of_its_own_is_crawled(project, hosts, instead, outcome):
    """A seizure notice, a parking page, another edition and an error are not the outlet: the next host is read."""
    first, second = hosts
    first.instead["/"] = Answer(text=instead) if instead else Answer(status=500, text="")
    report = project.report("-a", "limit=3", "-s", "RETRY_TIMES=0")
    mirrors = {row["mirror"] for row in project.rows("latest")}

    assert report["articles"] == {"new": 3}
    assert mirrors == {second.url.removeprefix("http://")}
    assert [row["outcome"] for row in looks(project, url=f"{first.url}/")] == [outcome]
    assert first.articles() == []


@pytest.mark.row("F-CON-08")
def test_an_article_keeps_its_identity_over_hosts(project, hosts):
    """The first host dies: the second serves the same articles, and none of them is new, changed or gone."""
    first, second = hosts
    project.report("-a", "limit=3")
    first.instead["/"] = Answer(status=500, text="")
    report = project.report("-a", "recheck=all", "-a", "sections=europe", "-a", "limit=3", "-s", "RETRY_TIMES=0")

    assert report["articles"] == {"unchanged": 3}
    assert {row["versions"] for row in project.rows("latest")} == {1}
    assert len(set(second.articles())) == 3


@pytest.mark.row("F-CON-21")
def test_a_host_confirms_what_it_served_itself(project, hosts):
    """The other host has the edit already: the first, back with its old text, is asked whole first, then by its tag."""
    first, second = hosts
    quiet = ("-s", "RETRY_TIMES=0", "-s", "PARITY_DAYS=0")
    project.report("-a", "limit=3", *quiet)
    number = first.articles()[0]
    second.outlet.edit(number, open=True, lead="Un chapeau neuf que le premier site ne connaît pas encore.")
    first.instead["/"] = Answer(status=500, text="")
    edited = project.report(*quiet, "-a", f"ids={number}")
    del first.instead["/"]
    back = project.report(*quiet, "-a", f"ids={number}")
    again = project.report(*quiet, "-a", f"ids={number}")
    told = [row for row in looks(project, article_id=number, kind="article") if row["url"].startswith(first.url)]
    [latest] = [row for row in project.rows("latest") if row["article_id"] == number]

    assert [report["articles"] for report in (edited, back, again)] == [
        {"changed": 1},
        {"changed": 1},
        {"unchanged": 1},
    ]
    assert [(row["status"], row["outcome"]) for row in told] == [(200, "new"), (200, "changed"), (304, "unchanged")]
    assert told[-1]["confirms"] == told[1]["at"] == latest["captured_at"]
    assert latest["mirror"] == first.url.removeprefix("http://")


@pytest.mark.row("F-CON-21")
def test_a_304_confirms_no_capture_of_anybody_else(project, hosts, tmp_path):
    """A forged capture for the edition's other host, later than our look, is not what our own host then says.

    It is asked whole and found as we had it; the forgery has its place in time, and our text stands again behind it.
    """
    first, second = hosts
    project.report("-a", "limit=1", "-s", "PARITY_DAYS=0")
    [number] = first.articles()
    path = first.outlet.articles[number].path
    forged = page(path, lead="Un chapeau que personne n’a jamais servi.")
    warc, later = Warc(), datetime.now(UTC) + timedelta(seconds=1)
    warc.response(f"{second.url}{path}", forged, at=later.strftime("%Y-%m-%dT%H:%M:%SZ"))
    done = project.run("backfill", "--outlet", project.url, warc.save(tmp_path / "autre.warc.gz"))
    until(lambda: datetime.now(UTC) > later)
    back = project.report("-a", f"ids={number}", "-s", "PARITY_DAYS=0")
    ours = [row for row in looks(project, article_id=number, kind="article") if row["url"].startswith(first.url)]

    assert done.returncode == 0, done.stderr
    assert back["articles"] == {"unchanged": 1}
    assert [(row["status"], row["outcome"]) for row in ours] == [(200, "new"), (200, "unchanged")]
    assert ours[1]["confirms"] == ours[0]["at"]
    assert [bool(row["source"]) for row in project.rows("versions")] == [False, True, False]
    assert project.rows("latest")[0]["captured_at"] == ours[0]["at"]


@pytest.mark.row("F-OUT-28")
def test_mirrors_are_held_against_the_archive(project, hosts):
    """F-OUT-28: the sample is the same, an older version, another text or nothing there; no version comes of it."""
    first, second = hosts
    project.report()
    newest = sorted(first.outlet.articles)[-5:]
    lagging, diverging, lacking = newest[:3]
    first.outlet.edit(lagging, open=True, lead="Un chapeau neuf que le miroir ne connaît pas encore.")
    project.report("-a", "recheck=all", "-s", "PARITY_DAYS=0")
    second.outlet.edit(diverging, open=False, lead="Le miroir raconte une autre histoire, et lui seul.")
    second.outlet.remove(lacking, "404")
    report = project.report("-a", "recheck=all")
    told = {row.get("article_id"): row for row in looks(project, kind="mirror")}
    latest = {row["article_id"]: row for row in project.rows("latest")}

    assert (report["exit"], report["articles"]) == (0, {"unchanged": 60})
    assert {number: told[number]["outcome"] for number in newest} == {
        lagging: "unchanged", diverging: "changed", lacking: "gone", newest[3]: "unchanged", newest[4]: "unchanged",
    }  # fmt: skip
    assert told[None]["outcome"] == "listed"
    assert told[lagging]["detail"].startswith("behind: ")
    assert told[lagging]["confirms"] < latest[lagging]["captured_at"]
    assert told[newest[3]]["confirms"] == latest[newest[3]]["captured_at"]
    assert {number: row["versions"] for number, row in latest.items() if row["versions"] > 1} == {lagging: 2}
    assert {row["state"] for row in latest.values()} == {"live"}
    assert {row["mirror"] for row in latest.values()} == {first.url.removeprefix("http://")}
    assert len(second.articles()) == 4


def test_parity_looks_rest_for_days(project, hosts):
    """Once a host was looked at it rests for PARITY_DAYS; a crawl with recheck=none or a limit asks no mirror."""
    _, second = hosts
    project.report()
    project.report("-a", "recheck=none")
    project.report("-a", "limit=9")
    before = len(second.requests)
    project.report()
    once = len(second.requests)
    project.report()

    assert (before, len(second.requests)) == (0, once)
    assert once == 7


def test_a_dead_mirror_is_a_finding(project, hosts):
    """It fails no crawl: exit 0, a check of kind mirror says what happened; three seized ones turn nobody away."""
    _, second = hosts
    project.report()
    second.close()
    third = [Faulty() for _ in range(3)]
    for host in third:
        host.instead["/"] = Answer(text=SEIZED)
    project.url = ",".join([project.url, *(host.url for host in third)])
    report = project.report("-s", "RETRY_TIMES=0")
    for host in third:
        host.close()

    assert (report["exit"], report["failures"]) == (0, [])
    assert [row["outcome"] for row in looks(project, kind="mirror")].count("challenge") == 3
    assert [row["outcome"] for row in looks(project, url=f"{second.url}/")] == ["conn_error"]


def test_a_host_that_was_lost_is_asked_for_what_it_served(project, hosts):
    """Its articles are asked for again, once in six hours; those looks tell of the host, and of no removal."""
    first, second = hosts
    project.report()
    first.close()
    lost = project.report("-a", "sections=europe", "-s", "RETRY_TIMES=0")
    again = project.report("-a", "sections=europe", "-s", "RETRY_TIMES=0")
    told = [row for row in looks(project, kind="mirror") if row["url"].startswith(first.url)]

    assert (lost["exit"], again["exit"], second.outlet.revision) == (3, 3, first.outlet.revision)
    assert [(row["outcome"], bool(row["article_id"])) for row in told] == [("conn_error", True)] * 5
    assert {row["state"] for row in project.rows("latest")} == {"live"}


def test_one_outlet_has_no_mirror(tmp_path, hosts):
    """With a single base nothing else is asked."""
    project = Project(tmp_path, hosts[0].url)
    project.report("-a", "limit=3")
    project.report()

    assert hosts[1].requests == []
    assert looks(project, kind="mirror") == []


def test_the_budget_bounds_the_rechecks_of_a_crawl(project):
    """So many of those due are asked for, the rest by the next crawls; recheck=all asks for all."""
    project.report()
    catalog = project.folder / "catalog.sqlite"
    with contextlib.closing(sqlite3.connect(catalog, isolation_level=None)) as db:
        db.execute(
            "UPDATE articles SET last_look = '2026-01-01T00:00:00.000000Z', due_at = last_look, published = NULL"
        )
    status = json.loads(project.run("status", "--json", "-s", "RECHECK_BUDGET=20").stdout)
    some = project.report("-s", "RECHECK_BUDGET=20", "-s", "PARITY_DAYS=0")
    every = project.report("-s", "RECHECK_BUDGET=20", "-a", "recheck=all", "-s", "PARITY_DAYS=0")

    assert (status["due"], status["recheck_budget"], status["crawls_to_catch_up"]) == (60, 20, 3)
    assert some["articles"] == {"unchanged": 20}
    assert every["articles"] == {"unchanged": 60}


def test_a_killed_parity_look_is_adopted_as_one(tmp_path):
    """What a spool holds of a known article on another host becomes a mirror's check, never a version."""
    clock = Ticking()
    archive = archive_at(tmp_path, clock)
    folder = tmp_path / "spool"
    (url, page), rules = demo_articles(1)[0], Rules(revision=REVISION, keep_for=timedelta(days=30), reread=lambda r: r)
    for body, host in ((page, BASE), (page.replace(b"<p>", b"<p>Autrement. "), "https://french.presstv.co.uk")):
        writer = writer_of(archive, tmp_path, clock, crawl=f"20261124t120000z-0000000{len(host) % 10}")
        writer.spool(capture(url.replace(BASE, host), at=clock(), body=body))
        writer.abandon()
        adopt(
            SpoolPlace.of(folder, archive),
            archive,
            lambda: writer_of(archive, tmp_path, clock),
            rules,
            EDITION,
            braking=Brake,
        )
        archive.catalog.follow(archive.log)
    [article] = articles.article_rows(archive.catalog.db)
    kinds = archive.catalog.db.execute("SELECT kind, outcome FROM checks ORDER BY at").fetchall()

    assert (article.versions, article.state) == (1, "live")
    assert kinds == [("article", "new"), ("mirror", "changed")]
