"""Verify: whatever is missing, changed or inconsistent is a problem that names its key, and nothing else is."""

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import IntegrityError, NoArchive
from archive.facts.canonical import canonical, digest, parse
from archive.facts.names import commit_key
from archive.log.chain import ARCHIVE_KEY, EMPTY, Draft, Head, Log, Segment
from archive.log.segments import encode_lines
from archive.parallel.journal import journal as open_journal
from archive.seen.judging import Recalled
from archive.stores.memory import MemoryStore
from archive.stores.opening import open_store
from archive.trust import examining as audit
from archive.trust.audit import Audit
from archive.trust.examining import unpacks_beyond
from archive.trust.verify import Part, Trust, fault, verify
from archive.warc import cdxj, warc
from benchmarks import verifying as benchmark
from tests import facts

FIRST = facts.read(1, 0)
AGAIN = facts.Fact(
    check=facts.look(1, 90), capture=facts.capture(1, 90, FIRST.capture.body), repeats=FIRST.capture
)  # fmt: skip


def filled():
    """Return the log of a whole archive of three commits, a revisit in it."""
    log = facts.new_log()
    facts.write(log, FIRST, facts.read(2, 1))
    facts.write(log, facts.read(1, 60, facts.TEXTS[1]), AGAIN)
    facts.write(log, facts.saw(2, 100, "gone"))
    return log


def head_of(log):
    found = EMPTY
    for commit in log.after():
        found = commit.head
    return found


def put(log, key, data):
    log.store.delete(key)
    log.store.create(key, data)


def craft(log, *parts):
    """Append a commit that names these (key, kind, bytes, lines) as they are, right or wrong inside."""
    for key, _, data, _ in parts:
        put(log, key, data)
    named = [Segment(key=k, kind=kind, bytes=len(d), sha256=digest(d), lines=n) for k, kind, d, n in parts]
    return log.append(Draft(crawl="c", writer={}, segments=named, summary={}, committed_at=facts.NOON), head_of(log))


def saw(head):
    """Return what a machine knows that saw the log end there."""
    return Recalled(here=head, highest=head)


def told(log, remembered=EMPTY):
    return [(p.kind, p.key) for p in verify(log, trust=Trust(seen=saw(remembered))).problems]


KEYS = [entry.key for entry in filled().store.list()]


def test_a_whole_archive_is_whole():
    """Everything is counted, nothing is wrong, the head is the log's."""
    log = filled()
    report = verify(log, trust=Trust(seen=saw(head_of(log))))

    assert (report.problems, report.orphans, fault(report, "x")) == ([], [], None)
    assert (report.commits, report.segments, report.captures, report.records) == (3, 9, 4, 3)
    assert report.head == head_of(log)
    assert report.bytes == sum(e.size for e in log.store.list() if e.key.startswith(("cap", "rec", "che")))


@pytest.mark.row("F-STO-19")
@pytest.mark.parametrize("key", KEYS)
def test_the_removal_of_any_object_is_noticed(key):
    """Each key of the archive, archive.json and the head of the log included, is named as missing."""
    log = filled()
    head = head_of(log)
    log.store.delete(key)
    report = verify(log, trust=Trust(seen=saw(head)))

    assert ("missing", key) in [(p.kind, p.key) for p in report.problems]
    assert isinstance(fault(report, "x"), IntegrityError)
    assert report.orphans == []


@pytest.mark.row("F-STO-18")
@settings(max_examples=150)
@given(st.sampled_from([k for k in KEYS if k != ARCHIVE_KEY]), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_any_changed_byte_is_noticed(key, place, flip):
    """Wherever a byte changes, the problem names the object, or for a commit both ends of the broken link."""
    log = filled()
    head, data = head_of(log), bytearray(log.store.get(key))
    data[int(place * len(data))] ^= flip
    put(log, key, bytes(data))

    assert any(key in problem.key + problem.detail for problem in verify(log, trust=Trust(seen=saw(head))).problems)


@settings(max_examples=100)
@given(
    st.sampled_from(["index", "records", "checks", "warc"]), st.binary(max_size=40), st.integers(0, 400), st.booleans()
)
def test_what_a_commit_vouches_for_may_be_unreadable(kind, data, keep, whole):
    """A segment whose digest is right and whose content is anything at all is a problem, never an exception."""
    log = filled()
    ending = {"warc": "warc.gz", "index": "cdxj.gz"}.get(kind, "jsonl.gz")
    known = next(s.key for s in log.read(1).segments if s.kind == kind)
    body = log.store.get(known)[:keep] + data
    craft(log, (f"captures/x.{ending}", kind, body if not whole else encode_lines([data.hex()])[0], 99))

    assert any(key.startswith("captures/x.") for _, key in told(log))


def test_a_changed_commit_breaks_the_chain_between_two_neighbours():
    """A commit rewritten in good form is told by the one after it; both are named."""
    log = filled()
    changed = parse(log.store.get(commit_key(1))) | {"crawl": "another"}
    put(log, commit_key(1), canonical(changed))
    (problem,) = verify(log).problems

    assert (problem.kind, problem.key) == ("chain", commit_key(2))
    assert commit_key(1) in problem.detail


@pytest.mark.parametrize("memory", [True, False])
def test_the_head_is_guarded_by_memory_alone(memory):
    """A head that was taken off or rewritten is known only to who saw it; its segments then are orphans."""
    log = filled()
    head = head_of(log)
    log.store.delete(commit_key(3))
    report = verify(log, trust=Trust(seen=saw(head if memory else EMPTY)))

    assert [(p.kind, p.key) for p in report.problems] == ([("missing", commit_key(3))] if memory else [])
    assert bool(report.orphans) != memory


def test_a_rewritten_head_is_told():
    """The head of the same number and another digest is a broken chain."""
    log = filled()

    assert told(log, Head(seq=3, digest="sha256:00")) == [("chain", commit_key(3))]


def test_a_gap_names_its_ends_and_both_neighbours():
    """However wide it is, a gap is one problem."""
    log = filled()
    put(log, "log/900000000000.json", log.store.get(commit_key(3)))
    log.store.delete(commit_key(2))
    gaps = {p.key: p.detail for p in verify(log).problems if p.kind == "missing"}

    assert list(gaps) == [commit_key(2)]
    assert commit_key(1) in gaps[commit_key(2)]
    assert commit_key(3) in gaps[commit_key(2)]
    assert ("damaged", "log/900000000000.json") in told(log)


def test_orphans_are_a_note():
    """Segments that no commit names are listed and are no fault; scratch keys are not even listed."""
    log = filled()
    for key in ("checks/2026/11/24/lost.jsonl.gz", "probe/1", "claims/a/b.json"):
        log.store.create(key, b"x")
    report = verify(log)

    assert (report.whole, report.orphans) == (True, ["checks/2026/11/24/lost.jsonl.gz"])


def test_an_archive_without_commits_is_whole_and_no_archive_is_none():
    """Nothing to prove is fine; nothing there is not, unless something was known to be there."""
    with pytest.raises(NoArchive):
        verify(Log(MemoryStore()))

    assert verify(facts.new_log()).whole
    assert ("missing", ARCHIVE_KEY) in told(Log(MemoryStore()), Head(seq=2, digest="sha256:00"))


@pytest.mark.parametrize("data", [b"nonsense", b"[]", b"{}"])
def test_a_damaged_description_is_told(data):
    """The rest is read all the same."""
    log = filled()
    put(log, ARCHIVE_KEY, data)
    report = verify(log)

    assert [(p.kind, p.key) for p in report.problems] == [("damaged", ARCHIVE_KEY)]
    assert report.commits == 3


def captured(*captures, key="captures/x.warc.gz"):
    """Return a WARC segment's bytes and the captures with their places."""
    data = b"".join([warc.encode_info("facts/1", facts.NOON), *map(warc.encode, captures)])
    return data, list(warc.read(data, key))


@pytest.mark.parametrize(
    "harm",
    [
        lambda lines: [lines[0]],
        lambda lines: [*lines, lines[0].replace(b'"offset":"', b'"offset":"9')],
        lambda lines: [lines[0], lines[1].replace(b'"status":"200"', b'"status":"404"')],
        lambda lines: [lines[0], lines[1].replace(b"sha256:", b"sha256:0")],
        lambda lines: [lines[0], lines[1].replace(b'"text/html"', b'"warc/revisit"')],
        lambda lines: [lines[0], lines[1].replace(b'"length":"', b'"length":"1')],
        lambda lines: [lines[0], lines[1].replace(b"/2/titre", b"/3/titre")],
        lambda lines: [lines[0], lines[1].replace(b'"mime"', b'"mine"')],
        lambda lines: [lines[0], lines[1].replace(b'"status":"200"', b'"status":"x"')],
    ],
    ids=["a line lacks", "a place too many", "status", "digest", "revisit", "length", "url", "field", "no number"],
)
def test_an_index_that_is_not_its_warcs_is_told(harm):
    """Each field of an index line is held against the capture that stands there."""
    log = facts.new_log()
    data, found = captured(facts.capture(1, 0), facts.capture(2, 1))
    lines = harm(sorted(map(cdxj.line, found)))
    craft(
        log,
        ("captures/x.warc.gz", "warc", data, 5),
        ("captures/x.cdxj.gz", "index", cdxj.encode(lines), len(lines)),
    )

    assert set(told(log)) == {("index", "captures/x.cdxj.gz")}


@pytest.mark.parametrize("lacks", ["warc", "index"])
def test_a_warc_and_its_index_come_together(lacks):
    """One without the other is told."""
    log = facts.new_log()
    data, found = captured(facts.capture(1, 0))
    parts = {
        "warc": ("captures/x.warc.gz", "warc", data, 3),
        "index": ("captures/x.cdxj.gz", "index", cdxj.encode(map(cdxj.line, found)), 1),
    }
    del parts[lacks]
    craft(log, *parts.values())

    assert [kind for kind, _ in told(log)] == ["index"]


@pytest.mark.row("F-WRC-03")
def test_damaged_neighbours_are_told_apart():
    """With the index whole, each damaged record of a WARC is named by its own byte."""
    log = facts.new_log()
    made = facts.write(log, *(facts.read(n, n) for n in range(1, 5)))
    segment, index = (next(s for s in made.segments if s.kind == kind) for kind in ("warc", "index"))
    data = bytearray(log.store.get(segment.key))
    offsets = sorted(int(line["offset"]) for line in cdxj.decode(log.store.get(index.key)))
    # The response and the request of the second capture, and the response of the third.
    for offset in [offset for offset, _, _ in warc.members(bytes(data))][3:6]:
        data[offset + 1] ^= 0xFF
    put(log, segment.key, bytes(data))
    details = " ".join(p.detail for p in verify(log).problems if p.key == segment.key)

    assert [f"byte {offset}:" in details for offset in offsets] == [False, True, True, False]


def test_what_a_lost_segment_held_is_not_told_again():
    """Two objects are missing, and that is all: not each record whose capture stood there."""
    log = filled()
    lost = [s.key for s in log.read(1).segments if s.kind in ("warc", "index")]
    for key in lost:
        log.store.delete(key)

    assert sorted(k for k in told(log) if k[0] != "revisit") == sorted(("missing", key) for key in lost)


@pytest.mark.row("F-WRC-05")
def test_a_revisit_is_no_original():
    """One that refers to itself, or to another revisit, refers to nothing."""
    log = facts.new_log()
    facts.write(log, facts.Fact(check=AGAIN.check, capture=AGAIN.capture, repeats=AGAIN.capture))

    assert [kind for kind, _ in told(log)] == ["revisit"]


@pytest.mark.row("F-WRC-05")
def test_a_revisit_has_its_originals_payload():
    """One that names another payload than the capture it refers to is of a page that nobody holds."""
    log = facts.new_log()
    facts.write(log, FIRST)
    lie = facts.capture(1, 90, b"a page that nobody saw")
    record = facts.record_of(lie, 1, "Un texte que personne ne tient.")
    facts.write(log, facts.Fact(check=AGAIN.check, capture=lie, record=record, repeats=FIRST.capture))

    assert told(log) == [("revisit", next(s.key for s in log.read(2).segments if s.kind == "warc"))]


@pytest.mark.row("F-WRC-05")
def test_a_revisit_needs_its_original():
    """One whose original no segment holds is told; one whose original comes in a later commit is not."""
    log = facts.new_log()
    facts.write(log, AGAIN)
    alone = told(log)
    facts.write(log, FIRST)

    assert alone == [("revisit", next(s.key for s in log.read(1).segments if s.kind == "warc"))]
    assert told(log) == []


@pytest.mark.row("F-STO-28")
@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("body", ["autre"], "the text"),
        ("headline", "autre", "the headline"),
        ("published", None, "the version digest"),
        ("digests", {}, "no record"),
        ("captions", None, "no record"),
        ("capture", FIRST.record["capture"] | {"segment": "captures/none"}, "does not hold"),
        ("capture", {}, "no record"),
        ("url", "http://127.0.0.1/Detail/2026/11/24/1/un-autre", "does not hold"),
        ("url", "http://127.0.0.1/Detail/2026/11/24/2/un-bac", "no article's number"),
        ("mirror", "french.presstv.tv", "is not the host"),
        ("captured_at", "2026-11-24T12:00:01.000000Z", "does not hold"),
        ("captured_at", "2026-11-24T13:00:00+01:00", "no instant"),
        ("article_id", "0001", "no article's number"),
        ("article_id", "٢", "no article's number"),
    ],
)
def test_a_record_that_contradicts_itself_is_told(field, value, says):
    """Digests are reckoned again, and the capture must be there."""
    log = facts.new_log()
    made = facts.write(log, FIRST)
    key = next(s.key for s in made.segments if s.kind == "records")
    (record,) = facts.stored(log, key)
    data, lines, _ = encode_lines([record | {field: value}])
    craft(log, ("records/x.jsonl.gz", "records", data, lines))
    (problem,) = verify(log).problems

    assert (problem.kind, problem.key) == ("record", "records/x.jsonl.gz")
    assert says in problem.detail


@pytest.mark.row("F-STO-28")
@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ({"http": {"status": 404}}, "does not hold"),
        ({"offset": 0}, "does not hold"),
        ({"payload_sha256": "0" * 64}, "two payloads"),
    ],
)
def test_a_record_of_another_capture_is_told(inside, says):
    """Status, place and payload are those of the capture, in whatever commit it lies."""
    log = filled()
    key = next(s.key for s in log.read(1).segments if s.kind == "records")
    record = facts.stored(log, key)[0]
    capture = record["capture"] | inside
    if "http" in inside:
        capture["http"] = record["capture"]["http"] | inside["http"]
    data, lines, _ = encode_lines([record | {"capture": capture}])
    craft(log, ("records/x.jsonl.gz", "records", data, lines))
    (problem,) = verify(log).problems

    assert (problem.kind, problem.key, says in problem.detail) == ("record", "records/x.jsonl.gz", True)


@pytest.mark.row("F-STO-28")
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"confirms": "2026-11-24T11:11:11.000000Z"}, "confirms a reading or a capture that no segment holds"),
        ({"at": "2026-11-24T12:00:00Z"}, "no instant"),
        ({"at": "2026-11-24"}, "no look"),
        ({"at": 7}, "no look"),
        ({"outcome": None}, "no look"),
        ({"article_id": "x"}, "no article's number"),
        ({"listed": "12"}, "no look"),
    ],
)
def test_a_look_that_is_none_is_told(fields, says):
    """Its shape, and what it confirms: a reading of that article, or a capture of that instant."""
    log = filled()
    key = next(s.key for s in log.read(1).segments if s.kind == "checks")
    (look, *_) = facts.stored(log, key)
    data, lines, _ = encode_lines([look | fields])
    craft(log, ("checks/x.jsonl.gz", "checks", data, lines))
    (problem,) = verify(log).problems

    assert (problem.kind, problem.key, says in problem.detail) == ("check", "checks/x.jsonl.gz", True)


def test_a_look_confirms_what_is_there():
    """A look of today at what an earlier commit read is fine, a word of a later program too."""
    log = filled()
    key = next(s.key for s in log.read(1).segments if s.kind == "checks")
    (look, *_) = facts.stored(log, key)
    confirmed = look | {"confirms": FIRST.record["captured_at"], "outcome": "unheard_of", "new": {"a": [1]}}
    data, lines, _ = encode_lines([confirmed])
    craft(log, ("checks/x.jsonl.gz", "checks", data, lines))

    assert told(log) == []


@pytest.mark.row("F-STO-28")
@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("stored", "sha256:" + "0" * 64, "not what stands there"),
        ("mime", "image/png", "not what stands there"),
        ("captured_at", "2026-11-24T12:00:00.000001Z", "not what stands there"),
        ("url", "http://127.0.0.1/autre", "not what stands there"),
    ],
)
def test_every_field_of_an_index_row_is_held_against_its_capture(field, value, says):
    """What `prove` and replay tools rely on: no field of a row is taken on trust."""
    assert says in _of_an_index(lambda rows: [rows[0] | {field: value}, *rows[1:]])


@pytest.mark.row("F-STO-28")
def test_keys_and_order_of_an_index_are_held():
    """A key is its address's, and rows are sorted: else a search by halves finds nothing."""
    assert "key of another address" in _of_an_index(lambda rows: [rows[0] | {"key": "org,example)/"}, *rows[1:]])
    assert "out of order" in _of_an_index(lambda rows: rows[::-1], sort=False)


def _of_an_index(alter, *, sort=True):
    """Alter the rows of an index of two captures; return what verify says of it."""
    log = facts.new_log()
    made = facts.write(log, FIRST, facts.read(2, 1))
    parts = {s.kind: (s.key, s.kind, log.store.get(s.key), s.lines) for s in made.segments}
    rows = alter(list(cdxj.decode(parts["index"][2])))
    lines = [f"{row.pop('key')} {row.pop('timestamp')} ".encode() + canonical(row) + b"\n" for row in map(dict, rows)]
    data = gzip.compress(b"".join(sorted(lines) if sort else lines))
    log.store.delete(commit_key(1))
    craft(log, parts["warc"], (parts["index"][0], "index", data, 2))
    (problem, *_) = verify(log).problems
    assert (problem.kind, problem.key) == ("index", parts["index"][0])
    return problem.detail


@pytest.mark.row("F-STO-28")
def test_a_second_index_of_one_segment_is_told():
    """Whichever of them a program reads, the other is named."""
    log = facts.new_log()
    made = facts.write(log, FIRST)
    parts = {s.kind: (s.key, s.kind, log.store.get(s.key), s.lines) for s in made.segments}
    log.store.delete(commit_key(1))
    twin = (parts["index"][0].replace(".cdxj.gz", ".b.cdxj.gz"), *parts["index"][1:])
    craft(log, parts["warc"], parts["index"], twin)

    assert ("index", twin[0]) in told(log)


@pytest.mark.row("F-STO-28")
def test_an_altered_archive_json_is_told():
    """The first commit of each crawl holds its digest; one altered before that was never vouched for."""
    log = filled()
    facts.write(log, facts.saw(2, 110, "gone"), summary={"archive": log.description_digest()})
    assert told(log) == []
    put(log, ARCHIVE_KEY, canonical(dict(log.description()) | {"edition": "presstv-en"}))

    assert told(log) == [("damaged", ARCHIVE_KEY)]


@pytest.mark.row("F-STO-28")
def test_strangers_are_named(tmp_path):
    """Names that no program of ours gives, whether they could be keys or not; they are no fault of the archive's."""
    log = Log(open_store(f"file:{tmp_path}"))
    log.create(edition="invented", version="1")
    facts.write(log, FIRST)
    names = [
        "records/2026/11/24/Copie de x.jsonl.gz",
        "log/notes.txt",
        "log/000000000001.json.bak",
        "checks/a_b",
        commit_key(0),
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    orphan = "records/2026/11/24/20261124t120000z-0000000a-0009.jsonl.gz"
    (tmp_path / orphan).write_bytes(b"x")
    report = verify(log)

    assert (sorted(names), [orphan], True) == (sorted(report.strangers), report.orphans, report.whole)


def test_a_reading_of_an_older_capture_is_fine():
    """A record may point into a segment of any commit."""
    log = filled()
    key = next(s.key for s in log.read(1).segments if s.kind == "records")
    data, lines, _ = encode_lines(facts.stored(log, key))
    craft(log, ("records/x.jsonl.gz", "records", data, lines))

    assert told(log) == []


class Counting(MemoryStore):
    """A store that counts how many of its facts' bytes somebody still holds."""

    def __init__(self):
        super().__init__()
        self.held, self.most = 0, 0

    def get(self, key, *most):
        data = super().get(key, *most)
        return data if key.startswith("log/") else Held(data, self)


class Held(bytes):
    """Bytes that tell their store when they are let go."""

    def __new__(cls, data, store):
        made = super().__new__(cls, data)
        made.store = store
        store.held += 1
        store.most = max(store.most, store.held)
        return made

    def __del__(self):
        self.store.held -= 1


def test_one_segment_is_held_at_a_time():
    """Memory is bounded by the largest segment, however many there are."""
    log, store = filled(), Counting()
    for entry in log.store.list():
        store.create(entry.key, log.store.get(entry.key))
    report = verify(Log(store))

    assert report.whole
    assert (store.most, store.held) == (1, 0)


def test_the_first_problem_stands_for_all():
    """The error's one line names kind and key, and how many more there are."""
    log = filled()
    for key in KEYS[2:4]:
        log.store.delete(key)
    report = verify(log)

    assert f"missing: {report.problems[0].key}" in str(fault(report, "file:x"))
    assert f"{len(report.problems) - 1} more" in str(fault(report, "file:x"))


@pytest.mark.row("F-DIR-08")
def test_a_key_out_of_the_archive_is_a_problem():
    """A commit that names a key no store takes is told, and nothing outside is read."""
    log = facts.new_log()
    named = [Segment(key="../etc/passwd", kind="checks", bytes=1, sha256="sha256:00", lines=1)]
    log.append(Draft(crawl="c", writer={}, segments=named, summary={}, committed_at=facts.NOON))

    assert told(log) == [("damaged", "../etc/passwd")]


def many(count=12):
    """Return the log of that many batches, each of one article, and a revisit of the first at the end."""
    log = facts.new_log()
    facts.write(log, FIRST)
    for number in range(2, count):
        facts.write(log, facts.read(number, number))
    facts.write(log, AGAIN)
    return log


def test_the_parts_of_a_sample_are_the_whole():
    """Each segment is read in exactly one of the parts, the chain in each, and the same part is the same again."""
    log = many()
    whole = verify(log)
    parts = [verify(log, part=Part(sample=(number, 4))) for number in (1, 2, 3, 4)]

    assert sum(part.segments for part in parts) == whole.segments
    assert sum(part.captures for part in parts) == whole.captures
    assert {(part.head, part.commits, part.segments + part.skipped) for part in parts} == {
        (whole.head, whole.commits, whole.segments)
    }
    assert max(part.segments for part in parts) < whole.segments
    assert all(part.whole for part in parts)
    assert verify(log, part=Part(sample=(2, 4))) == parts[1]


def test_a_fault_is_told_by_the_part_that_holds_it():
    """A damaged segment is found by one of the parts, a damaged commit by all of them."""
    log = many()
    key = next(s.key for s in log.read(5).segments if s.kind == "records")
    put(log, key, b"x")
    found = [verify(log, part=Part(sample=(number, 4))).problems for number in (1, 2, 3, 4)]
    put(log, commit_key(5), b"{}")

    assert sorted(len(problems) for problems in found) == [0, 0, 0, 1]
    assert all(not verify(log, part=Part(sample=(number, 4))).whole for number in (1, 2, 3, 4))


@pytest.mark.parametrize("lost", [False, True])
def test_since_reads_what_came_after(lost):
    """Segments of later commits alone are read, yet their originals are looked up in the older indices."""
    log = many()
    if lost:
        harmed = facts.new_log()
        for number in range(2, 12):
            facts.write(harmed, facts.read(number, number))
        facts.write(harmed, AGAIN)
        log = harmed
    last = head_of(log).seq
    report = verify(log, part=Part(since=lambda seq, _at: seq > last - 1))

    # The revisit's own batch (WARC, index and check), and the index of each older one.
    assert report.captures == 1
    assert [p.kind for p in report.problems] == (["revisit"] if lost else [])


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_published_head_is_found_wherever_it_was(seq):
    """Each digest that was ever the head is in the chain, and a forged one is not."""
    log = filled()
    report = verify(log, trust=Trust(published=log.read(seq).digest))

    assert (report.whole, report.published) == (True, seq)


def test_a_published_head_that_is_gone_is_a_fault():
    """A log cut before what was published is told, though it looks whole in itself."""
    log = filled()
    head = head_of(log)
    log.store.delete(commit_key(3))
    report = verify(log, trust=Trust(published=head.digest))

    assert verify(log).whole
    assert [p.kind for p in report.problems] == ["head"]
    assert head.digest in report.problems[0].detail


@pytest.mark.row("F-STO-19")
@pytest.mark.parametrize("later", [False, True], ids=["of its batch", "of a later one"])
def test_a_lost_segment_names_who_points_into_it(later):
    """The commit that names it and the lines that refer to its captures."""
    log = filled()
    key = next(s.key for s in log.read(1).segments if s.kind == "records")
    if later:
        data, lines, _ = encode_lines(facts.stored(log, key))
        craft(log, ("records/x.jsonl.gz", "records", data, lines))
    lost = next(s.key for s in log.read(1).segments if s.kind == "warc")
    log.store.delete(lost)
    (problem,) = [p for p in verify(log).problems if p.kind == "missing"]

    assert problem.detail.startswith(f"named by {commit_key(1)}; pointed to by {key} line 0, {key} line 1")
    assert ("records/x.jsonl.gz line 0" in problem.detail) == later


def test_a_bomb_is_not_unpacked(monkeypatch):
    """A segment that its commit vouches for may still unpack to any size: it is told, and not read."""
    monkeypatch.setattr(audit, "UNPACKED", 2**20)
    log = facts.new_log()
    bomb = gzip.compress(b" " * 2**22)
    craft(
        log,
        ("records/x.jsonl.gz", "records", bomb, 1),
        ("captures/x.warc.gz", "warc", bomb, 1),
        ("captures/x.cdxj.gz", "index", bomb, 1),
    )
    told_by = {p.key: p.detail for p in verify(log).problems}

    assert all("unpacks to more than 1 MiB" in told_by[key] for key in ("records/x.jsonl.gz", "captures/x.cdxj.gz"))
    assert "captures/x.warc.gz" in told_by


@pytest.mark.parametrize("size", [0, 1, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("each", [True, False])
def test_unpacked_sizes_are_told_exactly(size, members, each):
    """Of one member or of all together, one byte too many is one too many."""
    data = gzip.compress(bytes(range(256)) * (size // 256) + b"x" * (size % 256)) * members
    total = size if each else size * members

    assert not unpacks_beyond(data, total, each=each)
    assert unpacks_beyond(data, total - 1, each=each) or total == 0 or len(data) * 1032 <= total - 1


@pytest.mark.slow
@pytest.mark.row("F-STO-18")
def test_a_gigabyte_takes_less_than_300_megabytes():
    """Memory is bounded by a segment, not by the archive; the benchmark measures a process of its own."""
    found = benchmark.measure(mebibytes=1024)

    assert found.verified >= 2**30
    assert found.peak < 300 * 2**20


@pytest.mark.row("F-WRC-03")
def test_a_segment_cut_anywhere_is_told_with_its_torn_record():
    """At each length the WARC is damaged, and the record that is cut is named by its byte, unless none is."""
    log = facts.new_log()
    made = facts.write(log, facts.read(1, 0), facts.read(2, 1))
    key = next(s.key for s in made.segments if s.kind == "warc")
    data = log.store.get(key)
    edges = {0, *(end for offset, length, _ in warc.members(data) for end in (offset, offset + length))}
    for cut in range(0, len(data), 5):
        put(log, key, data[:cut])
        details = [p.detail for p in verify(log).problems if p.key == key]
        torn = max(edge for edge in edges if edge <= cut)
        assert details[0].startswith(f"{cut} bytes")
        assert any(d.startswith(f"the record at byte {torn}:") for d in details) or cut in edges, cut


def _listing(**more):
    shown = {"listed": ["1", "2"], "teasers": [{"text": "Un bac", "also": [{"text": "Le bac"}]}, {}], "page": 1}
    return {"at": "2026-11-24T14:00:00.000000Z", "url": "http://127.0.0.1/Section/1", "kind": "section",
            "outcome": "listed", "section": "une", "status": 200} | shown | more  # fmt: skip


_LEARNED = {
    "taken_over": {"h": [{"after": "a", "first": "b", "last": "c", "until": None, "reason": "seized"}]},
    "rotating": [{"kind": "number", "layout": "modern", "texts": ["# vues"], "articles": ["1"]}],
    "alike": [{"from": "", "to": "Un pont.", "articles": ["1"]}],
    "running": {"h": {"clocks": {"meta": 5}, "since": "2026-11-24T14:00:00.000000Z"}},
}
_DEEP = {"begun": "2026-11-24T14:00:00.000000Z", "page": 2, "url": "http://127.0.0.1/Section/1/2"}
_WALK = {"complete": True, "pages": 1, "articles": 2, "ended": "end", "deep": _DEEP}


def _unfoldable():
    yield "fewer teasers than articles", _listing(teasers=[{}]), {}
    yield "teasers of no article", {k: v for k, v in _listing().items() if k != "listed"}, {}
    yield "a teaser's text that is a number", _listing(teasers=[{"text": 5}, {}]), {}
    yield "an article's number that is a word", _listing(listed=["x", "2"]), {}
    yield "an article's number past all bounds", _listing(listed=["9" * 30, "2"]), {}
    yield "a status past all bounds", _listing(status=10**30), {}
    yield "an address that is none", _listing(url="x"), {}
    yield "a source that is none", _listing(source={"name": "x"}), {}
    yield "a walk of nothing", None, {"sections": {"une": _WALK | {"pages": None}}}
    yield "a deep walk begun never", None, {"sections": {"une": _WALK | {"deep": _DEEP | {"begun": "never"}}}}
    yield "a deep walk to go on nowhere", None, {"sections": {"une": _WALK | {"deep": _DEEP | {"url": "http://[::1"}}}}
    for name in _LEARNED:
        yield f"{name} of nothing", None, {"learned": _LEARNED | {name: [5]}}


@pytest.mark.parametrize(("check", "summary"), [pytest.param(*case, id=name) for name, *case in _unfoldable()])
def test_what_no_reader_can_fold_is_no_whole_archive(check, summary, tmp_path):
    """Where every other command ends with 9 and says `run: scrapy verify`, that one names what is wrong."""
    log = filled()
    packed = encode_lines([check or _listing()])
    named = Segment(key="checks/x.jsonl.gz", kind="checks", bytes=len(packed.data), sha256=digest(packed.data), lines=1)
    put(log, named.key, packed.data)
    log.append(Draft(crawl="c", writer={}, segments=[named], summary=summary, committed_at=facts.NOON), head_of(log))

    assert told(log) == [("check", named.key) if check else ("damaged", commit_key(4))]
    with pytest.raises(IntegrityError):
        facts.Catalog(tmp_path / "c.sqlite", log.store.uri).follow(log)


def test_all_that_a_summary_can_say_is_whole(tmp_path):
    """Walks, what was learned and a listing of all fields, and what only a later program will know."""
    log = filled()
    packed = encode_lines([_listing(later={"a": 1}, answered="http://127.0.0.1/x", source=None)])
    named = Segment(key="checks/x.jsonl.gz", kind="checks", bytes=len(packed.data), sha256=digest(packed.data), lines=1)
    put(log, named.key, packed.data)
    summary = {"sections": {"une": _WALK, "asie": {"complete": False, "pages": 0}}, "later": [1]}
    summary |= {"learned": _LEARNED | {"later": 1}, "exit": 0, "requests": {"new": 1}, "outcomes": {"later": 1}}
    log.append(Draft(crawl="c", writer={}, segments=[named], summary=summary, committed_at=facts.NOON), head_of(log))

    assert told(log) == []
    facts.Catalog(tmp_path / "c.sqlite", log.store.uri).follow(log)


@pytest.mark.parametrize("twice", ["in two commits", "in one"])
def test_a_segment_that_is_named_twice(twice):
    """Its looks would be counted twice by whoever folds the log."""
    log = filled()
    (checks,) = (s for s in log.read(1).segments if s.kind == "checks")
    more = [checks] if twice == "in two commits" else []
    packed = encode_lines([_listing()])
    own = Segment(key="checks/x.jsonl.gz", kind="checks", bytes=len(packed.data), sha256=digest(packed.data), lines=1)
    put(log, own.key, packed.data)
    named = more or [own, own]
    log.append(Draft(crawl="c", writer={}, segments=named, summary={}, committed_at=facts.NOON), head_of(log))

    assert told(log) == [("damaged", named[0].key)]


@pytest.mark.row("F-MNY-07")
@pytest.mark.parametrize("harm", ["", "warc", "records", "index", "checks", "lost-reading", "confirms"])
def test_shares_tell_together_what_one_process_tells(harm):
    """Each fault is told by the share that holds it, what a check confirms in another's is judged, and none is made up."""
    log = many()
    if harm == "lost-reading":
        log = facts.new_log()
        for number in range(2, 12):
            facts.write(log, facts.read(number, number))
        facts.write(log, AGAIN)
    elif harm == "confirms":
        key = next(s.key for s in log.read(1).segments if s.kind == "checks")
        (look, *_) = facts.stored(log, key)
        for number, confirms in enumerate((FIRST.record["captured_at"], "2020-01-01T00:00:00.000000Z")):
            data, lines, _ = encode_lines([look | {"confirms": confirms, "outcome": "same"}])
            craft(log, (f"checks/x{number}.jsonl.gz", "checks", data, lines))
    elif harm:
        put(log, next(s.key for s in log.read(5).segments if s.kind == harm), b"x")
    whole = verify(log)
    found = [verify(log, part=Part(sample=(number, 4), thorough=True)) for number in (1, 2, 3, 4)]
    told = {(problem.kind, problem.key) for part in found for problem in part.problems}

    assert told == {(problem.kind, problem.key) for problem in whole.problems}
    assert bool(told) == bool(harm)
    assert sum(part.segments for part in found) == whole.segments


@pytest.mark.row("F-MNY-13")
def test_a_verification_that_was_stopped_tells_what_a_whole_one_tells(tmp_path, monkeypatch):
    """Wherever it was stopped, also where much is wrong; what is wrong it reads again, and finds it mended."""
    log = Log(open_store(f"file:{tmp_path}/archive"))
    log.create(edition="presstv-fr", version="0")
    for number in range(2, 6):
        facts.write(log, facts.read(number, number))
    facts.write(log, AGAIN)
    lost = tmp_path / "archive" / next(s.key for s in log.read(2).segments if s.kind == "warc")
    good, wanted = lost.read_bytes(), verify(log)
    lost.unlink()
    harmed, take = verify(log), Audit.take
    for stop in range(1, 5):
        left = iter(range(stop))
        monkeypatch.setattr(Audit, "take", lambda audit, found, left=left: (next(left), take(audit, found))[1])
        with pytest.raises(StopIteration), kept(tmp_path) as journal:
            verify(log, journal=journal)
        monkeypatch.setattr(Audit, "take", take)
        [file] = tmp_path.glob("catalog.sqlite.*")
        noted = file.read_bytes()
        assert gone_on(log, tmp_path) == (harmed, stop + 1)
        file.write_bytes(noted)
        lost.write_bytes(good)
        assert gone_on(log, tmp_path) == (wanted, stop + 1)
        lost.unlink()


def gone_on(log, folder):
    """Verify, and return the report and how many commits were not read again."""
    with kept(folder) as journal:
        return verify(log, journal=journal), journal.taken


def kept(folder):
    """Return the journal of a verification."""
    return open_journal(folder / "catalog.sqlite", "verify", b"", datetime.now(UTC))


@pytest.mark.row("F-MNY-07")
def test_several_processes_tell_what_one_tells(tmp_path):
    """The same report, problem by problem: of a whole archive, and of one in which much is wrong."""
    log = Log(open_store(f"file:{tmp_path}"))
    log.create(edition="presstv-fr", version="0")
    for number in range(2, 6):
        facts.write(log, facts.read(number, number))
    facts.write(log, AGAIN)
    sound = [verify(log, processes=number) for number in (1, 2)]
    for seq, kind in ((2, "warc"), (3, "records"), (4, "index")):
        (tmp_path / next(s.key for s in log.read(seq).segments if s.kind == kind)).unlink()
    harmed = [verify(log, processes=number) for number in (1, 2)]

    assert sound[0] == sound[1]
    assert harmed[0] == harmed[1]
    assert len(harmed[0].problems) >= 3
