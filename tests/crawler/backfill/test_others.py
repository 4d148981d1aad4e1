"""What others captured has its place in time and never among our looks: forged captures, and honest ones beside them."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from archive.catalog import articles
from archive.catalog.events import events_of
from archive.catalog.suspects import suspects
from archive.facts.names import stamp
from crawler.backfill.bounds import Bounds
from crawler.backfill.files import report_of
from tests.crawler.backfill.test_files import timeline
from tests.crawler.commands.test_replay import same, store
from tests.faults.site import TEXT, article, outlet, path, site
from tests.foreign_warcs import THEN, Warc, backfilled, moment, page
from tests.french import EDITION
from tests.made import START, capture, url_of
from tests.outlet_server import page as answer
from tests.waiting import until

KNOWN, FORGED = 67, (TEXT[0], "La lampe n’a jamais été remontée, et les gardiens n’en savent rien.")
URL = url_of("7")


def at(moment_of):
    """Return an instant as a WARC writes it."""
    return moment_of.strftime("%Y-%m-%dT%H:%M:%SZ")


def forged_of(base, numbers, when):
    """Return a WARC in which these articles of an outlet have another text at an instant."""
    warc = Warc()
    for number in numbers:
        warc.response(base + path(number), article(number, text=FORGED), at=at(when))
    return warc


def texts(project):
    """Return the second paragraphs of the newest versions, each once."""
    return {row["body"][1] for row in project.rows("latest")}


@pytest.mark.row("F-OTH-01")
def test_many_forged_captures_touch_none_of_our_looks(tmp_path):
    """The backfill is suspect, our next crawl is not, and our texts stand; believed, the forgeries lie between ours."""
    with outlet(tmp_path, site({number: answer(article(number)) for number in range(1, KNOWN + 1)})) as (
        server,
        project,
    ):
        first = project.report()
        when = datetime.now(UTC) + timedelta(seconds=1)
        forged = forged_of(server.base, range(1, KNOWN + 1), when).save(tmp_path / "faux.warc.gz")
        done = project.run("backfill", "--json", "--outlet", server.base, forged)
        report, held = json.loads(done.stdout), texts(project)
        until(lambda: datetime.now(UTC) > when)
        again = project.report("-a", "recheck=all")
        after, events = texts(project), {row["event"] for row in project.rows("events")}
        accepted = project.run("accept", report["crawl"])
        believed, edits = project.rows("latest"), [row for row in project.rows("events") if "edited" in row["event"]]

    assert (first["exit"], first["articles"]) == (0, {"new": KNOWN})
    assert (done.returncode, report["exit"], report["suspect"]) == (6, 6, True)
    assert report["brake"]["sources"][0]["rechecked"] == {"changed": KNOWN}
    assert (again["exit"], again["suspect"], again["articles"]) == (0, False, {"unchanged": KNOWN})
    assert held == after == {TEXT[1]}
    assert events == {"discovered"}
    assert accepted.returncode == 0, accepted.stderr
    assert {(row["versions"], row["body"][1], row["source"]) for row in believed} == {(3, TEXT[1], None)}
    assert all(row["source"] or row["source_before"] for row in edits)
    assert len(edits) == 2 * KNOWN


@pytest.mark.row("F-OTH-01")
def test_few_captures_of_others_are_told_at_once(tmp_path):
    """Under a fifth of one maker's captures of a day is what editors do: edits, told with whose the captures are."""
    with outlet(tmp_path, site({number: answer(article(number)) for number in range(1, 13)})) as (server, project):
        project.crawl()
        taken = forged_of(server.base, range(1, 3), datetime.now(UTC) + timedelta(seconds=1))
        done = project.run("backfill", "--outlet", server.base, taken.save(tmp_path / "autre.warc.gz"))
        edits = [row for row in project.rows("events") if row["event"] == "silently_edited"]

    assert done.returncode == 0, done.stdout
    assert [row["article_id"] for row in edits] == ["1", "2"]
    assert all(row["source"].startswith("autre.warc.gz sha256:") for row in edits)
    assert {row["source_before"] for row in edits} == {None}


@pytest.fixture
def known(archive, tmp_path, clock):
    """Return an archive in which twelve articles were captured by us, at THEN."""
    ours = [capture(url_of(str(number)), body=page(str(number)), at=THEN) for number in range(1, 13)]
    store(archive, tmp_path, clock, *((one, same) for one in ours))
    return archive


def day_of(count, struck, *, hours=2, of="host", status="200 OK"):
    """Return a WARC of so many of the twelve articles, so many of them struck, one each quarter of an hour."""
    warc = Warc()
    for number in range(1, count + 1):
        text = "Il neige depuis jeudi sur toute la montagne, dit le refuge." if number <= struck else None
        body = page(str(number), **({"text": text} if text else {}))
        more = {"status": status} if text else {}
        warc.response(url_of(str(number)), body, at=moment(900 * number, hours=hours), **more)
    return warc


@pytest.mark.row("F-OTH-01")
@pytest.mark.parametrize(
    ("warc", "pulled"),
    [
        (lambda: day_of(12, 12), True),
        (lambda: day_of(12, 10), True),
        (lambda: day_of(12, 9), False),
        (lambda: day_of(12, 11, status="404 Not Found"), True),
        (lambda: day_of(12, 0), False),
    ],
    ids=["all", "ten", "nine", "gone", "as before"],
)
def test_a_backfills_brake(known, tmp_path, clock, warc, pulled):
    """Ten at least and more than a fifth, changed or gone; what was pulled waits, else it counts."""
    done = backfilled(known, tmp_path, clock, warc().save(tmp_path / "a.warc.gz"))
    newest = known.log.read(known.catalog.head().seq)

    assert (done.exit_code() == 6, newest.summary.get("suspect", False)) == (pulled, pulled)
    if pulled:
        assert {row.versions for row in articles.article_rows(known.catalog.db)} == {1}
        assert {row.state for row in articles.article_rows(known.catalog.db)} == {"live"}
        assert report_of(done)["brake"]["sources"][0]["host"] == "french.presstv.ir"


@pytest.mark.row("F-OTH-01")
@pytest.mark.parametrize(
    ("hours", "struck", "pulled"),
    [(-5, 12, True), (-5, 0, False), (-33, 12, False)],
    ids=["hours before", "as ours", "days before"],
)
def test_what_others_captured_right_before_our_first_look(known, tmp_path, clock, hours, struck, pulled):
    """Another text everywhere hours before we came waits as well; of another day, it is the past, told and marked."""
    done = backfilled(known, tmp_path, clock, day_of(12, struck, hours=hours).save(tmp_path / "a.warc.gz"))
    rows = list(articles.article_rows(known.catalog.db))
    waiting = [held["waiting"] for held in suspects(known.catalog.db)]

    assert (done.exit_code() == 6, waiting) == (pulled, [12] if pulled else [])
    assert {row.versions for row in rows} == {2 if struck and not pulled else 1}


@pytest.mark.row("F-OTH-01")
def test_captures_of_two_makers_are_no_crowd(known, tmp_path, clock):
    """Six changed by each of two makers: nobody shows ten."""
    early, late = Warc(), Warc(info={"operator": "Une autre bibliothèque"})
    for number in range(1, 13):
        body = page(str(number), text="Il neige depuis jeudi sur toute la montagne, dit le refuge.")
        (early if number <= 6 else late).response(url_of(str(number)), body, at=moment(60 * number, hours=2))
    done = backfilled(known, tmp_path, clock, *(w.save(tmp_path / f"{n}.gz") for n, w in enumerate((early, late))))

    assert (done.exit_code(), dict(done.intake.tally.taken)) == (0, {"changed": 12})


SNOW = "Il neige depuis jeudi sur toute la montagne, dit le refuge."


def twice(place, count, *, days=(0, 1), operator="Bibliothèque de Lorsanne", back=False, many=False):
    """Write a WARC of so many articles as they were on these days, of which the second has another text everywhere."""
    shots = [(number, day) for day in days for number in range(1, count + 1)]
    data = b""
    for number, day in reversed(shots) if back else shots:
        warc = Warc(info={"operator": f"{operator} {number}" if many else operator})
        body = page(str(number), **({"text": SNOW} if day else {}))
        warc.response(url_of(str(number)), body, at=moment(60 * number, days=day))
        data += warc.data
    place.write_bytes(data)
    return str(place)


@pytest.mark.row("F-OTH-01")
@pytest.mark.parametrize("back", [False, True], ids=["in order", "the last first"])
@pytest.mark.parametrize(("count", "pulled"), [(12, True), (9, False)])
def test_a_brake_does_not_hang_on_the_order_of_a_file(archive, tmp_path, clock, count, pulled, back):
    """Twelve texts that turn within a day wait, whichever of the two stands first in the file; nine are edits."""
    done = backfilled(archive, tmp_path, clock, twice(tmp_path / "a.warc.gz", count, back=back))

    assert (done.exit_code() == 6) is pulled
    assert {row.versions for row in articles.article_rows(archive.catalog.db)} == {1 if pulled else 2}


@pytest.mark.row("F-OTH-01")
@pytest.mark.parametrize("days", [(0, 1), (1, 0)], ids=["in order", "the last first"])
@pytest.mark.parametrize(("count", "edits"), [(12, 0), (9, 9)])
def test_a_brake_does_not_hang_on_the_order_of_files(archive, tmp_path, clock, count, edits, days):
    """The second backfill is the suspect one, and no edit is told until it is believed."""
    for day in days:
        done = backfilled(archive, tmp_path, clock, twice(tmp_path / f"{day}.warc.gz", count, days=(day,)))
    told = [e for n in range(1, count + 1) for e in events_of(archive.catalog.db, n) if "edited" in e["event"]]

    assert (done.exit_code() == 6, len(told)) == (not edits, edits)


@pytest.mark.row("F-OTH-01")
@pytest.mark.parametrize(("count", "pulled"), [(12, True), (9, False)])
def test_one_file_is_one_source_whoever_it_says_its_makers_are(known, tmp_path, clock, count, pulled):
    """A maker's name for each capture makes twelve forgeries no less a crowd."""
    done = backfilled(known, tmp_path, clock, twice(tmp_path / "a.warc.gz", count, days=(1,), many=True))

    assert (done.exit_code() == 6, dict(done.intake.tally.taken)) == (pulled, {"changed": count})
    assert pulled is any(held["waiting"] == count for held in suspects(known.catalog.db))


BOUNDS, NOW = Bounds(edition=EDITION), START


@pytest.mark.row("F-OTH-02")
@pytest.mark.parametrize(
    ("when", "kind"),
    [
        (NOW + timedelta(minutes=4), None),
        (NOW + timedelta(minutes=6), "future"),
        (NOW + timedelta(hours=20), "future"),
        (datetime(1999, 12, 31, tzinfo=UTC), "before_edition"),
        (datetime(2019, 3, 15, 23, 59, tzinfo=UTC), "before_its_day"),
        (datetime(2019, 3, 16, 20, 31, tzinfo=UTC), None),
        (datetime(2019, 3, 17, tzinfo=UTC), None),
    ],
    ids=["clocks differ", "ahead", "hours ahead", "1999", "two days before", "the evening before, UTC", "its day"],
)
def test_a_capture_of_a_time_that_cannot_be(when, kind):
    """Ahead of our clock, before the edition, before the day in its own address; an hour of another zone is neither."""
    refused = BOUNDS.untimely(capture(URL, at=when), NOW)

    assert (refused and refused[0]) == kind


@pytest.mark.row("F-OTH-02")
def test_an_address_without_a_day_of_the_calendar_refuses_nothing():
    """What the address says of a day that never was is no reason."""
    odd = URL.replace("/2019/03/17/", "/2019/02/31/")

    assert BOUNDS.untimely(capture(odd, at=datetime(2019, 1, 1, tzinfo=UTC)), NOW) is None


@pytest.mark.row("F-OTH-02")
def test_looks_of_tomorrow_remove_nothing(archive, tmp_path, clock):
    """Two 404s dated hours ahead are refused, counted by kind and named; the article is as live as we saw it."""
    ours = capture(URL, body=page(), at=START)
    store(archive, tmp_path, clock, (ours, same))
    ahead = Warc()
    for hours in (1, 8):
        ahead.response(URL, b"rien", status="404 Not Found", at=at(clock.now + timedelta(hours=hours)))
    done = backfilled(archive, tmp_path, clock, ahead.save(tmp_path / "demain.warc.gz"))
    report = report_of(done)

    assert (report["refusals"], report["taken"], report["exit"]) == ({"future": 2}, {}, 3)
    assert [one["kind"] for one in report["refused"]] == ["future"] * 2
    assert articles.state(archive.catalog.db, "7") == "live"


@pytest.fixture
def taken_at(archive, tmp_path, clock):
    """Return an archive, and functions by which we see article 7, or others miss it, at hours after THEN."""

    def see(*hours):
        seen = [capture(URL, body=page() + b" " * hour, at=THEN + timedelta(hours=hour)) for hour in hours]
        store(archive, tmp_path, clock, *((one, same) for one in seen))

    def miss(*hours):
        missed = Warc()
        for hour in hours:
            missed.response(URL, b"rien", status="404 Not Found", at=moment(hours=hour))
        backfilled(archive, tmp_path, clock, missed.save(tmp_path / "autre.warc.gz"))

    return archive, see, miss


def told(archive):
    """Return (event, whose, whose the look before) of the article's events but its discovery."""
    events = events_of(archive.catalog.db, 7)
    return [(e["event"], bool(e["source"]), bool(e["source_before"])) for e in events if e["event"] != "discovered"]


MARKED = [("removed", True, False)]


@pytest.mark.row("F-OTH-03")
@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        ((0, 20), ([], "live", False)),
        ((0,), (MARKED, "removed", True)),
        ((0, 2), (MARKED, "removed", True)),
        ((20,), ([], "live", False)),
    ],
    ids=["between", "after", "after both", "before we or anybody saw it"],
)
def test_others_tell_a_removal_outside_our_looks_alone(taken_at, ours, expected):
    """Between two looks of ours two 404s of others are no removal; after the last they are one, marked as theirs."""
    archive, see, miss = taken_at
    see(*ours)
    miss(5, 12)
    row = articles.article_row(archive.catalog.db, "7")

    assert (told(archive), row.state, bool(row.state_source)) == expected


@pytest.mark.row("F-OTH-03")
def test_others_tell_a_removal_before_our_first_look(archive, tmp_path, clock):
    """They saw it, missed it twice, and we found it again: all of that is told, and whose each look was."""
    store(archive, tmp_path, clock, (capture(URL, body=page(), at=THEN + timedelta(hours=30)), same))
    warc = Warc()
    warc.response(URL, page(), at=moment())
    for hours in (5, 12):
        warc.response(URL, b"rien", status="404 Not Found", at=moment(hours=hours))
    backfilled(archive, tmp_path, clock, warc.save(tmp_path / "a.warc.gz"))

    assert told(archive) == [("removed", True, True), ("restored", False, True)]
    assert articles.article_row(archive.catalog.db, "7").state_source is None


@pytest.mark.row("F-OTH-01")
def test_our_text_stands_again_where_we_found_it(archive, tmp_path, clock):
    """A capture of others between two looks of ours that found one text: another text, then ours again from our look on."""
    ours = [capture(URL, body=page(), at=THEN + timedelta(hours=hours)) for hours in (0, 6)]
    store(archive, tmp_path, clock, *((one, same) for one in ours))
    between = Warc()
    between.response(URL, page(headline="La mer monte"), at=moment(hours=3))
    backfilled(archive, tmp_path, clock, between.save(tmp_path / "a.warc.gz"))
    versions = list(articles.versions(archive.catalog.db))

    assert timeline(archive) == [
        (moment(), "La pluie revient"), (moment(hours=3), "La mer monte"), (moment(hours=6), "La pluie revient"),
    ]  # fmt: skip
    assert [bool(version.source) for version in versions] == [False, True, False]
    assert [version.cite for version in versions][::2] == [f"7@{stamp(THEN)}", f"7@{stamp(THEN + timedelta(hours=6))}"]
