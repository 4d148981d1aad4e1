"""Steps 3 to 7 on stored captures: recovery after a kill, at any point of it, and reading again."""

import os
import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from archive.catalog import articles
from archive.catalog.events import looks_of
from archive.errors import IntegrityError, StorageError
from archive.facts.canonical import digest
from archive.log.spool import Spool, adoptable
from archive.trust.verify import verify
from archive.warc.warc import encode_info
from crawler.crawl.brake import Brake
from crawler.pages import REVISION
from crawler.reread.adoption import adopt
from crawler.reread.spools import SpoolPlace
from crawler.reread.stored import rereader
from pipelines.version import Rules
from pipelines.writer import Writer
from settings.base import OURS
from tests.french import EDITION, look_of
from tests.made import BASE, START, capture, committer_of, demo_articles, url_of, writer_of
from tests.test_one_judge import MADE_UP

RULES = Rules(revision=REVISION, keep_for=timedelta(days=30), reread=lambda record: None)


@pytest.fixture
def adopting(archive, tmp_path, clock):
    """Return a function that adopts what lies in the spool folder, as the next crawl would."""
    committer = committer_of(archive, clock, crawl="20261124t130000z-0000000b")
    writer = partial(Writer, committer, spool_dir=tmp_path / "spool")

    def run(setting=tmp_path / "spool"):
        return adopt(SpoolPlace.of(setting, archive), archive, writer, RULES, EDITION, braking=Brake)

    return run


def captures(count=3):
    """Return captures of pages of the demo outlet, a second apart."""
    return [
        capture(url, body=body, at=START + timedelta(seconds=n)) for n, (url, body) in enumerate(demo_articles(count))
    ]


def left_behind(folder, name, taken, owner=b""):
    """Leave a spool as a killed crawl does, and return its path."""
    spool = Spool.create(folder / "spool", name, owner)
    for one in taken:
        spool.append(one)
    spool.close()
    return spool.path


def held(archive):
    """Return the articles and the captures of an archive, each as often as it is there."""
    db = archive.catalog.db
    captures = db.execute("SELECT url, captured_at FROM captures ORDER BY captured_at").fetchall()
    return [v.article_id for v in articles.versions(db)], captures


@pytest.mark.row("F-PRC-03")
def test_a_dead_crawls_spool_is_taken_in(archive, tmp_path, adopting):
    """Each capture is read and committed once, at the time at which it was made."""
    left_behind(tmp_path, "20261124t120000z-dead0000-0001", captures())
    taken = adopting()
    articles, found = held(archive)

    assert taken == 3
    assert (len(set(articles)), found[0][1]) == (3, "2026-11-24T12:00:00.000000Z")
    assert archive.log.read(1).summary["adopted"] == 3
    assert adoptable(tmp_path / "spool") == []


def owned_by(identity):
    """Return the record by which a spool says whose it is."""
    return 2 * encode_info("presstv-archive/0", START, archive=identity, edition="presstv-fr")


@pytest.mark.row("F-PRC-20")
def test_another_archives_spool_is_left_where_it_is(archive, tmp_path, adopting, caplog):
    """Two archives may share a folder of spools: each takes in its own, and says that there is another's."""
    theirs = left_behind(tmp_path, "20261124t120000z-dead0000-0001", captures(2), owned_by("0" * 32))
    ours = left_behind(tmp_path, "20261124t120000z-dead0001-0001", captures(3)[2:], owned_by(archive.log.identity()))
    before, taken = theirs.read_bytes(), adopting()

    assert (taken, len(held(archive)[1]), ours.exists()) == (1, 1, False)
    assert theirs.read_bytes() == before
    assert f"{theirs} is another archive's" in caplog.text


def test_a_crawls_spool_says_whose_it_is(archive, tmp_path, clock):
    """What a crawl leaves behind names its archive and its edition."""
    batch = committer_of(archive, clock).begin(partial(Spool.create, tmp_path / "spool"))
    batch.spooled(captures(1)[0])
    batch.spool.close()
    spool = Spool.adopt(batch.spool.path)
    told = {name: spool.owner[name] for name in ("archive", "edition")}
    spool.close()

    assert told == {"archive": archive.log.identity(), "edition": "presstv-fr"}


@pytest.mark.row("F-PRC-20")
@pytest.mark.parametrize("place", [0.001, 0.02, 0.3, 0.5, 0.7, 0.98])
def test_a_flipped_byte_costs_one_capture(archive, tmp_path, adopting, caplog, place):
    """Wherever it lies, those before and behind it are taken in, and the log says which is lost."""
    taken = captures(5)
    path = left_behind(tmp_path, "20261124t120000z-dead0000-0001", taken, owned_by(archive.log.identity()))
    data = bytearray(path.read_bytes())
    start = len(owned_by(archive.log.identity()))
    data[start + int(place * (len(data) - start))] ^= 0x5A
    path.write_bytes(data)

    assert adopting() == 4
    (lost,) = {one.url for one in taken} - {url for url, _ in held(archive)[1]}
    (line,) = [record.getMessage() for record in caplog.records if str(path) in record.getMessage()]
    assert lost in line
    assert ("1 capture in it damaged and lost" in line) is (place < 0.9)


@pytest.mark.row("F-PRC-20")
def test_a_flipped_byte_never_gives_a_spool_away(archive, tmp_path, adopting, caplog):
    """Whose it is stands twice at its beginning: one that is damaged there is still ours, or still another's."""
    ours, theirs = owned_by(archive.log.identity()), owned_by("0" * 32)
    places = range(0, len(theirs), 31)
    for number, place in enumerate(places):
        for owner, name in ((ours, "aaaa"), (theirs, "bbbb")):
            path = left_behind(tmp_path, f"20261124t120000z-{name}0000-{number:04d}", captures(1), owner)
            data = bytearray(path.read_bytes())
            data[place] ^= 0x5A
            path.write_bytes(data)
    adopting()
    left = sorted(path.name for path in (tmp_path / "spool").iterdir())

    assert len(left) == len(places)
    assert all("-bbbb0000-" in name for name in left)
    assert "lost" not in caplog.text
    assert len(held(archive)[1]) == 1


@pytest.mark.row("F-PRC-20")
def test_a_spool_that_does_not_tell_whose_it_is_waits(archive, tmp_path, adopting, caplog):
    """In a folder that archives share it stays, byte for byte; in the archive's own it is taken in."""
    path = left_behind(tmp_path, "20261124t120000z-dead0000-0001", captures(3), owned_by(archive.log.identity()))
    data = bytearray(path.read_bytes())
    for start in (0, len(owned_by(archive.log.identity())) // 2):
        data[start + 30] ^= 0x5A
    path.write_bytes(data)
    before = (adopting(), path.read_bytes() == bytes(data), len(held(archive)[1]))
    (line,) = [record.getMessage() for record in caplog.records]
    folder, setting = re.search(r"move it to (\S+) and run once with -s 'SPOOL_DIR=(\S+)'", line).groups()
    Path(folder).mkdir(parents=True)
    path.rename(Path(folder) / path.name)
    adopting(setting)

    assert before == (0, True, 0)
    assert len(held(archive)[1]) == 3


@pytest.mark.row("F-PRC-20")
def test_two_archives_have_no_folder_of_spools_in_common(archive, tmp_path):
    """By SPOOL_DIR's default each has its own, wherever the archive lies; those of before are still found."""
    place = SpoolPlace.of(OURS["SPOOL_DIR"], archive)

    assert place.own == Path("var/spool") / archive.log.identity()[:16]
    assert place.folders == (place.own, Path("var/spool"))
    assert SpoolPlace.of("/x/spool", archive).folders == (Path("/x/spool"),)


def test_several_spools_are_taken_in_one_after_the_other(archive, tmp_path, adopting):
    """Batches made within one second have names of their own."""
    for number, one in enumerate(captures(), 1):
        left_behind(tmp_path, f"20261124t120000z-dead0000-{number:04d}", [one])

    assert (adopting(), adopting()) == (3, 0)
    assert len(held(archive)[1]) == 3


@pytest.mark.row("F-PRC-03")
def test_a_torn_spool_gives_its_whole_captures(archive, tmp_path, adopting):
    """The last capture that was cut is not there; the others are."""
    path = left_behind(tmp_path, "20261124t120000z-dead0000-0001", captures())
    os.truncate(path, path.stat().st_size - 7)

    assert (adopting(), len(held(archive)[1])) == (2, 2)


@pytest.mark.row("F-PRC-03")
def test_a_spool_whose_batch_is_committed_is_deleted_only(archive, tmp_path, clock, adopting):
    """A crawl that died between commit and deletion leaves no double."""
    writer = writer_of(archive, tmp_path, clock)
    name = writer._open.batch.batch_id
    for one in captures():
        writer.spool(one)
    writer.close({"exit": 0})
    left_behind(tmp_path, name, captures())

    assert adopting() == 0
    assert (archive.log.read(2), adoptable(tmp_path / "spool")) == (None, [])


@pytest.mark.row("F-PRC-03")
def test_a_death_in_the_middle_of_adoption(archive, tmp_path, clock, adopting):
    """Old spool and half-made new one lie side by side: everything is taken in once."""
    taken = captures()
    left_behind(tmp_path, "20261124t120000z-dead0000-0001", taken)
    left_behind(tmp_path, "20261124t123000z-adopter0-0001", taken[:2])

    assert (adopting(), len(held(archive)[1]), len(held(archive)[0])) == (3, 3, 3)


@pytest.mark.row("F-PRC-03")
def test_a_death_after_adoption_repeats_no_look(archive, tmp_path, clock, adopting):
    """Looks that found nothing new left only checks; those are not written twice either."""
    first = captures(1)[0]
    again = replace(first, captured_at=START + timedelta(minutes=5))
    left_behind(tmp_path, "20261124t120000z-dead0000-0001", [first, again])
    adopting()
    left_behind(tmp_path, "20261124t120000z-dead0000-0001", [first, again])
    adopting()
    looks = list(looks_of(archive.catalog.db, int(next(articles.versions(archive.catalog.db)).article_id)))

    assert [one["outcome"] for one in looks] == ["new", "unchanged"]


def test_an_adoption_that_fails_may_be_tried_again(archive, tmp_path, adopting):
    """The store refuses: the error is told, spools lie as they were, and the same process adopts them later."""
    left_behind(tmp_path, "20261124t120000z-dead0000-0001", captures())
    (tmp_path / "archive" / "captures").write_text("in the way")
    with pytest.raises(StorageError):
        adopting()
    (tmp_path / "archive" / "captures").unlink()
    adopting()

    assert len(held(archive)[1]) == 3
    assert verify(archive.log).whole


def test_what_is_held_is_left_alone(archive, tmp_path, adopting):
    """A spool of a crawl that lives is not touched."""
    spool = Spool.create(tmp_path / "spool", "20261124t120000z-alive000-0001")
    spool.append(captures(1)[0])

    assert (adopting(), spool.path.exists()) == (0, True)
    spool.close()


@pytest.mark.parametrize(
    ("url", "status", "body", "outcome", "kind"),
    [
        (url_of("7"), 404, b"x", "gone", "article"),
        (url_of("7"), 410, b"x", "gone", "article"),
        (url_of("7"), 500, b"x", "http_error", "article"),
        (url_of("7"), 403, b"<title>Just a moment...</title><body>wait", "challenge", "article"),
        (url_of("7"), 200, b"", "empty", "article"),
        (f"{BASE}/Section/31016", 200, b"x", "listed", "section"),
        (f"{BASE}/robots.txt", 200, b"x", "listed", "robots"),
        (f"{BASE}/", 503, b"x", "http_error", "other"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value).removeprefix(BASE),
)
def test_what_a_stored_capture_is(url, status, body, outcome, kind):
    """The same capture is the same look whenever it is read."""
    found = look_of((capture(url, status=status, body=body),))

    assert (found.outcome, found.kind, found.at) == (outcome, kind, START)


def test_an_article_is_read_and_a_redirect_is_no_look():
    """A page that holds an article brings it along; what a redirect led to is another capture."""
    url, body = demo_articles(1)[0]

    assert look_of((capture(url, body=body),)).article.headline
    assert look_of((capture(url, status=302, headers=(("Location", url_of("8")),)),)) is None


def test_a_redirect_in_a_spool_is_kept(archive, tmp_path, adopting):
    """It has no check of its own, but its capture is archived."""
    moved = capture(status=301, headers=(("Location", url_of("8")),))
    left_behind(tmp_path, "20261124t120000z-dead0000-0001", [moved])
    adopting()

    assert {s.kind for s in archive.log.read(1).segments} == {"warc", "index"}


def test_a_page_our_code_trips_over_is_kept_unread(archive, tmp_path, adopting, monkeypatch):
    """One such page keeps no other out, and its check says what happened."""
    taken = captures()

    def stumble(self, item):
        if item.url == taken[1].url and item.article is not None:
            raise KeyError("mot")
        return item

    monkeypatch.setattr("crawler.reread.stored.Clean.process_item", stumble)
    left_behind(tmp_path, "20261124t120000z-dead0000-0001", taken)
    adopting()
    rows = archive.catalog.db.execute("SELECT outcome, detail FROM checks ORDER BY at").fetchall()

    assert [outcome for outcome, _ in rows] == ["new", "extract_failed", "new"]
    assert rows[1][1] == "KeyError: 'mot'"
    assert len(held(archive)[1]) == 3


def test_a_record_is_read_again_from_its_stored_capture(archive, tmp_path, adopting):
    """Today's reading of the bytes that are archived, at the place where they are."""
    left_behind(tmp_path, "20261124t120000z-dead0000-0001", captures(1))
    adopting()
    record = next(articles.versions(archive.catalog.db)).record
    again = rereader(archive.store, EDITION)(record | {"headline": "mal lu"})

    assert again == record
    assert again["digests"]["payload"] == digest(captures(1)[0].body)


def test_a_stored_capture_that_is_missing_breaks_the_archive(archive, tmp_path, adopting):
    """It is no page that can't be read but a broken archive."""
    left_behind(tmp_path, "20261124t120000z-dead0000-0001", captures(1))
    adopting()
    record = next(articles.versions(archive.catalog.db)).record
    (tmp_path / "archive" / record["capture"]["segment"]).unlink()

    with pytest.raises(IntegrityError, match="captures/"):
        rereader(archive.store, EDITION)(record)


@pytest.mark.parametrize("same", [True, False], ids=["of the same crawl", "of another crawl"])
def test_a_made_up_addresss_answer_that_was_committed_counts(archive, tmp_path, adopting, same):
    """A dead crawl's doubtful page is held against what it had asked before; another crawl's answer is no measure."""
    dead = "20261124t120000z-0000000c"
    asked = dead if same else "20261124t120000z-0000000d"
    notice, story = MADE_UP.encode(), demo_articles(1)[0][1]
    for name, one in (
        ("20261124t110000z-00000009-0001", capture(url_of("7"), body=story)),
        ("20261124t110000z-00000009-0002", capture(url_of("8"), body=story, at=START + timedelta(0.1))),
        (f"{dead}-0001", capture(url_of("8"), body=story + b"<!-- -->", at=START + timedelta(1.5))),
        (f"{asked}-0001", capture(BASE + EDITION.made_up_path(START, asked), body=notice, at=START + timedelta(1))),
        (f"{dead}-0002", capture(url_of("7"), body=notice, at=START + timedelta(2))),
    ):
        left_behind(tmp_path, name, [one])
        adopting()
    found = archive.catalog.db.execute("SELECT reason FROM checks WHERE article_id = 7 ORDER BY at").fetchall()

    assert [reason for (reason,) in found] == ["", "made_up_alike" if same else ""]


def feed(date):
    """Return the outlet's feed, which gives that date for article 7; None: a page in its place."""
    item = f"<item><title>Un bac</title><link>{url_of('7')}</link><pubDate>{date}</pubDate></item>"
    body = f'<?xml version="1.0"?><rss version="2.0"><channel>{item}</channel></rss>' if date else "<p>Maintenance</p>"
    return body.encode()


@pytest.mark.parametrize("apart", [False, True], ids=["in its spool", "committed before it died"])
@pytest.mark.parametrize(("date", "said"), [("11 h", "11 h"), (None, None)])
def test_what_the_feed_said_in_a_dead_crawl_is_known(archive, tmp_path, adopting, apart, date, said):
    """Without it an edit that the feed announced would pass for a silent one."""
    told = capture(f"{BASE}{EDITION.feed_path}", body=feed(date))
    page = capture(url_of("7"), body=demo_articles(1)[0][1], at=START + timedelta(minutes=1))
    name = "20261124t120000z-dead0000"
    for number, taken in enumerate([[told], [page]] if apart else [[told, page]], 1):
        left_behind(tmp_path, f"{name}-000{number}", taken)
        adopting()
    (version,) = articles.versions(archive.catalog.db)

    assert version.record["clocks"]["feed"] == said


def test_a_dead_crawl_before_a_gate_removes_nothing(archive, tmp_path, adopting):
    """Where no article was shown to it, what a made-up address was answered with, too, says nothing of an article."""
    dead, notice = "20261124t120000z-0000000c", MADE_UP.encode()
    for name, one in (
        ("20261124t110000z-00000009-0001", capture(url_of("7"), body=demo_articles(1)[0][1])),
        (f"{dead}-0001", capture(BASE + EDITION.made_up_path(START, dead), body=notice, at=START + timedelta(1))),
        (f"{dead}-0002", capture(url_of("7"), body=notice, at=START + timedelta(2))),
    ):
        left_behind(tmp_path, name, [one])
        adopting()
    found = archive.catalog.db.execute("SELECT outcome FROM checks WHERE article_id = 7 ORDER BY at").fetchall()

    assert [outcome for (outcome,) in found] == ["new", "not_observed"]
