"""Captures made by others, in WARC files as others write them, taken into the same timelines."""

import gzip
import io
import json
import os
import shutil
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalog import articles
from archive.catalog.selection import Selection
from archive.errors import UsageError
from archive.exporters.views import VIEWS
from archive.trust.verify import verify
from archive.warc import warc
from crawler.backfill import steps
from crawler.backfill.files import Backfill, lines_of, report_of
from crawler.backfill.sources import Provenance
from crawler.pages import REVISION
from demo.server import serve
from tests import pywb
from tests.crawler.commands.test_replay import read_as, same, store
from tests.foreign_warcs import INFO, THEN, Warc, backfilled, intake_into, moment, page, plain_warc
from tests.made import Ticking, archive_at, capture, url_of
from tests.project import Project

pytest_plugins = ["tests.servers"]

URL = url_of("7")


@pytest.fixture
def taken(archive, tmp_path, clock):
    """Return a function that takes in WARCs, each a file of its own, and says what became of them."""
    numbers = iter(range(100))

    def take(*warcs, **more):
        names = [f"autre-{next(numbers)}.warc.gz" for _ in warcs]
        places = [w.save(tmp_path / name) for w, name in zip(warcs, names, strict=True)]
        return backfilled(archive, tmp_path, clock, *places, **more).intake.tally

    return take


def timeline(archive):
    """Return instant and headline of each version."""
    return [(v.captured_at[:19] + "Z", v.record["headline"]) for v in articles.versions(archive.catalog.db)]


def rows(archive, kind):
    """Return every line of a kind of segment."""
    from archive.log.segments import decode_lines

    keys = [s.key for commit in archive.log.after() for s in commit.segments if s.kind == kind]
    return [line for key in keys for line in decode_lines(archive.store.get(key), key)]


@pytest.mark.row("F-CON-23")
def test_a_number_in_another_spelling_is_no_article(archive, taken):
    """Zeros before it or other digits are another address, which merges with no article; another slug does."""
    warc, texts = Warc(), ("La pluie revient", "Le port ferme", "La mer monte")
    for n, number in enumerate(("2001", "0002001", "%D9%A2%D9%A0%D9%A0%D9%A1")):
        warc.response(URL.replace("/7/", f"/{number}/"), page(headline=texts[n], text=texts[n]), at=moment(60 * n))
    warc.response(URL.replace("/7/", "/2001/") + "-bis", page(headline="Le port rouvre"), at=moment(600))
    taken(warc)

    assert [(one.article_id, one.versions) for one in articles.article_rows(archive.catalog.db)] == [("2001", 2)]
    assert [headline for _, headline in timeline(archive)] == ["La pluie revient", "Le port rouvre"]


@pytest.mark.row("F-SIL-02")
def test_a_backfill_knows_counters_by_all_it_took_in(archive, taken):
    """Six pages, each with a number of its own that moved: no edit; a figure that all of them share is six edits."""
    for figures, numbers in (("Lu {} fois", range(20, 26)), ("Bilan : {} blessés", range(30, 36))):
        warc = Warc()
        for turn in (0, 1):
            for n in numbers:
                count = 41 * turn if numbers[0] == 30 else 10 * n + turn
                # Amid the text: what ends an unknown page and is no sentence is taken for none of it.
                line = f"</p><p>{figures.format(count)}</p><p>".encode()
                body = page(str(n), f"Le quai {n}").replace(b"</p><p>", line, 1)
                warc.response(URL.replace("/7/", f"/{n}/"), body, at=moment(turn * 3600 + n))
        taken(warc)
    events = [row for row in VIEWS["events"](archive, Selection()) if row["event"] != "discovered"]
    noise = [change["noise"] for change in VIEWS["changes"](archive, Selection())]

    assert noise == ["counter"] * 6 + [""] * 6
    assert {row["article_id"] for row in events} == {str(n) for n in range(30, 36)}
    assert [commit.crawl[:9] for commit in archive.log.after() if "rotating" in commit.summary.get("learned", {})] == [
        "backfill-"
    ]


def test_articles_are_taken_in_at_their_own_time(archive, taken):
    """Each page is a capture, a record and a look at the second at which it was captured by somebody else."""
    tally = taken(plain_warc(3))
    looks = rows(archive, "checks")

    assert (dict(tally.taken), dict(tally.skipped), tally.refused) == ({"new": 3}, {}, [])
    assert [look["at"] for look in looks] == [f"2019-03-17T09:3{n}:00.000000Z" for n in range(3)]
    assert len(rows(archive, "records")) == 3
    assert verify(archive.log).whole


def test_twice_is_nothing_new(archive, taken):
    """The same file again, under another name, leaves no commit."""
    taken(plain_warc(3))
    tally = taken(plain_warc(3))

    assert (dict(tally.taken), dict(tally.skipped)) == ({}, {"known": 3})
    assert archive.log.read(2) is None


def test_who_captured_stays_known(archive, taken, tmp_path):
    """Check, record, commit and the WARC's own warcinfo name file, digest and operator."""
    taken(plain_warc(1))
    source = rows(archive, "records")[0]["capture"]["source"]
    from archive.facts.canonical import digest

    key = archive.log.read(1).segments[0].key
    info = next(content for _, _, content in warc.members(archive.store.get(key))).decode()

    assert source == {
        "name": "autre-0.warc.gz", "sha256": digest((tmp_path / "autre-0.warc.gz").read_bytes()),
        "operator": INFO["operator"], "software": INFO["software"],
    }  # fmt: skip
    assert archive.log.read(1).summary["backfill"] == {"taken": 1, "source": source}
    assert rows(archive, "checks")[0]["source"] == f"{source['name']} {source['sha256']} ({INFO['operator']})"
    assert f"source-operator: {INFO['operator']}\r\n" in info
    assert f"source-sha256: {source['sha256']}\r\n" in info


def test_captures_fall_into_the_order_of_their_time(archive, taken, tmp_path, clock):
    """What others captured before, between and after our own looks stands there, whatever came first."""
    ours = [capture(URL, body=page(headline=h), at=THEN + timedelta(hours=n)) for n, h in ((2, "Deux"), (6, "Six"))]
    store(archive, tmp_path, clock, *((one, same) for one in ours))
    later, earlier = Warc(), Warc()
    later.response(URL, page(headline="Huit"), at=moment(hours=8))
    later.response(URL, page(headline="Quatre"), at=moment(hours=4))
    earlier.response(URL, page(headline="Zéro"), at=moment())
    earlier.response(URL, page(headline="Deux") + b" ", at=moment(hours=1))
    taken(later, earlier)

    assert timeline(archive) == [
        (moment(), "Zéro"), (moment(hours=1), "Deux"), (moment(hours=4), "Quatre"), (moment(hours=6), "Six"),
        (moment(hours=8), "Huit"),
    ]  # fmt: skip


def test_the_order_of_arrival_changes_nothing(tmp_path, clock):
    """A text that came back is seen to have come back, also where what lay between was taken in last."""
    told = [(0, "Avant"), (1, "Entre"), (2, "Avant")]
    found = []
    for number, order in enumerate(((0, 1, 2), (2, 0, 1), (0, 2, 1))):
        folder = tmp_path / str(number)
        archive = archive_at(folder, clock)
        for place in order:
            hours, headline = told[place]
            one = Warc()
            one.response(URL, page(headline=headline) + b" " * hours, at=moment(hours=hours))
            backfilled(archive, folder, clock, one.save(folder / f"{place}.warc.gz"))
        found.append(timeline(archive))
        archive.close()

    assert [headline for _, headline in found[0]] == ["Avant", "Entre", "Avant"]
    assert found[0] == found[1] == found[2]


def test_neighbours_of_an_older_revision_are_read_again(archive, taken, tmp_path, clock):
    """Like is held against like on both sides, so that no backfill makes an edit of an extractor's change."""
    ours = [capture(URL, body=page() + b" " * n, at=THEN + timedelta(hours=2 * n)) for n in (0, 1)]
    store(archive, tmp_path, clock, *((one, lambda r: read_as(r, REVISION - 1, headline="Mal lu")) for one in ours))
    between = Warc()
    between.response(URL, page() + b"   ", at=moment(hours=1))
    taken(between)

    assert [headline for _, headline in timeline(archive)] == ["La pluie revient"]
    assert list(articles.changes(archive.catalog.db)) == []


@pytest.mark.parametrize(
    ("url", "more", "why"),
    [
        ("https://journal.invalid/Detail/2019/03/17/7/x", {}, "other_host"),
        ("https://www.presstv.com/Detail/2019/03/17/7/english", {}, "other_host"),
        ("https://french.presstv.ir:8443/Detail/2019/03/17/7/x", {}, "other_host"),
        ("https://french.presstv.ir/Section/101", {}, "other_page"),
        ("https://french.presstv.ir/style.css", {"kind": "text/css"}, "other_page"),
        (URL, {"kind": "image/jpeg"}, "resource"),
        (URL, {"status": "302 Found", "headers": [("Location", url_of("8"))]}, "redirect"),
        (URL, {"status": "500 Oups"}, "unusable"),
        (URL, {"status": "206 Partial Content"}, "unusable"),
    ],
    ids=["host", "other-language", "port", "listing", "style", "image", "redirect", "500", "206"],
)
def test_what_is_passed_over(taken, url, more, why):
    """It is counted by its kind, and is no failure."""
    one = Warc()
    one.response(url, page(), **more)
    tally = taken(one)

    assert (dict(tally.taken), dict(tally.skipped)) == ({}, {why: 1})
    assert (tally.refused, tally.damaged) == ([], [])


@pytest.mark.parametrize(
    "url",
    [
        "http://french.presstv.com/Detail/2019/3/17/7/x",
        "https://french.presstv.ir:443/Detail/2019/03/17/7/x",
        "http://350431105.r.worldcdn.net/Detail/2019/03/17/7/x",
        "https://www.presstv.com/DetailFr/2019/03/17/7/x",
        "https://web.archive.org/web/20190317093000id_/http://french.presstv.com/Detail/2019/3/17/7/x",
    ],
    ids=["other-host", "own-port", "cdn", "shared-host", "replay"],
)
def test_addresses_of_every_mirror_are_one_article(archive, taken, url):
    """The number in the address is the identity, whichever host served it."""
    one = Warc()
    one.response(url, page())
    taken(one)

    assert [v.article_id for v in articles.versions(archive.catalog.db)] == ["7"]
    assert timeline(archive)[0][0] == moment()


def test_a_capture_of_a_replay_is_of_the_time_that_it_shows(archive, taken):
    """Its address says when the outlet was captured; when the replay was is not that."""
    one = Warc()
    one.response(
        "http://web.archive.org/web/20170820164600id_/http://french.presstv.com:80/Detail/2017/8/20/7/x", page()
    )
    taken(one)
    record = rows(archive, "records")[0]

    assert (record["captured_at"], record["url"]) == (
        "2017-08-20T16:46:00.000000Z", "http://french.presstv.com/Detail/2017/8/20/7/x",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("url", "body", "more", "why"),
    [
        ("https://web.archive.org/web/20190317093000/" + URL, page(), {}, "rewritten by a replay"),
        (URL, page() + b"<!-- BEGIN WAYBACK TOOLBAR INSERT -->", {}, "rewritten by a replay"),
        (URL, page() + b'<a href="/web/20190317093000/http://french.presstv.com/">x</a>', {}, "rewritten by a replay"),
        (
            URL,
            gzip.compress(page() + b"<script>wbinfo = {}</script>"),
            {"headers": [("Content-Encoding", "gzip")]},
            "rewritten",
        ),
        (URL, page(lang="en"), {}, "its language is 'en'"),
        (URL, page(), {"fields": {"WARC-Truncated": "length"}}, "not whole"),
        (URL, page()[:100], {"headers": [("Content-Length", "5000")]}, "not whole"),
        (URL, page(), {"fields": {"WARC-Payload-Digest": "sha1:" + "A" * 32}}, "not the one that sha1:AAAA"),
        (URL, page(), {"at": "2027-01-01T00:00:00Z"}, "in the future"),
        (URL, page(), {"at": "1970-01-01T00:00:07Z"}, "before presstv-fr began, 2007-01-01"),
    ],
    ids=["address", "toolbar", "links", "packed", "language", "truncated", "short", "digest", "future", "no-clock"],
)
def test_what_is_refused_with_a_reason(taken, url, body, more, why):
    """A page that is not as the outlet sent it never becomes a version; the report says which and why."""
    one = Warc()
    one.response(url, body, **more)
    tally = taken(one)

    assert dict(tally.taken) == {}
    assert [why in refusal.reason for refusal in tally.refused] == [True]


CHUNKED = [("Transfer-Encoding", "chunked")]
GZIP = ("Content-Encoding", "gzip")


def chunks(*bodies, last=True):
    """Return bodies as chunks, with or without the last."""
    return b"".join(b"%x\r\n%s\r\n" % (len(body), body) for body in bodies) + (b"0\r\n\r\n" if last else b"")


@pytest.mark.row("F-OUT-11")
@pytest.mark.parametrize(
    ("body", "headers", "fields", "kind"),
    [
        (chunks(page()[:300], last=False), CHUNKED, {}, "disconnect"),
        (chunks(page())[:400], CHUNKED, {}, "disconnect"),
        (page()[:400], [("Content-Length", str(len(page())))], {}, "disconnect"),
        (gzip.compress(page())[:-20], [GZIP], {}, "packing"),
        (page()[:400], [], {"WARC-Segment-Number": "1"}, "capturer"),
        (page()[:400], [], {"WARC-Truncated": "time"}, "capturer"),
        (chunks(page()[:300], page()[300:]), CHUNKED, {}, ""),
        (page(), CHUNKED, {}, ""),
        (chunks(gzip.compress(page()), last=False), [*CHUNKED, GZIP], {}, ""),
        (gzip.compress(page()), [GZIP, ("Content-Length", "99999")], {"WARC-Truncated": "unspecified"}, ""),
    ],
    ids=["no last chunk", "within a chunk", "length", "gzip", "segment", "truncated", "chunks", "chunks undone",
         "gzip without the last chunk", "gzip of a wrong length"],
)  # fmt: skip
def test_what_is_not_whole_is_refused_by_kind(archive, taken, body, headers, fields, kind):
    """Behind a whole capture it is no edit; what is whole though it seems cut is the same text again."""
    one = Warc()
    one.response(URL, page(), at=moment())
    one.response(URL, body, at=moment(hours=1), headers=headers, fields=fields)
    found = taken(one)

    assert [refusal.kind for refusal in found.refused] == ([kind] if kind else [])
    assert dict(found.taken) == ({"new": 1} if kind else {"new": 1, "unchanged": 1})
    assert [headline for _, headline in timeline(archive)] == ["La pluie revient"]


@pytest.mark.row("F-CON-44")
@pytest.mark.parametrize("closed", [True, False], ids=["others have an end", "none has an end"])
def test_a_page_without_its_end_waits_for_others_of_its_host(archive, taken, closed):
    """The first page of a file is judged by those behind it; where none is closed, each is what it is."""
    one, end = Warc(), b"</html>" if closed else b""
    one.response(URL, page().removesuffix(b"</html>")[:-300], at=moment())
    one.response(URL, page().removesuffix(b"</html>") + end, at=moment(hours=1))
    for number in ("8", "9", "10"):
        one.response(url_of(number), page(number).removesuffix(b"</html>") + end, at=moment())
    found = taken(one)

    assert [refusal.kind for refusal in found.refused] == (["no_end"] if closed else [])
    assert len(timeline(archive)) == (4 if closed else 5)


def test_a_page_that_links_to_a_replay_is_no_replay(taken):
    """Outlets do cite the Wayback Machine."""
    one = Warc()
    one.response(URL, page() + b'<a href="https://web.archive.org/web/20190317093000/https://exemple.invalid/">x</a>')

    assert dict(taken(one).taken) == {"new": 1}


def test_gone_is_an_answer_too(archive, taken):
    """A 404, a 410 and a redirect to the front page are looks that found the article gone, at their time."""
    one = Warc()
    one.response(url_of("7"), b"<html>rien</html>", status="404 Not Found")
    one.response(url_of("8"), b"<html>rien</html>", status="410 Gone")
    one.response(url_of("9"), b"", status="302 Found", headers=[("Location", "/")])
    taken(one)

    assert [(c["article_id"], c["outcome"]) for c in rows(archive, "checks")] == [
        ("7", "gone"), ("8", "gone"), ("9", "soft_404"),
    ]  # fmt: skip
    assert verify(archive.log).whole


def test_chunked_bodies_are_made_whole(archive, taken):
    """A body stored as it came over the wire has its transfer coding undone; one that only says so is left as it is."""
    one = Warc()
    body = page()
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    one.response(url_of("7"), chunked, headers=[("Transfer-Encoding", "chunked")])
    one.response(url_of("8"), body, headers=[("Transfer-Encoding", "chunked")])
    taken(one)
    from archive.facts.canonical import digest

    assert [r["digests"]["payload"] for r in rows(archive, "records")] == [digest(body)] * 2


@pytest.mark.parametrize("refers", ["address", "digest", "archive", "later"])
def test_revisits_are_resolved(archive, taken, refers):
    """The payload is found by address and time, by its digest, in the archive, or further on in the files."""
    first, second = Warc(), Warc()
    digest = first.response(URL, page(), at=moment())
    at = moment(hours=5)
    second.revisit(URL, digest, at=at, refers=(URL, moment()) if refers == "address" else None)
    if refers == "archive":
        taken(first)
        tally = taken(second)
    else:
        tally = taken(*((second, first) if refers == "later" else (first, second)))
    again = taken(second)
    records = rows(archive, "records")

    assert tally.unresolved == again.unresolved == []
    assert dict(again.skipped) == {"known": 1}
    assert [r["captured_at"][:19] + "Z" for r in sorted(records, key=lambda r: r["captured_at"])] == [moment(), at]
    assert len({r["digests"]["payload"] for r in records}) == 1
    assert verify(archive.log).whole


def test_a_revisit_without_its_payload_is_told(taken):
    """It is no version of anything; the report names it."""
    one = Warc()
    one.revisit(URL, "sha1:" + "B" * 32, at=moment(), refers=(URL, moment(-60)))
    tally = taken(one)

    assert [(r.url, r.at[:19] + "Z") for r in tally.unresolved] == [(URL, moment())]


def test_a_revisit_is_not_resolved_by_another_payload(taken):
    """What it refers to must have the digest that it states."""
    one = Warc()
    one.response(URL, page(), at=moment())
    one.revisit(URL, "sha1:" + "B" * 32, at=moment(60), refers=(URL, moment()))

    assert len(taken(one).unresolved) == 1


def test_two_captures_of_one_second_are_both_kept(archive, taken):
    """Time to the second is all that others have; the payload tells captures apart."""
    one = Warc()
    one.response(URL, page())
    one.response(URL, page() + b"<!-- 2 -->")
    taken(one)

    assert archive.catalog.db.execute("SELECT count(*) FROM captures").fetchone()[0] == 2
    assert verify(archive.log).whole


def test_files_are_committed_batch_by_batch(archive, taken):
    """What was committed before a death is known to the next run, which takes in the rest."""
    taken(plain_warc(5), captures=2)

    assert [c.summary["backfill"]["taken"] for c in archive.log.after()] == [2, 2, 1]


def test_a_death_leaves_nothing_for_a_crawl_to_adopt(archive, tmp_path, clock):
    """What lay open is read from its file again; a crawl would take it for its own."""
    from archive.log.spool import adoptable

    intake = intake_into(archive, tmp_path, clock)
    intake.take(capture(URL, body=page(), at=THEN), provenance=Provenance(name="x"))
    left = list((tmp_path / "spool" / "backfill").iterdir())
    intake.batch._batch.spool.close()
    again = intake_into(archive, tmp_path, clock)
    again.clear()

    assert (len(left), adoptable(tmp_path / "spool")) == (1, [])
    assert list((tmp_path / "spool" / "backfill").iterdir()) == []


def test_a_torn_file_gives_what_is_whole(archive, tmp_path, clock):
    """The rest is named, and the exit code is 3."""
    whole = plain_warc(4).data
    path = tmp_path / "coupe.warc.gz"
    path.write_bytes(whole[: len(whole) - 900])
    done = backfilled(archive, tmp_path, clock, str(path))

    assert done.intake.tally.taken["new"] >= 2
    assert [name for name, _ in done.intake.tally.damaged] == ["coupe.warc.gz"]
    assert "cut off" in done.intake.tally.damaged[0][1]
    assert done.exit_code() == 3


def test_what_is_no_file_is_a_wrong_word(archive, tmp_path, clock):
    """A path that leads nowhere, and an address that can't be read from, end with 2."""
    for place in (str(tmp_path / "rien.warc.gz"), "ftp://exemple.invalid/x.warc.gz"):
        with pytest.raises(UsageError):
            backfilled(archive, tmp_path, clock, place)


def test_a_bucket_is_read_as_a_file_is(archive, tmp_path, clock, monkeypatch):
    """An object is read range by range, never whole."""
    from archive.stores.objectfile import ObjectFile
    from archive.stores.opening import open_store
    from crawler.backfill import sources

    store = open_store("memory:foreign")
    data = plain_warc(3).data
    store.create("fr/x.warc.gz", data)
    asked, ranged = [], store.get_range

    def get_range(key, offset, length):
        asked.append(length)
        return ranged(key, offset, length)

    monkeypatch.setattr(store, "get_range", get_range)
    reader = io.BufferedReader(ObjectFile(store, "fr/x.warc.gz", len(data)), 256)

    assert sources.sha256_of(reader) == sources.sha256_of(io.BytesIO(data))
    assert reader.read(100) == data[:100]
    assert min(asked) > 0
    assert reader.seek(-10, 2) == len(data) - 10
    assert reader.read() == data[-10:]


def test_an_object_is_read_under_the_name_that_its_maker_gave_it(moto, use_endpoint, archive, tmp_path, clock):
    """Capital letters, blanks and all: whose bucket it is, is not ours to order."""
    use_endpoint(moto.endpoint)
    bucket, key = moto.bucket(), "crawl-data/CC-NEWS/2024/01/CC-NEWS 2024_été.warc.gz"
    moto.client.put_object(Bucket=bucket, Key=key, Body=plain_warc(3).data)
    done = backfilled(archive, tmp_path, clock, f"s3://{bucket}/{key}")

    assert (done.intake.tally.taken["new"], done.sources[0].name) == (3, "CC-NEWS 2024_été.warc.gz")
    with pytest.raises(UsageError, match="give the address of a WARC or WACZ"):
        backfilled(archive, tmp_path, clock, f"s3://{bucket}/{key}.bak")


def test_the_report_says_what_was_done(archive, tmp_path, clock):
    """For a person in a few lines, for a program with every address."""
    one = plain_warc(2)
    one.response("https://journal.invalid/", page())
    one.response(URL, page(lang="en"))
    done = backfilled(archive, tmp_path, clock, one.save(tmp_path / "a.warc.gz"))
    report = report_of(done)

    assert (report["taken"], report["skipped"], report["exit"]) == ({"new": 2}, {"other_host": 1}, 3)
    assert report["refused"][0]["url"] == URL
    assert "  taken: 2 new" in list(lines_of(report))


# What real programs write, from the demo outlet and, where it lies beside the project, from the replica.


@pytest.fixture(scope="module", params=["demo", "replica"])
def outlet(request):
    """Serve an outlet; give its address and those of its articles."""
    if request.param == "demo":
        with serve() as server:
            yield server.url, [server.url + a.path for a in server.outlet.articles.values()][:12]
        return
    script = Path(__file__).resolve().parents[4] / "shared" / "replica" / "replica.py"
    if not script.exists():
        pytest.skip("no replica of the outlet in ../shared")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([sys.executable, str(script), "--port", str(port)], stdout=subprocess.DEVNULL) as child:
        try:
            url = f"http://127.0.0.1:{port}"
            yield url, [url + path for path in _replica_paths(url)][:12]
        finally:
            child.terminate()


def _replica_paths(url):
    from urllib.parse import quote

    lines = pywb.answer(f"{url}/_replica/truth").decode().splitlines()
    return [
        quote(json.loads(line)["path"]) if "path" in json.loads(line) else json.loads(line)["url"] for line in lines
    ]


@pytest.fixture(scope="module")
def ours(outlet, tmp_path_factory):
    """Crawl the outlet by ourselves and return the newest records by article."""
    project = Project(tmp_path_factory.mktemp("ours"), outlet[0])
    project.crawl()
    return {row["article_id"]: row for row in project.rows("latest")}


def by_wget(folder, addresses):
    if shutil.which("wget") is None:
        pytest.skip("wget is not installed")
    (folder / "list").write_text("\n".join(addresses))
    words = ["wget", "-q", "-i", "list", "--warc-file=pris", "--warc-header=operator: Bibliothèque", "-O", os.devnull]
    subprocess.run(words, cwd=folder, check=True, timeout=60)
    return folder / "pris.warc.gz"


def by_warcio(folder, addresses):
    script = (
        "import sys; from warcio.capture_http import capture_http; import http.client\n"
        "from urllib.parse import urlsplit\n"
        "with capture_http(sys.argv[1]):\n"
        "  for url in sys.argv[2:]:\n"
        "    p = urlsplit(url); c = http.client.HTTPConnection(p.netloc)\n"
        "    c.request('GET', p.path, headers={'Accept-Encoding': 'gzip'}); c.getresponse().read(); c.close()\n"
    )
    subprocess.run([sys.executable, "-c", script, "pris.warc.gz", *addresses], cwd=folder, check=True, timeout=60)
    return folder / "pris.warc.gz"


def by_pywb(folder, addresses):
    (folder / "collections" / "pris").mkdir(parents=True)
    (folder / "config.yaml").write_text(
        "collections:\n  live: $live\nrecorder:\n  source_coll: live\n  filename_template: pris.warc.gz\n"
    )
    with pywb.serving(folder) as base:
        for url in addresses:
            pywb.answer(f"{base}/pris/record/id_/{url}")
    return next(folder.rglob("pris.warc.gz"))


_ASIDE = {
    "begun_at",
    "crawl",
    "last_at",
    "last_look",
    "seen_at",
    "captured_at",
    "capture",
    "source",
    "digests",
    "first_seen",
    "last_seen",
    "versions",
    "version",
    "sections",
    "related",
}


@pytest.mark.parametrize("recorder", [by_wget, by_warcio, by_pywb], ids=["wget", "warcio", "pywb"])
def test_what_others_recorded_reads_as_our_own_crawl(outlet, ours, tmp_path, recorder):
    """The same records but for time and place, by every program; the same file again is nothing new."""
    base, addresses = outlet
    file = recorder(tmp_path, addresses)
    project = Project(tmp_path, base)
    done = project.run("backfill", "--outlet", base, file)
    again = project.run("backfill", "--json", "--outlet", base, file)
    theirs = {row["article_id"]: row for row in project.rows("latest")}

    assert (done.returncode, done.stderr) == (0, "")
    assert len(theirs) == len(addresses)
    for number, row in theirs.items():
        own = ours[number]
        assert {k: v for k, v in row.items() if k not in _ASIDE} == {k: v for k, v in own.items() if k not in _ASIDE}
        assert row["digests"]["version"] == own["digests"]["version"]
        assert (row["sections"], row["related"]) == (own["sections"], own["related"])
    assert (json.loads(again.stdout)["taken"], again.returncode) == ({}, 0)
    assert project.run("verify").returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "nothing to take in"),
        (("rien.warc.gz",), 2, "no file 'rien.warc.gz'"),
        (("--wayback", "hier", "2026"), 2, "--wayback 'hier'"),
        (("--outlet", "x", "a.warc"), 2, "outlet"),
        (("--commoncrawl", "../x"), 2, "'../x' names no crawl"),
        (("--wayback", "2020", "2017"), 2, "turn them round"),
        (("-s", "WAYBACK_WEB=http://10.0.0.1/", "a.warc"), 4, "10.0.0.1"),
    ],
    ids=["nothing", "no-file", "no-time", "no-outlet", "no-crawl", "wrong-way-round", "private"],
)
def test_what_the_command_refuses(tmp_path, words, code, said):
    """Wrong words end with 2, a setting that leads into a private network with 4."""
    done = Project(tmp_path, "").run("backfill", *words)

    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


@pytest.mark.row("F-MNY-09")
def test_pages_read_ahead_are_taken_in_as_one_process_takes_them(tmp_path, monkeypatch):
    """In the order of the file, with all that is told of it; taken in once more all is known, and nobody reads it."""
    monkeypatch.setattr("crawler.backfill.foreseen.LEAST_BYTES", 0)
    made = Warc()
    for number in range(1, 9):
        made.response(url_of(str(number)), page(headline=f"Titre {number}"), at=moment(number))
        made.response_alone(f"https://french.presstv.ir/image{number}.png", b"x", at=moment(number), kind="image/png")
    made.response(url_of("20"), b"", at=moment(20), status="404 Not Found")
    made.response(url_of("21"), b"", at=moment(21), status="302 Found", headers=[("Location", url_of("1"))])
    made.response(url_of("22"), page()[:300], at=moment(22))
    place, told, read = made.save(tmp_path / "autre.warc.gz"), [], []
    monkeypatch.setattr("crawler.backfill.steps.look", lambda *each, look=steps.look: read.append(each) or look(*each))
    for processes in (1, 2):
        clock = Ticking()
        found = archive_at(tmp_path / str(processes), clock)
        for _ in range(2):
            read.clear()
            backfill = Backfill(intake=intake_into(found, tmp_path / str(processes), clock), processes=processes)
            backfill.file(place)
            backfill.intake.finish()
            rows = [row["headline"] for row in VIEWS["versions"](found, Selection())]
            told.append((backfill.intake.tally, rows, len(read)))
        found.close()

    one, _, ahead, again = told
    assert ahead[:2] == one[:2]
    assert len(one[1]) >= 8
    # Here are read those that are no page with 200 alone, and of what is known none.
    assert (one[2] - ahead[2], ahead[2] <= 3, again[0].skipped["known"] >= 8) == (9, True, True)
