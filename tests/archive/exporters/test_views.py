"""Views: rows of the archive, the same bytes whenever and wherever they are made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.catalog.selection import Selection
from archive.catalog.since import Since
from archive.errors import IntegrityError, UsageError
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical, parse
from archive.facts.record import SCHEMA
from archive.facts.teasers import Teaser, teasers_digest
from tests import facts


@pytest.fixture(scope="module")
def archive():
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.read(2, 0))
    facts.write(log, facts.read(1, 60, facts.TEXTS[1]), facts.saw(2, 60, "gone"), facts.saw(3, 60, "gone"))
    facts.write(log, facts.read(1, 61, facts.TEXTS[1], tags=("eau",)), facts.saw(2, 600, "gone"))
    return facts.folded(log)


def rows(archive, view, since=None):
    return [parse(canonical(row)) for row in VIEWS[view](archive, Selection(since=Since(since)))]


def test_latest_has_each_article_that_was_read_once(archive):
    """The newest record of each, with its version, its state and its sights; an article never read has no row."""
    found = rows(archive, "latest")

    assert [(r["article_id"], r["version"], r["versions"], r["state"]) for r in found] == [
        ("1", 2, 2, "live"),
        ("2", 1, 1, "removed"),
    ]
    assert (found[0]["tags"], found[0]["schema"]) == (["eau"], SCHEMA)
    assert [facts.minutes(found[0][name]) for name in ("captured_at", "first_seen", "last_seen")] == [61, 0, 61]


def test_versions_have_the_record_that_began_each(archive):
    """By article and number; a record that begins no version has no row."""
    found = [(r["article_id"], r["version"], facts.minutes(r["captured_at"])) for r in rows(archive, "versions")]

    assert found == [("1", 1, 0), ("1", 2, 60), ("2", 1, 0)]


def test_changes_and_checks_have_a_row_each(archive):
    """One change for the one version that has one before it, one check for each look in the order of the log."""
    (change,) = rows(archive, "changes")
    checks = rows(archive, "checks")

    assert (change["article_id"], change["version"], change["fields"]) == ("1", 2, ["body"])
    assert [(c["commit"], c["article_id"]) for c in checks] == [
        (1, "1"),
        (1, "2"),
        (2, "1"),
        (2, "2"),
        (2, "3"),
        (3, "1"),
        (3, "2"),
    ]
    assert checks[0]["crawl"].startswith("crawl-")


@pytest.mark.parametrize(
    ("since", "counts"),
    [
        (None, (2, 3, 1, 7)),
        ("0", (2, 3, 1, 7)),
        ("1", (2, 3, 1, 5)),
        ("2", (2, 3, 1, 2)),
        ("3", (0, 0, 0, 0)),
        ("2026-11-24", (2, 3, 1, 7)),
        ("2026-11-25", (0, 0, 0, 0)),
        ("2026-11-24T13:00:00Z", (2, 1, 1, 5)),
        ("2026-11-24T13:00", (2, 1, 1, 5)),
        ("2026-11-24T16:30:00+03:30", (2, 1, 1, 5)),
        ("2026-11-24T13:00:00.000001Z", (1, 0, 0, 2)),
    ],
)
def test_since(archive, since, counts):
    """Past a commit each article touched since is there, whole; from a time on what was captured or first missed then."""
    assert tuple(len(rows(archive, view, since)) for view in ("latest", "versions", "changes", "checks")) == counts


@pytest.mark.parametrize(
    "text", ["", "hier", "-1", "1.5", "2026-13-01", "2026-11-24T25:00", "9" * 30, "2026-", "0001-01-01T00:00+23:00"]
)
def test_a_bad_since_is_a_usage_error(text):
    """It names the value and what is accepted."""
    with pytest.raises(UsageError, match="neither a commit number nor a day"):
        Since(text)


@given(st.text(max_size=12))
def test_since_reads_or_refuses(text):
    """Any text at all is a number, a time, or a usage error."""
    try:
        since = Since(text)
    except UsageError:
        return

    assert (since.seq > 0 or text.strip("0٠") == "" or not text.isascii()) != bool(since.at)


def test_each_row_is_one_moment_of_the_catalog(archive, tmp_path):
    """A fold by another connection while an export is under way does not change the rows still to come."""
    log = facts.new_log()
    facts.write(log, *(facts.read(n, 0) for n in range(1, 6)))
    mine, other = (facts.folded(log, tmp_path / "catalog.sqlite") for _ in range(2))
    under_way = VIEWS["versions"](mine, Selection())
    first = next(under_way)
    facts.write(log, *(facts.read(n, 60, facts.TEXTS[1]) for n in range(1, 6)))
    other.catalog.follow(log)
    found = [first, *under_way]

    assert [(row["article_id"], row["versions"]) for row in found] == [(str(n), 1) for n in range(1, 6)]
    mine.close()
    other.close()


def test_a_bad_segment_stops_the_checks_with_its_key():
    """The one view that reads segments names the one that is gone."""
    log = facts.new_log()
    made = facts.write(log, facts.saw(1, 0))
    archive = facts.folded(log)
    log.store.delete(made.segments[0].key)

    with pytest.raises(IntegrityError, match=made.segments[0].key):
        rows(archive, "checks")


def test_events_have_both_instants_and_their_crawl(archive):
    """One row an event, by article and time; only a discovery has nothing before it."""
    found = rows(archive, "events")

    assert [(r["article_id"], r["event"]) for r in found] == [
        ("1", "discovered"), ("1", "silently_edited"), ("2", "discovered"), ("2", "removed"),
    ]  # fmt: skip
    assert {tuple(sorted(r)) for r in found} == {
        (
            "article_id",
            "cite",
            "crawl",
            "detail",
            "event",
            "headline",
            "not_after",
            "not_before",
            "sections",
            "source",
            "source_before",
            "state",
            "url",
        )
    }
    assert [r["event"] for r in found if r["not_before"] is None] == ["discovered", "discovered"]
    assert [
        (facts.minutes(r["not_before"]), facts.minutes(r["not_after"])) for r in found if r["event"] == "removed"
    ] == [(0, 60)]
    assert found[1]["crawl"].endswith("-0002")


def test_events_since_a_commit_are_those_of_the_articles_that_it_touched(archive):
    """The second look at what was removed, and a new tag; each article's life is told whole."""
    found = rows(archive, "events", "2")

    assert [(r["article_id"], r["event"]) for r in found] == [
        ("1", "discovered"), ("1", "silently_edited"), ("2", "discovered"), ("2", "removed"),
    ]  # fmt: skip


def test_placements_are_the_ranks_in_each_listing():
    """One row for each article on each page of a listing at each look; feed and front page have their own name.

    A sitemap has no ranks.
    """
    log = facts.new_log()
    pages = [
        facts.Check(at=facts.at(n), url=f"http://127.0.0.1/{kind}{n}", kind=kind, outcome="listed", listed=listed, **more)
        for n, (kind, listed, more) in enumerate(
            [("section", ("7", "8"), {"section": "une", "page": 2}), ("feed", ("8",), {}), ("front", (), {}),
             ("sitemap", ("8", "7"), {}),
             ("section", ("8", "7"), {"section": "une", "page": 2, "status": 304})]
        )
    ]  # fmt: skip
    facts.write(log, *(facts.Fact(check=page) for page in pages))
    found = rows(facts.folded(log), "placements")

    assert [(facts.minutes(r["at"]), r["section"], r["page"], r["rank"], r["article_id"]) for r in found] == [
        (0, "une", 2, 1, "7"), (0, "une", 2, 2, "8"), (1, "feed", 1, 1, "8"), (4, "une", 2, 1, "8"), (4, "une", 2, 2, "7"),
    ]  # fmt: skip
    assert {(r["commit"], r["crawl"]) for r in found} == {(1, "crawl-20261124t120000z-0000000a-0001")}


def shelf(minute, digest=None, *texts, page=1):
    """Return a look at a listing of as many articles, with their teasers, or the digest of those of an earlier look."""
    shown = tuple(Teaser(text=text, picture="http://127.0.0.1/i.jpg" if text == "Un" else "") for text in texts)
    check = facts.Check(
        at=facts.at(minute), url=f"http://127.0.0.1/une/{page}", kind="section", section="une", page=page, outcome="listed",
        listed=("7", "8"), teasers=shown, teasers_digest=digest,
    )  # fmt: skip
    return facts.Fact(check=check)


ONE, TWO = (
    teasers_digest(t.fields() for t in shelf(0, None, *texts).check.teasers) for texts in (("Un", "Deux"), ("Un", ""))
)


def placed(archive, since=None):
    return [
        (facts.minutes(row["at"]), row["page"], row["article_id"], row.get("teaser"), row.get("picture"))
        for row in rows(archive, "placements", since)
    ]


@pytest.fixture(scope="module")
def shelves():
    """Return the archive of six looks at two pages, each a commit; the last names what nobody stored."""
    log = facts.new_log()
    looks = [shelf(0), shelf(1, None, "Un", "Deux"), shelf(2, None, "Un", "", page=2), shelf(3, ONE), shelf(4, TWO, page=2),
             shelf(5, "sha256:" + "0" * 64)]  # fmt: skip
    for look in looks:
        facts.write(log, look)
    return facts.folded(log)


def test_placements_tell_what_stood_there(shelves):
    """Text and picture of each look that kept them, itself or an earlier one; before there were any the fields are not there."""
    picture = "http://127.0.0.1/i.jpg"
    own = [(1, 1, "7", "Un", picture), (1, 1, "8", "Deux", ""), (2, 2, "7", "Un", picture), (2, 2, "8", "", "")]
    named = [(minute + 2, *rest) for minute, *rest in own]
    nothing = [(minute, 1, number, None, None) for minute in (0, 5) for number in ("7", "8")]

    assert placed(shelves) == [*nothing[:2], *own, *named, *nothing[2:]]


@pytest.mark.parametrize("since", ["1", "3", "4", "5", "2026-11-24T12:03:00Z"])
def test_placements_of_later_looks_are_the_same(shelves, since):
    """What an earlier commit holds is looked up there, however late the export begins."""
    after = int(since) if since.isdigit() else 3

    assert placed(shelves, since) == [row for row in placed(shelves) if row[0] >= after]
