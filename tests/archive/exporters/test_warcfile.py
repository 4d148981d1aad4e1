"""WARC: the captures of the articles chosen, as other programs read them, each with its payload."""

import gzip
import io

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from archive.catalog.selection import Selection
from archive.catalog.since import Since, Until
from archive.errors import IntegrityError, UsageError
from archive.exporters.formats import FORMATS
from archive.exporters.warcfile import write
from archive.facts.canonical import digest
from archive.facts.names import stamp
from tests import facts

FIRST, SECOND = facts.capture(1, 0, body=b"un"), facts.capture(2, 1, body=b"deux")


def again(number, minute, of, body):
    """Return a look that kept a revisit of an earlier capture."""
    taken = facts.capture(number, minute, body=body)
    return facts.Fact(check=facts.look(number, minute, payload=taken.payload), capture=taken, repeats=of)


def read(number, minute, taken, text=facts.TEXTS[0], **more):
    """Return a look that read an article from a capture."""
    record = facts.record_of(taken, number, text, **more)
    return facts.Fact(check=facts.look(number, minute, "new", payload=taken.payload), capture=taken, record=record)


@pytest.fixture(scope="module")
def log():
    log = facts.new_log()
    front = facts.capture(0, 5, body=b"la une")
    listing = facts.Check(
        at=facts.at(5), url=front.url, kind="front", outcome="listed", listed=("1",), payload=front.payload
    )
    facts.write(log, read(1, 0, FIRST), read(2, 1, SECOND, headline="=1"), facts.Fact(check=listing, capture=front))
    changed = facts.capture(1, 60, body=b"un, mais mieux")
    facts.write(log, read(1, 60, changed, facts.TEXTS[1]), again(2, 61, SECOND, b"deux"))
    facts.write(log, again(1, 900, changed, b"un, mais mieux"), facts.saw(2, 901, "gone"))
    return log


@pytest.fixture(scope="module")
def archive(log):
    return facts.folded(log)


def export(archive, place, view="captures", **chosen):
    """Return (type, address, instant, payload) of each record, as warcio and fastwarc find nothing wrong with."""
    count = write(archive, view, chosen=Selection(**chosen), target=str(place))
    data = place.read_bytes()
    assert len(list(FastIterator(io.BytesIO(data), verify_digests=True))) == 2 * count + 1
    found = []
    for record in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
        body, told = record.content_stream().read(), record.rec_headers
        if record.rec_type in ("response", "revisit"):
            found.append((record.rec_type, told["WARC-Target-URI"], told["WARC-Date"], body))
            assert record.rec_type == "revisit" or told["WARC-Payload-Digest"] == digest(body)
    assert len(found) == count
    return found


def minutes(found):
    return [(kind, facts.minutes(at)) for kind, _, at, _ in found]


@pytest.mark.row("F-TAK-06")
def test_everything_is_the_archives_own_bytes(archive, tmp_path):
    """Where nothing is chosen: the records as they lie in the archive, listings too, revisits behind their originals."""
    found = export(archive, tmp_path / "a.warc.gz")
    stored = b"".join(archive.store.get(e.key) for e in archive.store.list("captures/") if e.key.endswith(".warc.gz"))
    members = {bytes(each) for each in gzip_members(stored)}

    assert minutes(found) == [
        ("response", 0), ("response", 1), ("response", 5), ("response", 60), ("revisit", 61), ("revisit", 900),
    ]  # fmt: skip
    assert set(gzip_members((tmp_path / "a.warc.gz").read_bytes())[1:]) <= members


def gzip_members(data):
    from archive.warc import warc

    return [data[offset : offset + length] for offset, length, _ in warc.members(data)]


@pytest.mark.row("F-TAK-06")
def test_a_revisit_of_what_is_not_there_is_whole(archive, tmp_path):
    """With days alone the original is outside: the capture is the response that it stood for, of its own instant."""
    found = export(archive, tmp_path / "a.warc.gz", since=Since("2026-11-24T13:01:00Z"))

    assert minutes(found) == [("response", 61), ("response", 900)]
    assert [body for *_, body in found] == [b"deux", b"un, mais mieux"]


@pytest.mark.parametrize(
    ("view", "chosen", "told"),
    [
        ("captures", {"ids": frozenset({"1"})}, [("response", 0), ("response", 60), ("revisit", 900)]),
        ("captures", {"states": frozenset({"gone"})}, [("response", 1), ("revisit", 61)]),
        ("captures", {"silent": True}, [("response", 0), ("response", 60), ("revisit", 900)]),
        ("captures", {"ids": frozenset({"1"}), "until": Until("2026-11-24T12:30:00Z")}, [("response", 0)]),
        ("captures", {"query": "pont", "match": "pont"}, [("response", 0), ("response", 60), ("revisit", 900)]),
        ("captures", {"sections": frozenset({"none"})}, []),
        ("versions", {}, [("response", 0), ("response", 1), ("response", 60)]),
        ("latest", {}, [("response", 1), ("response", 60)]),
        ("latest", {"ids": frozenset({"2"})}, [("response", 1)]),
    ],
)  # fmt: skip
def test_the_words_that_choose(archive, tmp_path, view, chosen, told):
    """Every capture of the articles chosen, or those that the rows of a view were read from."""
    assert minutes(export(archive, tmp_path / "a.warc.gz", view, **chosen)) == told


def test_it_is_packed_by_its_ending(archive, tmp_path):
    """Unpacked it is the same; the same archive gives the same bytes; packing that no reader of WARCs knows is refused."""
    names = ("a.warc.gz", "b.warc.gz", "c.warc")
    for name in names:
        export(archive, tmp_path / name)
    packed, same, plain = ((tmp_path / name).read_bytes() for name in names)

    assert (packed, gzip.decompress(packed)) == (same, plain)
    with pytest.raises(UsageError, match=r"end it with \.warc\.gz"):
        write(archive, "latest", chosen=Selection(), target=str(tmp_path / "d.warc.zst"))


@pytest.mark.row("F-TAK-06")
def test_damage_is_not_exported(log, tmp_path):
    """A payload that is not the one of the commit ends it with 9 and names the place; no file is left."""
    copy = facts.prefix(log, 3)
    key = next(entry.key for entry in copy.store.list("captures/") if entry.key.endswith(".warc.gz"))
    archive, data = facts.folded(copy), copy.store.get(key)
    other = facts.capture(1, 0, body=b"UN")
    from archive.warc import warc

    place = next(
        archive.catalog.db.execute("SELECT offset, length FROM captures WHERE captured_at = ?", (stamp(facts.at(0)),))
    )
    packed = warc.encode(other)
    copy.store.delete(key)
    copy.store.create(key, data[: place[0]] + packed.ljust(place[1], b"\0")[: place[1]] + data[sum(place) :])

    with pytest.raises(IntegrityError, match=key):
        write(archive, "captures", chosen=Selection(), target=str(tmp_path / "a.warc.gz"))
    assert list(tmp_path.iterdir()) == []


def test_an_archive_of_nothing_is_a_head(tmp_path):
    """Without a commit there is the warcinfo alone."""
    assert export(facts.folded(facts.new_log()), tmp_path / "a.warc.gz") == []


def test_the_words_are_in_the_table():
    """`scrapy export warc` takes every word that chooses articles, whatever the view of that name takes elsewhere."""
    assert FORMATS["warc"].words["captures"] >= {
        "section",
        "state",
        "silent",
        "query",
        "ids",
        "since",
        "until",
        "source",
    }
