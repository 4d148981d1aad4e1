"""Views: rows of the archive, the same bytes whenever and wherever they are made."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.catalog.selection import Selection
from archive.catalog.since import Since
from archive.errors import IntegrityError, UsageError
from archive.exporters.marks import SCHEMAS
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


@pytest.mark.row("F-TAK-09")
@pytest.mark.parametrize("view", VIEWS)
def test_every_line_says_what_it_is(archive, view):
    """Its schema, view and edition, and the commit and crawl that brought it; an event is proved by a later commit."""
    found = rows(archive, view) + rows(archive, view, "2")
    crawls = dict(archive.catalog.db.execute("SELECT seq, crawl FROM commits"))

    assert {(row["schema"], row["view"], row["edition"]) for row in found} <= {(SCHEMAS[view], view, "presstv-fr")}
    assert found or view == "placements"
    assert view in ("articles", "events") or all(row["crawl"] == crawls[row["commit"]] for row in found)


def test_a_line_that_only_counts_says_of_which_view_it_is():
    """Of an article whose change is read away by a newer revision an increment says so, for one view of one edition."""
    log = facts.new_log()
    late = facts.read(1, 60, facts.TEXTS[1])
    facts.write(log, facts.read(1, 0), late)
    facts.write(log, facts.reread(late, facts.TEXTS[0]), facts.reread(facts.read(1, 0), facts.TEXTS[0]))

    assert rows(facts.folded(log), "changes", "1") == [
        {"article_id": "1", "rows": 0, "schema": "presstv.rows/1", "view": "changes", "edition": "presstv-fr"}
    ]


def test_a_version_says_when_it_was_seen(archive):
    """When it began, its last record, the last look that saw it, and when the article was looked at and edited."""
    told = ("begun_at", "last_at", "seen_at", "last_look", "edited_at")
    found = {
        (row["article_id"], row["version"]): [row[name] and facts.minutes(row[name]) for name in told]
        for row in rows(archive, "versions")
    }

    assert found == {
        ("1", 1): [0, 0, 0, 61, 60],
        ("1", 2): [60, 61, 61, 61, 60],
        ("2", 1): [0, 0, 0, 600, None],
    }
    assert [row["last_outcome"] for row in rows(archive, "latest")] == ["new", "gone"]


def test_an_earlier_version_was_seen_until_the_last_look_that_saw_it():
    """Not until the capture that began it, and not until the look that found the next one."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.saw(1, 30), facts.saw(1, 40, "timeout"), facts.read(1, 60, facts.TEXTS[1]))

    assert [facts.minutes(row["seen_at"]) for row in rows(facts.folded(log), "versions")] == [30, 60]


def test_articles_are_those_that_were_never_read_too(archive):
    """One row each; of one that was only seen nothing is made up."""
    found = {row["article_id"]: row for row in rows(archive, "articles")}

    assert {number: (row["state"], row["versions"]) for number, row in found.items()} == {
        "1": ("live", 2), "2": ("removed", 1), "3": ("gone", 0),
    }  # fmt: skip
    assert (found["3"]["captured_at"], found["3"]["headline"], found["3"]["published"]) == (None, "", None)
    assert facts.minutes(found["2"]["absent_from"]) == 60


def test_records_are_all_readings():
    """Those that a newer revision replaced, those that began no version, a mirror's; each with its place in the log."""
    log = facts.new_log()
    look, mirror = facts.read(1, 0), facts.read(1, 5, facts.TEXTS[2], host="miroir.example", kind="mirror")
    facts.write(log, look, mirror, facts.read(1, 9, tags=("eau",)))
    facts.write(log, facts.reread(look, facts.TEXTS[1], 2))
    found = rows(facts.folded(log), "records")

    assert [
        (facts.minutes(r["captured_at"]), r["commit"], r["line"], r["stands"], r["kind"], r["body"][0]) for r in found
    ] == [
        (0, 1, 0, False, "article", facts.TEXTS[0]),
        (0, 2, 0, True, "article", facts.TEXTS[1]),
        (5, 1, 1, True, "mirror", facts.TEXTS[2]),
        (9, 1, 2, True, "article", facts.TEXTS[0]),
    ]


def test_captures_are_where_they_lie(archive):
    """Each names the piece of a stored segment that is its WARC record; `--ids` are those of an article's addresses."""
    found = rows(archive, "captures")
    one = [parse(canonical(row)) for row in VIEWS["captures"](archive, Selection(ids=frozenset({"2"})))]

    assert [(row["commit"], facts.minutes(row["captured_at"])) for row in found] == [(1, 0), (1, 0), (2, 60), (3, 61)]
    for row in found:
        data = archive.store.get(row["segment"])[row["offset"] : row["offset"] + row["length"]]
        assert row["url"].encode() in gzip.decompress(data)
    assert [row["url"] for row in one] == [facts.url_of(2)]


def test_commits_are_those_of_the_log(archive):
    """The stored commit's own fields, its digest, and what lies beside it."""
    archive.store.create("log/000000000002.sig", b"{}")
    found = rows(archive, "commits")

    assert [row["signed"] for row in found] == [False, True, False]
    for row in found:
        commit = archive.log.read(row["commit"])
        stored = parse(commit.data)
        assert {name: row[name] for name in stored if name != "seq"} == {n: v for n, v in stored.items() if n != "seq"}
        assert (row["digest"], row["commit"]) == (commit.digest, stored["seq"])
    assert {(row["suspect"], row["accepted"], row["timestamped"]) for row in found} == {(False, False, False)}


def test_what_waits_is_said_and_said_again_once_it_is_believed():
    """A suspect crawl's edit and removal are held, its other looks are not; an increment past `accept` has them again."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.read(2, 0))
    struck = [facts.read(1, 60, facts.TEXTS[1], outcome="changed"), facts.saw(2, 60, "gone"), facts.read(3, 60)]
    facts.write(log, *struck, crawl="c", summary={"suspect": True})
    waiting = facts.folded(log)
    facts.write(log, facts.saw(3, 90), crawl="d", summary={"accept": "c"})
    believed = facts.folded(log)

    def held(archive, since=None):
        return [(row["commit"], row["line"], row["held"]) for row in rows(archive, "checks", since)]

    assert held(waiting) == [(1, 0, False), (1, 1, False), (2, 0, True), (2, 1, True), (2, 2, False)]
    assert held(believed, "2") == [(2, 0, False), (2, 1, False), (3, 0, False)]
    assert [(row["commit"], row["suspect"], row["accepted"]) for row in rows(believed, "commits", "2")] == [
        (2, True, True), (3, False, False),
    ]  # fmt: skip


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
            "commit",
            "crawl",
            "detail",
            "edition",
            "event",
            "headline",
            "not_after",
            "not_before",
            "schema",
            "sections",
            "source",
            "source_before",
            "state",
            "url",
            "view",
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
