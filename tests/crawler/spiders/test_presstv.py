"""A crawl as a process, against an outlet that goes wrong: limits, errors, signals and kill -9."""

import contextlib
import json
import subprocess
import sys
from collections import Counter

import pytest

from demo.routes import Answer
from demo.server import serve
from tests.faulty import ARTICLE, Faulty, numbers
from tests.outlet_server import HANG, page
from tests.outlet_server import serve as scripted
from tests.project import ROOT, Project, environment


def test_a_limited_crawl_leaves_a_gap_that_the_next_closes(project, outlet):
    """Five articles, exit 14, no section complete; then every article once, all sections complete, none asked twice."""
    first, second = project.report("-a", "limit=5"), project.report()

    assert (first["exit"], first["articles"], first["left_by_limit"]) == (14, {"new": 5}, 55)
    assert not any(walk["complete"] for walk in first["sections"].values())
    assert (second["exit"], second["articles"]) == (0, {"new": 55})
    assert all(walk["complete"] for walk in second["sections"].values())
    assert set(numbers(project).values()) == {1}
    assert set(Counter(outlet.articles()).values()) == {1}


def test_a_third_crawl_stops_at_the_overlap(project, outlet):
    """Where nothing is new one page a section is asked, and no article."""
    project.report()
    outlet.requests.clear()
    third = project.report("-a", "recheck=none")

    assert third["articles"] == {}
    assert {walk["pages"] for walk in third["sections"].values()} == {1}
    assert {walk["ended"] for walk in third["sections"].values()} == {"overlap"}


@pytest.mark.row("F-CON-13")
def test_the_page_cap_is_a_gap_and_the_next_crawl_goes_deeper(project):
    """With a cap of two pages the largest section is incomplete twice, then complete."""
    walks = [project.report("-s", "SECTION_PAGE_CAP=2")["sections"]["infos"] for _ in range(3)]

    assert [walk["ended"] for walk in walks] == ["cap", "cap", "end"]
    assert [walk["pages"] for walk in walks] == [2, 4, 5]


def test_since_leaves_older_articles_for_a_whole_crawl(project):
    """A crawl back to a day is no complete one; the next finds what is older."""
    first = project.report("-a", "since=2024-01-01", "-a", "recheck=none")
    second = project.report()

    assert first["exit"] == 0
    assert 0 < first["articles"]["new"] < 60
    assert first["articles"]["new"] + second["articles"]["new"] == 60


@pytest.mark.row("F-OUT-07")
def test_one_page_that_fails_leaves_the_others(project, outlet):
    """Its outcome is http_error, exit 3; its section isn't complete, and the next crawl asks for it again."""
    number = sorted(outlet.outlet.articles)[10]
    outlet.instead[f"/{number}/"] = Answer(status=500, text="<h1>Erreur</h1>")
    first = project.report("-s", "RETRY_TIMES=1")
    outlet.instead.clear()
    second = project.report()

    assert (first["exit"], first["articles"]) == (3, {"http_error": 1, "new": 59})
    assert [f["outcome"] for f in first["failures"]] == ["http_error"]
    assert not first["sections"]["infos"]["complete"]
    assert (second["exit"], second["articles"]) == (0, {"new": 1})


@pytest.mark.row("F-CON-01")
@pytest.mark.row("F-CON-02")
@pytest.mark.parametrize(
    ("text", "outcome", "code"),
    [
        ("", "empty", 3),
        ("<title>x</title><article><h1>Une longue manchette sans aucun texte dessous</h1></article>", None, None),
        ("<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>", "challenge", 3),
        ("<html><title>Page introuvable</title><body><h1>Page introuvable</h1></body></html>", "soft_404", 0),
    ],
    ids=["empty", "no-text", "wall", "soft-404"],
)
def test_a_page_that_cannot_be_read_is_kept(project, outlet, text, outcome, code):
    """Its capture is archived, its outcome says why, and the crawl goes on."""
    number = sorted(outlet.outlet.articles)[10]
    outlet.instead[f"/{number}/"] = Answer(text=text)
    report = project.report()
    looks = [row for row in project.rows("checks") if row.get("article_id") == number]

    assert report["articles"].pop("new") == 59
    assert list(report["articles"]) == [outcome or looks[0]["outcome"]]
    assert report["exit"] == (code if code is not None else 3)
    assert looks[0]["payload"].startswith("sha256:")
    assert report["requests"] == sum(report["outcomes"].values())


@pytest.mark.row("F-CON-02")
def test_three_walls_in_a_row_end_the_crawl(project, outlet):
    """The outlet turns us away: nothing more is asked, exit 7."""
    outlet.instead["/Detail/"] = Answer(text="<title>Just a moment...</title><body>Checking your browser</body>")
    report = project.report()

    assert (report["exit"], report["closed_by"]) == (7, "refused")
    assert report["articles"]["challenge"] < 10
    assert report["requests"] == sum(report["outcomes"].values())


def test_a_front_page_without_a_menu_is_told(project, outlet):
    """No section can be found: the layout changed, exit 6."""
    outlet.instead["/"] = Answer(text="<html><body><p>Bienvenue</p></body></html>")
    report = project.report()

    assert (report["exit"], report["outcomes"]) == (6, {"extract_failed": 1})


@pytest.mark.row("F-CON-19")
def test_an_unreadable_feed_costs_nothing_else(project, outlet):
    """The sections are walked all the same; a feed that is not there is no failure."""
    outlet.instead["/rss.xml"] = Answer(status=404, text="")
    first = project.report()
    outlet.instead["/rss.xml"] = Answer(kind="application/rss+xml", text="<rss")
    second = project.report("-a", "recheck=none")

    assert (first["exit"], first["feed"][0]["outcome"]) == (0, "gone")
    assert (second["exit"], second["feed"][0]["outcome"]) == (0, "filtered")
    assert second["feed"][0]["url"] in second["feed"][0]["detail"]


@pytest.mark.row("F-DIS-03")
def test_a_sitemap_brings_its_articles(project, outlet):
    """Those that robots.txt names, by an index and packed: what no listing and no feed names is found, once."""
    listed = list(outlet.outlet.articles)[:3]
    urls = "".join(f"<url><loc>{project.url}/Detail/2024/01/02/{number}/x</loc></url>" for number in listed)
    outlet.instead |= {
        "/rss.xml": Answer(status=404, text=""),
        "/robots.txt": Answer(kind="text/plain", text=f"User-agent: *\nSitemap: {project.url}/maps.xml\n"),
        "/maps.xml": Answer(
            kind="text/xml", text=f"<sitemapindex><sitemap><loc>{project.url}/news.xml</loc></sitemap></sitemapindex>"
        ),
        "/news.xml": Answer(kind="text/xml", text=f"<urlset>{urls}</urlset>"),
    }
    words = ("crawl", "presstv", "-a", f"outlet={project.url}", "-a", "sections=sports", "-a", "recheck=none", "--json")
    first, second = (json.loads(project.run(*words).stdout) for _ in range(2))

    assert first["articles"] == {"new": 3}
    assert first["sitemaps"] == {"files": 2, "articles": 3, "new": 3, "left": 0}
    assert (second["articles"], second["sitemaps"]) == ({}, {"files": 2})
    assert not any(request.path == "/sitemap.xml" for request in outlet.requests)


def test_a_feed_alone_brings_its_articles(project, outlet):
    """Articles that no listing named are found in the feed; the menu's sections are all unknown here."""
    report = project.run(
        "crawl", "presstv", "-a", f"outlet={project.url}", "-a", "sections=sports", "--json"
    )  # fmt: skip
    told = json.loads(report.stdout)

    assert told["sections"]["sports"] == {"articles": 0, "complete": False, "ended": "not in the menu", "pages": 0}
    assert told["articles"]["new"] > 0


@pytest.mark.row("F-CON-13")
def test_a_listing_that_leads_in_a_circle_ends(tmp_path):
    """A next link back to page one ends the walk; every request has its outcome."""
    menu = b'<nav class="menu"><a href="/Section/1">Europe</a></nav>'
    link = '<h2>Europe</h2><a href="/Detail/2026/11/2{n}/{n}/x">t</a><a rel="next" href="/Section/1{n_}">s</a>'
    with scripted(
        {
            "/": page(menu),
            "/robots.txt": page(b"", status=404),
            "/Section/1": page(link.format(n=1, n_="/2").encode()),
            "/Section/1/2": page(link.format(n=2, n_="").encode()),
        }
    ) as server:
        report = Project(tmp_path, server.base).report()

    assert report["sections"]["europe"]["ended"] == "end"
    assert report["sections"]["europe"]["pages"] == 2
    assert report["requests"] == sum(report["outcomes"].values()) == 7


LARGE = """
import subprocess, sys
held = bytearray(500_000_000)
held[::4096] = b"x" * len(held[::4096])
sys.exit(subprocess.call(sys.argv[1:]))
"""


@pytest.mark.row("F-PRC-04")
def test_the_memory_of_whoever_starts_a_crawl_is_not_its_own(project):
    """A scheduler of half a gigabyte starts one that may take 400 MB: it ends with 0."""
    words = project.command(*project.crawl_words("-s", "MEMUSAGE_LIMIT_MB=400"))
    done = subprocess.run([sys.executable, "-c", LARGE, *words], cwd=ROOT, env=environment(), check=False)

    assert done.returncode == 0


@pytest.mark.parametrize(
    ("limit", "reason"),
    [("CLOSESPIDER_PAGECOUNT=12", "closespider_pagecount"), ("MEMUSAGE_LIMIT_MB=1", "memusage_exceeded")],
    ids=["pages", "memory"],
)
@pytest.mark.row("F-PRC-04")
def test_a_limit_of_the_settings_ends_the_crawl(project, limit, reason):
    """F-PRC-04: it closes in good order with 14, and the next crawl goes on."""
    cut = project.report("-s", limit)
    again = project.report()

    assert (cut["exit"], cut["closed_by"]) == (14, reason)
    assert cut["requests"] == sum(cut["outcomes"].values())
    assert not cut["sections"].get("infos", {}).get("complete")
    assert again["exit"] == 0
    assert len(numbers(project)) == 60


@pytest.mark.parametrize("setting", ["LOG_FORMATTER=nope.X", "TWISTED_DNS_RESOLVER=nope.X"])
@pytest.mark.row("F-PRC-06")
def test_a_crawl_that_cannot_begin(project, outlet, setting):
    """F-PRC-06: exit 1, one line, nothing fetched and nothing written."""
    done = project.crawl("-s", setting)

    assert (done.returncode, done.stderr.count("error:"), "Traceback" in done.stderr) == (1, 1, False)
    assert outlet.requests == []
    assert not (project.archive / "log").exists()
    assert list(project.spool.iterdir()) == []


@pytest.mark.row("F-CON-21")
def test_conditional_requests_and_304s(project, outlet):
    """A re-check sends the validators, 304 is unchanged, confirms the capture and stores no bytes."""
    project.report()
    outlet.requests.clear()
    report = project.report("-a", "recheck=all")
    asked = [r for r in outlet.requests if ARTICLE.match(r.path)]
    checks = [row for row in project.rows("checks") if row.get("status") == 304 and row["kind"] == "article"]

    assert report["articles"] == {"unchanged": 60}
    assert {(r.status, r.conditional, r.sent) for r in asked} == {(304, True, 0)}
    assert len([c for c in checks if c["confirms"]]) == 60


@pytest.mark.row("F-CON-21")
def test_a_304_is_believed_only_so_long(project, outlet):
    """Once the kept bytes are older than KEEP_UNCHANGED_DAYS the page is asked for whole: servers have lied."""
    project.report("-a", "limit=3")
    number = outlet.articles()[0]
    catalog = project.folder / "catalog.sqlite"
    import sqlite3

    with contextlib.closing(sqlite3.connect(catalog, isolation_level=None)) as db:
        for column, table in (("captured_at", "captured"), ("kept_at", "pages"), ("proved_at", "pages")):
            db.execute(
                f"UPDATE {table} SET {column} = '2026-01-01T00:00:00.000000Z' "
                "WHERE address IN (SELECT number FROM interned WHERE text LIKE ?)",
                (f"%/{number}/%",),
            )
    outlet.requests.clear()
    project.report("-a", "recheck=all", "-a", "limit=3")
    asked = {ARTICLE.match(r.path)[1]: r.status for r in outlet.requests if ARTICLE.match(r.path)}
    outlet.requests.clear()
    project.report("-a", "recheck=all", "-a", "limit=3")
    after = {r.status for r in outlet.requests if ARTICLE.match(r.path)}

    assert asked.pop(number) == 200
    assert set(asked.values()) == {304}
    # The same bytes again are kept as a revisit, and that proves as much as the bytes did.
    assert after == {304}


def test_articles_named_are_looked_at_alone(project, outlet):
    """`ids` asks for those only; one that the archive lacks is a usage error before anything is fetched."""
    project.report("-a", "limit=2")
    known = outlet.articles()[0]
    outlet.requests.clear()
    report = project.report("-a", f"ids={known}")
    asked = {r.path for r in outlet.requests}
    stranger = project.crawl("-a", "ids=99")

    assert report["articles"] == {"unchanged": 1}
    assert len(asked) == 3
    assert (stranger.returncode, stranger.stdout) == (2, "")
    assert "99" in stranger.stderr


@pytest.mark.row("F-CON-01")
def test_a_removed_article_is_gone_and_comes_back(project, outlet):
    """404, 410, a soft 404 and a redirect home are all absence; what is restored is live again."""
    project.report()
    ids = sorted(outlet.outlet.articles)[:4]
    for number, how in zip(ids, ("404", "410", "soft", "home"), strict=True):
        outlet.outlet.remove(number, how)
    gone = project.report("-a", "recheck=all")
    states = {row["article_id"]: row["state"] for row in project.rows("latest")}
    outlet.outlet.restore(ids[0])
    project.report("-a", f"ids={ids[0]}")
    after = {row["article_id"]: row["state"] for row in project.rows("latest")}

    assert (gone["exit"], gone["articles"]) == (0, {"gone": 2, "soft_404": 2, "unchanged": 56})
    assert {states[number] for number in ids} == {"gone"}
    assert (after[ids[0]], after[ids[1]]) == ("live", "gone")


def test_a_store_that_fails_stops_the_crawl(project, outlet):
    """A failed commit: exit 8, one line, the spool stays; once the store is well the next crawl needs fetch nothing."""
    project.report("-a", "limit=1")
    blocked = project.archive / "records"
    blocked.rename(project.folder / "records")
    blocked.write_text("in the way")
    failed = project.crawl("-s", "BATCH_CAPTURES=10")
    blocked.unlink()
    (project.folder / "records").rename(blocked)
    fetched = set(outlet.articles())
    again = project.report()

    assert failed.returncode == 8
    assert "Traceback" not in failed.stderr
    assert failed.stderr.count("error:") == 1
    assert again["articles"]["new"] == 60 - len(fetched)
    assert set(Counter(outlet.articles()).values()) == {1}
    assert project.run("verify").returncode == 0


STUMBLE = """
import crawler.commands.crawl, pipelines.{module} as module
from scrapy.cmdline import execute
step = module.{name}.process_item
def stumble(self, item):
    look = getattr(item, "look", item)
    if look.article_id == "{number}" and look.outcome != "extract_failed":
        raise {error}
    return step(self, item)
module.{name}.process_item = stumble
execute()
"""


@pytest.mark.parametrize(
    ("module", "name", "error", "outcome"),
    [
        ("clean", "Clean", "KeyError('mot')", "extract_failed"),
        ("version", "Judge", "ZeroDivisionError('zéro')", "extract_failed"),
        ("export", "Export", "RecursionError('trop')", "extract_failed"),
        ("version", "Judge", "__import__('sqlite3').OperationalError('locked')", "storage_failed"),
        ("version", "Judge", "__import__('archive.errors').errors.StorageError('lent')", "storage_failed"),
    ],
    ids=["clean", "version", "export", "catalog", "store"],
)
@pytest.mark.row("F-PRC-05")
def test_a_step_that_fails_costs_one_article(project, outlet, module, name, error, outcome):
    """F-PRC-05: that one has its outcome, the traceback is logged with its address, all others are stored, exit 3."""
    number = sorted(outlet.outlet.articles)[10]
    script = STUMBLE.format(module=module, name=name, error=error, number=number)
    done = project.run_by(script, *project.crawl_words("--json"))
    report = json.loads(done.stdout)

    assert (done.returncode, report["articles"]) == (3, {outcome: 1, "new": 59}), done.stderr
    assert number in done.stderr
    assert not report["sections"]["infos"]["complete"]
    assert list(project.spool.iterdir()) == []
    assert project.report()["articles"] == {"new": 1}


def test_a_callback_that_fails_costs_one_page(project, outlet):
    """The spider's own error on a listing is told: exit 3, the walk has a gap, the others are complete."""
    script = """
import crawler.pages as pages
from scrapy.cmdline import execute
read = pages.read_listing
def stumble(source, url, edition):
    if url.endswith("/31016"):
        raise IndexError("rang")
    return read(source, url, edition)
pages.read_listing = stumble
execute()
"""
    done = project.run_by(script, *project.crawl_words("--json"))
    report = json.loads(done.stdout)

    assert (done.returncode, report["outcomes"]["extract_failed"]) == (3, 1)
    assert report["sections"]["europe"]["ended"] == "page 1: IndexError"
    assert report["requests"] == sum(report["outcomes"].values())
    assert report["sections"]["infos"]["complete"]


def test_who_we_are_is_told_to_the_outlet(project, outlet):
    """The contact stands in the User-Agent of every request, robots.txt included."""
    project.report("-a", "limit=1", "-s", "CRAWLER_CONTACT=mailto:archive@example.org")

    assert {r.agent for r in outlet.requests} == {"presstv-archive/0.2.0 (+mailto:archive@example.org)"}


@pytest.mark.row("F-OUT-04")
def test_a_host_that_never_answers(tmp_path):
    """The front page times out: exit 5, one line says what happened."""
    with scripted({"/": (HANG,), "/robots.txt": page(b"", status=404)}) as server:
        done = Project(tmp_path, server.base).crawl("-s", "DOWNLOAD_TIMEOUT=1", "-s", "RETRY_TIMES=0")

    assert (done.returncode, "timeout" in done.stdout) == (5, True)


def test_serve_is_the_plain_outlet():
    """The faulty outlet answers as the plain one does where nothing is scripted."""
    with serve() as plain, Faulty() as faulty:
        assert plain.answer("/")[0].text == faulty.answer("/")[0].text
