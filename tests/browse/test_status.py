"""How the archive is, for people and monitors: crawls, sections, suspects; how soon articles were edited."""

from datetime import timedelta

import pytest

from archive.facts.names import stamp
from browse.queries.latency import cadence, first_edits
from tests import facts
from tests.browse.test_pages import cells
from tests.browsing import DAY, HOUR, client_of, page, site_of, told_site, words


def test_status_tells_the_last_crawls(client):
    """Each with its exit code and what its requests came to; sections with when they were walked last."""
    told = client.get("/status.json").json()
    tree = page(client, "/status")

    assert [(crawl["crawl"], crawl["exit"], crawl["outcomes"]) for crawl in told["crawls"]] == [
        ("c4", 0, {"new": 4}),
        ("c1", 0, {"new": 4}),
    ]
    assert [(crawl["sections"], crawl["complete"]) for crawl in told["crawls"]] == [(1, 1), (1, 1)]
    assert "new 4" in cells(tree)
    assert "head of the log 4" in words(tree)


def test_metrics_are_read_by_a_monitor(client):
    """Every line is a comment or a sample; figures are those of the status page."""
    answer = client.get("/metrics")
    samples = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert samples['presstv_articles{state="live"}'] == "3"
    assert samples["presstv_head_seq"] == "4"
    assert samples['presstv_last_crawl_requests{outcome="new"}'] == "4"
    assert samples['presstv_section_walk_complete{section="une"}'] == "1"
    assert samples["presstv_suspect_looks"] == samples["presstv_log_behind"] == "0"


def test_an_archive_without_a_crawl_has_a_status(tmp_path):
    """Nothing is there, and said so."""
    with told_site(tmp_path, lambda log: facts.write(log, facts.read(1, 0))) as site:
        client = client_of(site)

        assert "No crawl has ended yet" in words(page(client, "/status"))
        assert "last_crawl" not in client.get("/metrics").text


@pytest.mark.row("F-PAG-07")
def test_first_edits_are_counted_by_their_distance_from_publication(tmp_path):
    """Of articles seen within a day of their publication alone: of others nobody knows what came before."""

    def edited(log):
        facts.write(log, *(facts.read(number, 10, facts.TEXTS[0]) for number in (1, 2, 3)))
        facts.write(log, facts.read(1, 2 * HOUR, facts.TEXTS[1], outcome="changed"))
        facts.write(log, facts.read(2, 3 * DAY, facts.TEXTS[1], outcome="changed"))
        facts.write(
            log, facts.read(4, 9 * DAY, facts.TEXTS[0]), facts.read(4, 9 * DAY + 1, facts.TEXTS[1], outcome="changed")
        )

    log = facts.new_log()
    edited(log)
    site = site_of(log, tmp_path)
    db = site.reader.archive.catalog.db
    found = first_edits(db, "2026-11-23")

    assert [(each.least, each.edited, each.silent) for each in found.buckets if each.edited] == [
        (timedelta(hours=1), 1, 1),
        (timedelta(days=2), 1, 1),
    ]
    assert (found.measured, found.left_out, found.unedited, found.median) == (2, 1, 1, timedelta(hours=2))
    assert first_edits(db, "2027-03-03").measured == 0
    site.reader.close()


@pytest.mark.row("F-PAG-07")
def test_the_cadence_counts_the_time_since_the_last_crawl(client, tmp_path):
    """Without two crawls nothing is known of how often the archive looks."""
    with told_site(tmp_path) as site:
        told = cadence(
            site.reader.archive.catalog.db, stamp(facts.NOON - timedelta(days=1)), facts.NOON + timedelta(days=9)
        )

        assert told.crawls == 4
        assert told.longest > timedelta(days=8)
        assert (
            cadence(site.reader.archive.catalog.db, stamp(facts.NOON + timedelta(days=99)), facts.NOON).longest is None
        )


@pytest.mark.parametrize(
    "name", ["figures/days", "figures/sections", "figures/first-edits", "figures/most-edited", "coverage/walks"]
)
@pytest.mark.row("F-PAG-06")
def test_each_chart_has_its_data(client, name):
    """The table of each chart is there as CSV, with a line of names."""
    rows = client.get(f"/{name}.csv?since=2026-11-01").text.splitlines()

    assert len(rows) > 1
    assert rows[0].replace("_", "").replace(",", "").isalpha()
