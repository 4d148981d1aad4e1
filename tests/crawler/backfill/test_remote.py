"""`scrapy backfill --wayback` and `--commoncrawl` against an index of our own on loopback, and against pywb."""

import gzip
import json
import signal
import subprocess
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalog import articles
from archive.errors import OutletUnreachable, RefusedByOutlet, UsageError
from archive.trust.verify import verify
from crawler.backfill.remote import Remote
from crawler.net.fetching import Fetcher, Manners
from tests import loaded, pywb
from tests.cdx_server import CRAWL, Fault, serve, shot
from tests.foreign_warcs import Warc, backfilled, intake_into, page
from tests.made import demo_articles, url_of
from tests.project import Project, environment
from tests.waiting import until

AT = "20190317093000"
PAUSE = 1.0
SPAN = ("2010", "2025")


class Watch:
    """A monotonic clock that goes on only when somebody waits."""

    def __init__(self):
        self.now, self.waits = 0.0, []

    def __call__(self):
        return self.now

    def wait(self, seconds):
        """Let seconds pass."""
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def watch():
    """Return a watch that stands."""
    return Watch()


@pytest.fixture
def remote(archive, tmp_path, clock, watch):
    """Return a function that makes a remote of a server, a new run each time."""

    def make(server, *, ranged=False, captures=200, **manners):
        intake = intake_into(archive, tmp_path, clock, captures=captures)
        intake.clear()
        known = {"agent": "essai/1", "pause": PAUSE, "backoff": 1.0, "timeout": 5.0, "tries": 3}
        fetcher = Fetcher(manners=Manners(**known | manners), wait=watch.wait, seconds=watch, now=clock)
        index, data = ("COMMONCRAWL_INDEX", "COMMONCRAWL_DATA") if ranged else ("WAYBACK_CDX", "WAYBACK_WEB")
        return Remote(
            intake=intake,
            fetcher=fetcher,
            index=server.settings[index],
            data=server.settings[data],
            ranged=ranged,
            notes=tmp_path / "notes",
        )

    return make


def asked_for(remote, *, span=SPAN):
    """Run a remote to its end and return its tally."""
    if remote.ranged:
        remote.commoncrawl([CRAWL])
    else:
        remote.wayback(*span)
    remote.intake.finish()
    return remote.intake.tally


def shots(count=3, **more):
    """Return captures of so many articles, a minute apart."""
    return [shot(url, f"201903170930{n:02d}", body, **more) for n, (url, body) in enumerate(demo_articles(count))]


def numbers(archive):
    """Return the articles that have a version."""
    return sorted({version.article_id for version in articles.versions(archive.catalog.db)})


def captured(archive):
    """Return address and instant of every capture that the archive holds."""
    return sorted(archive.catalog.db.execute("SELECT url, captured_at FROM captures").fetchall())


@pytest.mark.parametrize("form", ["lists", "lines", "plain", "cdxj"])
@pytest.mark.parametrize("packed", [False, True], ids=["bare", "gzipped"])
def test_what_an_index_names_is_fetched(archive, remote, form, packed):
    """In every form that an index answers in, each capture becomes a version at its own time."""
    with serve(*shots(3), form=form, packed=packed) as server:
        tally = asked_for(remote(server))

    assert (dict(tally.taken), tally.failed, tally.refused) == ({"new": 3}, [], [])
    assert captured(archive) == [
        (url, f"2019-03-17T09:30:{n:02d}.000000Z") for n, (url, _) in enumerate(demo_articles(3))
    ]
    assert verify(archive.log).whole


def test_common_crawls_records_are_fetched_by_range(archive, remote):
    """Its index is read page by page, each record is a range of a WARC, and who captured it stays known."""
    with serve(*shots(5), page_rows=2) as server:
        tally = asked_for(remote(server, ranged=True))
        pages = [path for path in server.paths(f"/{CRAWL}-index") if "&page=" in path]
        ranges = [asked.headers["Range"] for asked in server.log if asked.path.startswith("/data/")]

    assert (dict(tally.taken), tally.failed, tally.damaged) == ({"new": 5}, [], [])
    assert [path[-1] for path in pages] == ["0", "1", "2"]
    assert all(text.startswith("bytes=") for text in ranges)
    assert len(ranges) == 5
    first = next(iter(articles.versions(archive.catalog.db))).record["capture"]["source"]
    assert first["name"].startswith(f"crawl-data/{CRAWL}/segments/1/warc/")
    assert first["operator"] == "127.0.0.1"


def test_common_crawls_record_is_what_its_warc_says(archive, remote, tmp_path, clock):
    """By range and by file the same captures come in: the second way finds nothing new."""
    (url, body), at = demo_articles(1)[0], "2019-03-17T09:30:00Z"
    with serve(shot(url, AT, body)) as server:
        asked_for(remote(server, ranged=True))
    whole = Warc()
    whole.response(url, body, at=at)
    again = backfilled(archive, tmp_path, clock, whole.save(tmp_path / "a.warc.gz")).intake.tally

    assert (dict(again.taken), dict(again.skipped)) == ({}, {"known": 1})


@pytest.mark.parametrize("ranged", [False, True], ids=["wayback", "commoncrawl"])
def test_twice_is_nothing_new(archive, remote, ranged):
    """The index is read again, and no capture is fetched."""
    with serve(*shots(3)) as server:
        asked_for(remote(server, ranged=ranged))
        head, before = archive.catalog.head().seq, len(server.log)
        tally = asked_for(remote(server, ranged=ranged))
        again = [a.path for a in server.log[before:] if a.path.startswith(("/web/", "/data/"))]

    assert again == []
    assert (dict(tally.taken), dict(tally.skipped)) == ({}, {"known": 3})
    assert archive.catalog.head().seq == head


@pytest.mark.parametrize("keys", [True, False], ids=["resume-key", "halves"])
def test_a_list_cut_by_the_server_is_read_to_its_end(archive, remote, keys, monkeypatch):
    """By resume keys, or by halves of the time where there are none, every row is met, and fetched once."""
    monkeypatch.setattr("crawler.backfill.cdx.PAGE", 3)
    monkeypatch.setattr("crawler.backfill.cdx.wayback.__defaults__", (3,))
    with serve(*shots(10), keys=keys) as server:
        tally = asked_for(remote(server))
        fetched = server.fetched()

    assert dict(tally.taken) == {"new": 10}
    assert len(fetched) == len(set(fetched)) == 10


def test_only_captures_between_the_two_times_are_fetched(archive, remote):
    """Both ends count whole: a year to its last second."""
    times = ["20161231235959", "20170101000000", "20171231235959", "20180101000000"]
    with serve(*(shot(url, at, body) for (url, body), at in zip(demo_articles(4), times, strict=True))) as server:
        asked_for(remote(server), span=("2017", "2017"))
        fetched = server.fetched()

    assert [path[:14] for path in fetched] == times[1:3]


def test_one_request_a_pause(remote, watch):
    """Index and captures alike: whatever is asked, no two requests come closer than the pause."""
    with serve(*shots(4), clock=watch) as server:
        asked_for(remote(server))
        times = [asked.at for asked in server.log]
        agents = {asked.headers["User-Agent"] for asked in server.log}

    gaps = [b - a for a, b in zip(times, times[1:], strict=False)]
    assert len(times) >= 5 + 4
    assert min(gaps) >= PAUSE
    assert agents == {"essai/1"}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("path", ["/cdx", "/web/"], ids=["index", "replay"])
def test_retry_after_is_waited_for(remote, watch, clock, status, form, path):
    """In seconds or as a date, from the index or from the replay; then all is as if it had not been."""
    later = (clock.now + timedelta(seconds=120)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    fault = Fault(path=path, status=status, headers={"Retry-After": "120" if form == "seconds" else later})
    with serve(*shots(2), faults=[fault], clock=watch) as server:
        tally = asked_for(remote(server))
        times = [a.at for a in server.log if a.path.startswith(path)]

    assert (dict(tally.taken), tally.failed) == ({"new": 2}, [])
    # The date is read some ticks of the clock after it was written.
    assert times[1] - times[0] >= 110


def test_a_longer_wait_ends_the_run_and_keeps_what_came(archive, remote, watch):
    """A Retry-After over the cap is not waited: the run ends, and what was fetched by then is committed."""
    faults = [Fault(path=f"/web/201903170930{n:02d}", status=429, headers={"Retry-After": "86400"}) for n in (2,)]
    with serve(*shots(4), faults=faults) as server:
        one = remote(server)
        with pytest.raises(RefusedByOutlet, match="asks to wait 86400 seconds"):
            one.wayback(*SPAN)
        fetched = len(server.fetched())

    assert 0 < len(captured(archive)) == fetched - 1
    assert max(watch.waits) < 86_400


def test_a_server_that_stays_busy_ends_the_run(remote):
    """429 again and again is a no, after so many tries."""
    with serve(*shots(2), faults=[Fault(path="/web/", status=429, times=99)]) as server:
        with pytest.raises(RefusedByOutlet, match="answered 429 again and again"):
            asked_for(remote(server))
        tries = len(server.fetched())

    assert tries == 3


@pytest.mark.parametrize("status", [401, 403, 500, 502, 503])
def test_a_capture_that_is_not_given_keeps_no_other_out(archive, remote, status):
    """It is told, and the others are fetched, so that a run never ends at the same place for ever."""
    made = shots(4)
    with serve(*made, faults=[Fault(path=made[1].url, status=status, times=99)]) as server:
        tally = asked_for(remote(server))

    assert dict(tally.taken) == {"new": 3}
    assert [(r.url, f"answered {status}" in r.reason) for r in tally.failed] == [(made[1].url, True)]


def test_a_server_that_fails_again_and_again_is_left_alone(archive, remote):
    """Where five captures in a row are not given, nor what was before, the run ends; what came before is committed."""
    made = sorted(shots(9), key=lambda s: s.key)
    with serve(*made) as server:
        one = remote(server)
        lost = Fault(path="/web/", status=503, times=999)
        one.progress = lambda _row: server.faults.append(lost) if len(server.fetched()) == 2 else None
        with pytest.raises(OutletUnreachable, match="none of 5 captures in a row"):
            one.wayback(*SPAN)

    assert len(captured(archive)) == 2
    assert len(one.intake.tally.failed) == 5


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("ranged", [False, True], ids=["wayback", "commoncrawl"])
def test_many_that_are_never_given_stop_none_behind_them(archive, remote, status, ranged):
    """As long as the server gives again what it gave before, it is they that are at fault."""
    made = sorted(shots(16), key=lambda s: s.key)
    with serve(*made) as server:
        bad = [server._placed(one)[0] if ranged else f"{one.timestamp}id_/" for one in made[1:-1]]
        server.faults += [Fault(path=name, status=status, times=99) for name in bad]
        tally = asked_for(remote(server, ranged=ranged))

    assert (dict(tally.taken), dict(tally.skipped), len(tally.failed)) == ({"new": 2}, {}, len(made) - 2)


def test_what_is_never_given_stands_before_nothing(archive, remote):
    """The next run asks for it last: five that a server never gives keep no other out for ever, in any number of runs."""
    made = sorted(shots(8), key=lambda s: s.key)
    faults = [Fault(path=one.url, status=500, times=99) for one in made[:5]]
    with serve(*made, faults=faults) as server:
        runs, ended = [], []
        for _ in range(3):
            one = remote(server)
            try:
                one.wayback(*SPAN)
            except OutletUnreachable as error:
                ended.append(str(error))
            runs.append((dict(one.intake.tally.taken), len(one.intake.tally.failed)))

    assert runs == [({}, 5), ({"new": 3}, 5), ({}, 5)]
    assert ["answered 500" in error for error in ended] == [True]


def test_what_is_given_at_last_is_forgotten(archive, remote, tmp_path):
    """Nothing is remembered of a server that gave all, and what is remembered may be lost or garbled."""
    made = sorted(shots(3), key=lambda s: s.key)
    with serve(*made, faults=[Fault(path=made[0].url, status=500, times=3)]) as server:
        first = remote(server)
        first.wayback(*SPAN)
        left = tmp_path / "notes" / "postponed.json"
        there = left.exists()
        left.write_text("{]")
        second = remote(server)
        second.wayback(*SPAN)

    assert (there, dict(second.intake.tally.taken), left.exists()) == (True, {"new": 1}, False)


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"<html>Bonjour</html>", 200, OutletUnreachable),
        (b'[["urlkey"', 200, OutletUnreachable),
        (b"{}}", 200, OutletUnreachable),
        (b"{}", 200, OutletUnreachable),
        (b'{"message": "rate limited"}', 200, OutletUnreachable),
        (b'[["error"], ["rate limited"]]', 200, OutletUnreachable),
        (b"", 302, OutletUnreachable),
        (b"rien", 503, OutletUnreachable),
        (b"[" * 100_000, 200, OutletUnreachable),
        (b"rien", 400, OutletUnreachable),
        (b"rien", 500, OutletUnreachable),
        (b"Blocked Site Error", 403, RefusedByOutlet),
        (b"[" + b" " * 3000 + b"]", 200, OutletUnreachable),
    ],
    ids=["html", "cut", "no-json", "empty", "message", "table", "302", "503", "deep", "400", "500", "403", "too-long"],
)
@pytest.mark.parametrize("ranged", [False, True], ids=["wayback", "commoncrawl"])
def test_an_answer_that_is_no_index_is_told(remote, body, status, error, ranged, monkeypatch):
    """It is no empty index: the run ends with what the server gave."""
    monkeypatch.setattr("crawler.backfill.cdx._MOST_LIST", 2000 if len(body) < 90_000 else 10**6)
    fault = Fault(path=f"/{CRAWL}-index" if ranged else "/cdx", status=status, body=body, times=99)
    with serve(faults=[fault]) as server, pytest.raises(error):
        asked_for(remote(server, ranged=ranged))


@pytest.mark.parametrize("ranged", [False, True], ids=["wayback", "commoncrawl"])
def test_a_host_that_is_left_out_keeps_no_other_out(archive, remote, ranged):
    """Its owner may have asked for it: that is told, and the other hosts are listed."""
    url = "http://french.presstv.com/Detail/2019/3/17/7/x"
    fault = Fault(path="url=french.presstv.ir", status=403, body=b"Blocked Site Error", times=99)
    with serve(shot(url, AT, page()), faults=[fault]) as server:
        tally = asked_for(remote(server, ranged=ranged))

    assert dict(tally.taken) == {"new": 1}
    assert [(r.url.split()[-1], "403" in r.reason) for r in tally.failed] == [("french.presstv.ir/Detail/", True)]


def test_an_index_without_captures_is_no_failure(remote):
    """Nothing is fetched, and nothing is wrong."""
    with serve() as server:
        found = [asked_for(remote(server, ranged=ranged)) for ranged in (False, True)]

    assert [(dict(t.taken), t.failed, t.damaged) for t in found] == [({}, [], [])] * 2


def test_addresses_of_every_mirror_are_one_article(archive, remote):
    """Each of the edition's hosts is asked for, and the number in the address is the identity."""
    urls = [
        "http://french.presstv.com:80/Detail/2019/3/17/7/x",
        "https://french.presstv.co.uk/Detail/2019/03/17/7/x",
        "http://350431105.r.worldcdn.net/Detail/2019/03/17/7/x",
        "https://www.presstv.com/DetailFr/2019/03/17/7/x",
        "http://FRENCH.PressTV.ir/Detail/2019/03/17/7/x",
    ]
    with serve(*(shot(url, f"201903170{n}3000", page()) for n, url in enumerate(urls))) as server:
        tally = asked_for(remote(server))

    assert (sum(tally.taken.values()), tally.failed) == (5, [])
    assert numbers(archive) == ["7"]


def test_what_is_no_article_of_the_edition_is_not_fetched(remote):
    """Another language on a shared host, a listing, an image, an error: counted, and never asked for."""
    odd = [
        shot("https://french.presstv.ir/Detail/liste", AT, page()),
        shot(url_of("8"), AT, page(), mime="image/jpeg"),
        shot(url_of("9"), AT, page(), status=500),
        shot(url_of("10"), AT, page(), status=302),
    ]
    with serve(*odd) as server:
        tally = asked_for(remote(server))
        fetched = server.fetched()

    assert fetched == []
    assert dict(tally.skipped) == {"other_page": 1, "resource": 1, "unusable": 2}


def test_an_index_that_names_strangers_leads_nowhere(remote):
    """Rows of other hosts, whatever was asked for, are passed over unfetched."""
    row = {"urlkey": "x", "timestamp": AT, "url": "https://journal.invalid/Detail/2019/03/17/7/x", "status": "200"}
    faults = [Fault(path="/cdx", status=200, body=json.dumps(row).encode(), times=1)]
    with serve(faults=faults) as server:
        tally = asked_for(remote(server))
        fetched = server.fetched()

    assert (fetched, dict(tally.skipped)) == ([], {"other_host": 1})


@pytest.mark.parametrize("timestamp", [AT, "20190317093059"], ids=["same", "nearest"])
@pytest.mark.parametrize("leads", [True, False], ids=["led-there", "answered-at-once"])
def test_the_nearest_capture_is_that_capture(archive, remote, timestamp, leads):
    """A replay that has another time than the index names gives that one; it is taken at its own time."""
    row = {"urlkey": "x", "timestamp": timestamp, "url": url_of("7"), "status": "200", "mime": "text/html"}
    faults = [Fault(path="/cdx?url=french.presstv.ir", status=200, body=json.dumps(row).encode())]
    with serve(shot(url_of("7"), AT, page()), faults=faults, leads=leads) as server:
        asked_for(remote(server))

    assert captured(archive) == [(url_of("7"), "2019-03-17T09:30:00.000000Z")]


@pytest.mark.parametrize(
    "location",
    [
        f"/web/{AT}/{url_of('7')}",
        f"/web/{AT}id_/{url_of('8')}",
        f"http://127.0.0.1:1/web/{AT}id_/{url_of('7')}",
        "http://[",
        "",
    ],
    ids=["rewritten", "other-article", "other-origin", "no-address", "nowhere"],
)
def test_a_redirect_to_anything_else_is_not_taken(archive, remote, location):
    """A rewritten page, another article, another server: told, and nothing is stored."""
    made = [shot(url_of(n), AT, page(n)) for n in "78"]
    fault = Fault(path=f"/web/{AT}id_/{url_of('7')}", status=302, headers={"Location": location}, times=1)
    with serve(*made, faults=[fault]) as server:
        tally = asked_for(remote(server))

    assert (captured(archive), [r.url for r in tally.failed]) == (
        [(url_of("8"), "2019-03-17T09:30:00.000000Z")], [url_of("7")],
    )  # fmt: skip


def test_a_page_of_the_replay_itself_is_no_capture(archive, remote):
    """What does not say that it is one (Memento-Datetime, X-Archive-Orig-…) never becomes a version."""
    with serve(*shots(2), mementos=False) as server:
        tally = asked_for(remote(server))

    assert captured(archive) == []
    assert len(tally.failed) == 2


def test_a_rewritten_page_is_refused(archive, remote):
    """A replay that puts its toolbar in, id_ or not, is not what the outlet sent."""
    with serve(shot(url_of("7"), AT, page() + b"<!-- BEGIN WAYBACK TOOLBAR INSERT -->")) as server:
        tally = asked_for(remote(server))

    assert captured(archive) == []
    assert ["rewritten by a replay" in r.reason for r in tally.refused] == [True]


def test_a_short_page_is_refused(archive, remote):
    """The outlet's own Content-Length says that bytes are missing."""
    with serve(shot(url_of("7"), AT, page(), headers={"Content-Length": "90000"})) as server:
        tally = asked_for(remote(server))

    assert captured(archive) == []
    assert ["not whole" in r.reason for r in tally.refused] == [True]


def test_a_page_cut_on_its_way_is_asked_for_again(archive, remote):
    """A body shorter than its Content-Length is no answer."""
    fault = Fault(path=f"/web/{AT}", status=200, body=page()[:200], length=len(page()))
    with serve(shot(url_of("7"), AT, page()), faults=[fault]) as server:
        tally = asked_for(remote(server))
        asked = server.fetched()

    assert (dict(tally.taken), len(asked)) == ({"new": 1}, 2)


def test_a_payload_other_than_the_indexs_is_told(archive, remote):
    """Indexes take digests over coded bytes, so it is no refusal; the check says it."""
    with serve(shot(url_of("7"), AT, page(), digest="A" * 32)) as server:
        asked_for(remote(server))
    from tests.crawler.backfill.test_files import rows

    assert [look["detail"] for look in rows(archive, "checks")] == [f"the index names another payload: {'A' * 32}"]


@pytest.mark.parametrize("listed", ["", "-"], ids=["digest", "no-digest"])
@pytest.mark.parametrize(
    ("coded", "how", "bare"),
    [(True, {}, False), (True, {"unpacks": True}, True), (False, {"packs": True}, True), (False, {}, True)],
    ids=["coded", "unpacked-by-the-replay", "packed-by-the-replay", "plain"],
)
def test_the_bytes_are_those_that_were_captured(archive, remote, listed, coded, how, bare):
    """A packing by the outlet stays on, one by the replay comes off; what the index's digest is of decides."""
    body = gzip.compress(page()) if coded else page()
    headers = {"Content-Encoding": "gzip"} if coded else {}
    with serve(shot(url_of("7"), AT, body, headers=headers, digest=listed), **how) as server:
        tally = asked_for(remote(server))
    from archive.facts.canonical import digest

    record = next(iter(articles.versions(archive.catalog.db))).record
    assert (dict(tally.taken), record["headline"]) == ({"new": 1}, "La pluie revient")
    assert record["digests"]["payload"] == digest(page() if bare else body)


def test_gone_is_an_answer_too(archive, remote):
    """An archived 404 is a look that found the article gone; a replay's own 404 is not."""
    gone, never = shot(url_of("7"), AT, b"<html>rien</html>", status=404), shot(url_of("8"), AT, page(), status=404)
    with serve(gone, never, faults=[Fault(path=f"/web/{AT}id_/{never.url}", status=404, times=9)]) as server:
        tally = asked_for(remote(server))

    assert dict(tally.taken) == {"gone": 1}
    assert [r.url for r in tally.failed] == [never.url]


@pytest.mark.parametrize("status", [200, 404])
def test_a_revisit_is_what_the_replay_makes_of_it(archive, remote, status):
    """An index that tells no status leads to whatever was captured."""
    with serve(shot(url_of("7"), AT, page(), status=status, listed="-", mime="warc/revisit")) as server:
        tally = asked_for(remote(server))

    assert (sum(tally.taken.values()), tally.failed) == (1, [])


def test_a_page_over_the_limit_is_told(archive, remote):
    """It is not read to its end, and keeps no other out."""
    big = page() + b" " * 20_000
    with serve(shot(url_of("7"), AT, big), shot(url_of("8"), AT, page("8"))) as server:
        tally = asked_for(remote(server, most=10_000))

    assert dict(tally.taken) == {"new": 1}
    assert ["longer than 10000 bytes" in r.reason for r in tally.failed] == [True]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"filename": "../../etc/passwd"}, "no place to fetch"),
        ({"filename": "/etc/passwd"}, "no place to fetch"),
        ({"filename": "http://10.0.0.1/x"}, "no place to fetch"),
        ({"filename": ""}, "no place to fetch"),
        ({"length": "0"}, "no place to fetch"),
        ({"length": str(10**14)}, "no place to fetch"),
        ({"length": "-5"}, "no place to fetch"),
        ({"filename": "crawl-data/rien.warc.gz"}, "answered 404"),
        ({"offset": str(10**14)}, "with 0 bytes"),
    ],
    ids=["up", "absolute", "address", "no-name", "empty", "huge", "negative", "missing", "past-the-end"],
)
def test_a_place_that_is_none_is_not_fetched(archive, remote, fields, why):
    """Common Crawl's rows are an outsider's words: a name stays below the data's address, a length within the limit."""
    with serve(shot(url_of("7"), AT, page())) as server:
        row = server._member(server.shots[0]) | fields
        index = f"/{CRAWL}-index?url=french.presstv.ir%2F&page=0"
        server.faults.append(Fault(path="&page=0", status=200, body=json.dumps(row).encode()))
        tally = asked_for(remote(server, ranged=True))

    assert index
    assert captured(archive) == []
    assert [why in r.reason for r in tally.failed] == [True]


def test_a_server_that_knows_no_ranges_is_told(archive, remote):
    """What it sends is the beginning of the file, of whatever length."""
    with serve(shot(url_of("7"), AT, page())) as server:
        _, _, length = server._placed(server.shots[0])
        server.faults.append(Fault(path="/data/", status=200, body=Warc().data.ljust(length, b"\0")[:length], times=9))
        tally = asked_for(remote(server, ranged=True))

    assert (captured(archive), tally.damaged) == ([], [])
    assert ["answered 200" in r.reason for r in tally.failed] == [True]


def test_a_record_that_is_damaged_is_told(archive, remote):
    """Bytes that are no WARC record are damage; the run goes on."""
    first, second = shots(2)
    with serve(first, second) as server:
        name, begin, length = server._placed(first)
        server.files[name] = b"\0" * (begin + length)
        tally = asked_for(remote(server, ranged=True))

    assert dict(tally.taken) == {"new": 1}
    assert [place for place, _ in tally.damaged] == [f"{name}#{begin}+{length}"]


def test_a_name_that_is_no_crawl_is_a_wrong_word(remote):
    """It would become part of an address."""
    with serve() as server, pytest.raises(UsageError, match=r"'\.\./x' names no crawl"):
        remote(server, ranged=True).commoncrawl(["../x"])


def test_an_index_that_goes_round_in_circles_ends(remote):
    """The same resume key twice is an error, not a loop without end."""
    lists = json.dumps([["urlkey", "timestamp", "original"], ["k", AT, url_of("7")], [], ["k) 1"]]).encode()
    with serve(faults=[Fault(path="/cdx", status=200, body=lists, times=99)]) as server:
        one = remote(server)
        with pytest.raises(OutletUnreachable, match="circles"):
            one.wayback(*SPAN)


# The command, from the outside.


def words(server, *more):
    """Return the words of a backfill whose settings lead to the server."""
    settings = [part for name, value in server.settings.items() for part in ("-s", f"{name}={value}")]
    return ("backfill", *settings, *more)


def test_the_command_lists_and_fetches(tmp_path):
    """Both sources in one run: the report names them, and a second run fetches nothing."""
    project = Project(tmp_path, "")
    with serve(*shots(4)) as server:
        both = words(server, "--json", "--wayback", "2019-03", "2019-03-17T09:30:01Z", "--commoncrawl", CRAWL)
        done = project.run(*both)
        fetched = len(server.fetched()), len(server.paths("/data/"))
        again = project.run(*both)
        more = len(server.fetched()), len(server.paths("/data/"))
    report = json.loads(done.stdout)

    assert (done.returncode, "CRAWLER_CONTACT is empty" in done.stderr) == (0, True), done.stderr
    assert (report["taken"], report["skipped"]) == ({"new": 4}, {"known": 2})
    assert [s["name"] for s in report["sources"]] == [f"{server.url}/cdx", server.url]
    assert fetched == more == (2, 2)
    assert json.loads(again.stdout)["taken"] == {}
    assert project.run("verify").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill", "term"])
def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path, number):
    """What was committed is not fetched again; asked to stop, a run commits what it has, killed it loses a batch at most."""
    project, made = Project(tmp_path, ""), shots(8)
    with serve(*made) as server:
        settings = ("-s", "BATCH_CAPTURES=2", "-s", "DOWNLOAD_DELAY=0.2")
        command = project.command(*words(server, *settings, "--wayback", "2019", "2019"))
        child = loaded.start(command, env=environment())
        until(lambda: len(server.fetched()) >= 5 or child.poll() is not None)
        child.send_signal(number)
        child.communicate(30)
        code = child.returncode
        before = server.fetched()
        done = project.run(*words(server, "--json", "--wayback", "2019", "2019"))
        after = server.fetched()[len(before) :]
    report = json.loads(done.stdout)

    assert code == (143 if number == signal.SIGTERM else -9)
    assert 5 <= len(before) < 8
    assert done.returncode == 0
    assert report["skipped"]["known"] + report["taken"]["new"] == 8
    # The request in whose middle it was stopped, and for a kill the batch that was open, are asked for again.
    assert len(set(after) & set(before)) <= (1 if number == signal.SIGTERM else 3)
    assert set(after) | set(before) == {f"{s.timestamp}id_/{s.url}" for s in made}
    assert list((project.spool / "backfill").iterdir()) == []


def test_a_run_that_is_refused_tells_what_it_took(tmp_path):
    """The report stands on stdout, the reason on stderr, and the exit code is 7."""
    project = Project(tmp_path, "")
    made = sorted(shots(3), key=lambda s: s.key)
    with serve(*made, faults=[Fault(path=made[2].url, status=429, headers={"Retry-After": "9999"}, times=9)]) as server:
        done = project.run(*words(server, "--json", "--wayback", "2019", "2019"))
    report = json.loads(done.stdout)

    assert (done.returncode, report["exit"], report["taken"]) == (7, 7, {"new": 2})
    assert "asks to wait 9999 seconds" in done.stderr


@pytest.mark.parametrize(
    ("setting", "code", "said"),
    [("http://moi:secret@10.1.2.3/cdx", 4, "without a user"), ("http://exemple.invalid/cdx", 5, "exemple.invalid")],
    ids=["user", "no-such-host"],
)
def test_where_the_command_never_asks(tmp_path, setting, code, said):
    """A setting that leads to nobody ends the run with a reason and no secret in it."""
    done = Project(tmp_path, "").run(
        "backfill", "-s", f"WAYBACK_CDX={setting}", "-s", "RETRY_TIMES=0", "--wayback", "2019", "2019"
    )

    assert (done.returncode, said in done.stderr, "secret" in done.stderr) == (code, True, False), done.stderr


# pywb, a program of others that serves both an index and a replay.


@contextmanager
def by_pywb(folder, warc):
    """Serve a collection of one WARC by pywb; yield the settings that lead a backfill there."""
    place = folder / "pywb" / "collections" / "pris" / "archive"
    place.mkdir(parents=True)
    place.with_name("indexes").mkdir()
    warc.save(place / "0.warc.gz")
    manager = Path(pywb.wayback()).with_name("wb-manager")
    subprocess.run([manager, "reindex", "pris"], cwd=folder / "pywb", check=True, capture_output=True, timeout=120)
    with pywb.serving(folder / "pywb") as base:
        yield {"WAYBACK_CDX": f"{base}/pris/cdx", "WAYBACK_WEB": f"{base}/pris"}


def by_others(path):
    """Write a WARC with pages bare, gzipped and chunked, a revisit, a 404 and a stranger; return it."""
    one, made = Warc(), demo_articles(4)
    bodies = [made[0][1], gzip.compress(made[1][1]), made[2][1], made[3][1]]
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(bodies[2]), bodies[2])
    headers = [[], [("Content-Encoding", "gzip")], [("Transfer-Encoding", "chunked")], [("Last-Modified", "hier")]]
    for n, ((url, _), body, more) in enumerate(zip(made, [*bodies[:2], chunked, bodies[3]], headers, strict=True)):
        told = one.response(url, body, at=f"2019-03-17T09:3{n}:00Z", headers=more)
    one.revisit(made[3][0], told, at="2019-03-18T10:00:00Z", refers=(made[3][0], "2019-03-17T09:33:00Z"))
    one.response(url_of("7"), b"<html>rien</html>", at="2019-03-19T10:00:00Z", status="404 Not Found")
    one.response("https://journal.invalid/Detail/2019/03/17/7/x", page(), at="2019-03-19T10:00:00Z")
    one.save(path)
    return one


def facts(project):
    """Return what an archive says, without whence it has it."""
    seen = ("url", "captured_at", "headline", "body", "published", "digests", "version")
    looks = [(c["at"], c["url"], c["outcome"], c["payload"], c.get("status")) for c in project.rows("checks")]
    return [{name: row[name] for name in seen} for row in project.rows("versions")], looks


def test_pywb_gives_what_its_warc_holds(tmp_path):
    """Asked as index and as replay it comes to the same as the file: same bytes, times, outcomes; twice is nothing new."""
    file = tmp_path / "autre.warc.gz"
    asked, read = Project(tmp_path / "a", ""), Project(tmp_path / "b", "")
    with by_pywb(tmp_path, by_others(file)) as places:
        settings = [part for name, value in places.items() for part in ("-s", f"{name}={value}")]
        done = asked.run("backfill", *settings, "--json", "--wayback", "2019", "2019")
        again = asked.run("backfill", *settings, "--json", "--wayback", "2019", "2019")
    read.run("backfill", file)
    report, second = json.loads(done.stdout), json.loads(again.stdout)

    assert (done.returncode, report["failed"], report["refused"]) == (0, [], [])
    assert report["taken"] == {"new": 4, "unchanged": 1, "gone": 1}
    assert facts(asked) == facts(read)
    assert (second["taken"], second["skipped"]["known"]) == ({}, 6)
    assert asked.run("verify").returncode == 0


@pytest.mark.parametrize(
    ("body", "there"),
    [
        (b'{"message": "No Captures found for: x"}', True), (b"", True),
        (b'{"message": "No index found for collection"}', False), (b"<h1>404 page not found</h1>", False),
    ],
    ids=["none", "empty", "no such crawl", "no such address"],
)  # fmt: skip
@pytest.mark.parametrize("ranged", [False, True], ids=["wayback", "commoncrawl"])
def test_an_index_that_has_none_is_told_from_one_that_is_not_there(remote, body, there, ranged):
    """Both answer 404; only the one that says so has no captures."""
    fault = Fault(path=f"/{CRAWL}-index" if ranged else "/cdx", status=404, body=body, times=99)
    with serve(faults=[fault]) as server:
        if there:
            assert dict(asked_for(remote(server, ranged=ranged)).taken) == {}
        else:
            with pytest.raises(OutletUnreachable, match="no index but 404"):
                asked_for(remote(server, ranged=ranged))
