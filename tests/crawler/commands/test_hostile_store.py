"""Nothing that lies in the store ends a command with exit 1 or a traceback, be it vouched for by a commit or not."""

import gzip
import os
import resource
import shutil
from itertools import product
from pathlib import Path

import pytest

from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical, digest, parse
from archive.facts.names import commit_key
from archive.log.chain import ARCHIVE_KEY, EMPTY, Draft, Log, Segment
from archive.log.segments import encode_lines
from archive.stores.opening import open_store
from archive.trust.signing import sign_commit, signing_key
from archive.warc import cdxj, warc
from tests import facts
from tests.project import Project

DEEP = b"[" * 200_000
SPOILT = {
    "brackets": DEEP,
    "objects": b'{"a":' * 100_000,
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "too great a number": b'{"format":1e400}',
}
MORE = {
    "a number past all bounds": b'{"format":18446744073709551616,"seq":18446744073709551616,"id":[1]}',
    "digits without end": b'{"format":' + b"1" * 5000 + b"}",
    "an id that steers": b'{"format":1,"edition":"presstv-fr","id":"\\u001b[31m/../.."}',
    "an edition that leads away": b'{"format":1,"edition":"../../x","id":"x"}',
    "an edition that is none": b'{"format":1,"edition":["presstv-fr"],"version":{}}',
}
"""What may well be an archive.json, as far as a reader of today can know."""
COMMANDS = (["verify"], ["status"], ["export", "jsonl"], ["doctor"], ["head"], ["history", "1"], ["gc"])
FEW = COMMANDS[:2]
CRAWL = "20261124t120000z-0000abcd"
NOBODY = "outlet=http://127.0.0.1:9"
EVERY = (
    *COMMANDS,
    ["show", "1"], ["diff", "1"], ["search", "bac"], ["search", "--removed", "bac"], ["layouts"],
    ["layouts", "--recurring"], ["replay"], ["sign"], ["accept", CRAWL],
    *(["export", "jsonl", "--view", view] for view in VIEWS if view != "latest"),
    ["prove", "1", "-o", "{folder}/proof.json"],
    ["backfill", "{folder}/other.warc.gz"],
    ["timestamp", "-s", "TIMESTAMP_URL=http://127.0.0.1:9", "-s", "TIMESTAMP_CERTS=/etc/ssl/certs/ca-certificates.crt"],
    ["schedule", "--once", "une@20261124t120000z", "-s", "SCHEDULE=une: 0 12 24 11 *", "-a", NOBODY],
    ["crawl", "presstv", "-a", NOBODY, "-s", "RETRY_TIMES=0"],
)  # fmt: skip
"""Every command, as far as it goes without an outlet."""


SIGNING = {"VERIFY_KEY": "", "SIGNING_KEY": "07" * 32}


def _slow(cases):
    return [pytest.param(case, id=name, marks=pytest.mark.slow) for name, case in cases.items() if case is not DEEP]


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Return the folder of an archive of two articles in two signed commits."""
    folder = tmp_path_factory.mktemp("hostile") / "archive"
    log = Log(open_store(f"file:{folder}"))
    log.create(edition="presstv-fr", version="0.2.0")
    facts.write(log, facts.read(1, 0), facts.read(2, 1))
    facts.write(log, facts.read(1, 60, facts.TEXTS[1]))
    key = signing_key(text="07" * 32)
    for commit in log.after():
        sign_commit(log.store, commit, key)
    return folder


@pytest.fixture
def spoilt(original, tmp_path):
    """Return a project over a copy of the archive, which may be spoilt."""
    shutil.copytree(original, tmp_path / "archive")
    return Project(tmp_path, "http://127.0.0.1:9")


def log_of(project):
    return Log(open_store(f"file:{project.archive}"))


def vouch(project, kind, data, lines=1, summary=None):
    """Append a commit that names these bytes as a segment of a kind."""
    log, head = log_of(project), EMPTY
    for commit in log.after():
        head = commit.head
    ending = {"index": "cdxj.gz", "warc": "warc.gz"}.get(kind, "jsonl.gz")
    folder = "captures" if kind in ("index", "warc") else kind
    key = f"{folder}/2026/11/24/20261124t130000z-0000000f-0001.{ending}"
    log.store.create(key, data)
    named = Segment(key=key, kind=kind, bytes=len(data), sha256=digest(data), lines=lines)
    log.append(Draft(crawl="c", writer={}, segments=[named], summary=summary or {}, committed_at=facts.NOON), head)
    return key


def replace(project, key, data):
    log = log_of(project)
    log.store.delete(key)
    log.store.create(key, data)


def hold(project, commands, key):
    """Run commands: each ends as one that met a damaged archive, or well where it need not look; verify names the key."""
    for words in commands:
        done = project.run(*words, env={"VERIFY_KEY": ""})
        said = done.stdout + done.stderr
        assert done.returncode in (0, 3, 4, 9, 10), (words, done.returncode, said[-500:])
        assert "Traceback" not in said, words
        assert "bug" not in done.stderr, words
        if words == ["verify"]:
            assert done.returncode == 9, said
            assert key in said


def _commands():
    for number, words in enumerate(COMMANDS):
        yield pytest.param([words], id=words[0], marks=() if number < len(FEW) else pytest.mark.slow)


def _laid(key):
    return lambda archive, data: replaced(archive / key, data)


def _vouched(kind):
    return lambda archive, data: vouch(Project(archive.parent, ""), kind, gzip.compress(data + b"\n"))


def replaced(path, data):
    """Put bytes where a file lies, or none."""
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(data)


PLACES = {
    "a commit": _laid(commit_key(2)), "one past the end": _laid(commit_key(3)), "archive.json": _laid(ARCHIVE_KEY),
    "one far past the end": _laid(commit_key(10**12 - 1)), "a signature": _laid("log/000000000002.sig"),
    "a time-stamp": _laid("log/000000000002.tsr"), "a claim": _laid("claims/une/20261124t120000z.json"),
    **{f"lines of {kind}": _vouched(kind) for kind in ("records", "checks", "index", "warc")},
}  # fmt: skip


def _cases():
    """Yield every command over brackets in every place, and over one of the other objects there, each in its turn."""
    others = [(name, data) for name, data in (SPOILT | MORE).items() if data is not DEEP]
    for number, ((where, spoil), words) in enumerate(product(PLACES.items(), EVERY)):
        for name, data in (("deep", DEEP), others[number % len(others)]):
            told = f"{name}-{where}-{' '.join(words)[:30]}"
            quick = data is DEEP and words in FEW
            yield pytest.param(data, spoil, words, id=told, marks=() if quick else pytest.mark.slow)


@pytest.mark.row("F-STO-27")
@pytest.mark.parametrize(("data", "spoil", "words"), [*_cases()])
def test_no_command_ends_as_a_bug(spoilt, data, spoil, words):
    """Whatever lies anywhere in the store, every command ends with a code that says what is the matter."""
    (spoilt.folder / "other.warc.gz").write_bytes(warc.encode(facts.capture(9, 5)))
    spoil(spoilt.archive, data)
    done = spoilt.run(*(word.replace("{folder}", str(spoilt.folder)) for word in words), env=SIGNING)

    assert done.returncode != 1, done.stderr[-500:]
    assert "Traceback" not in done.stdout + done.stderr
    assert "this is a bug" not in done.stderr


ODD_NAMES = (
    b"records/\xff\xfe.jsonl.gz", "records/Ärger.jsonl.gz".encode(), b"records/a\nb\x1b[31m.gz", b"log/x.json",
    "log/٠٠٠٠٠٠٠٠٠٠٠٣.json".encode(), b"log/9999999999999999999999.json", b"captures/a_b",
)  # fmt: skip


@pytest.mark.row("F-STO-27")
@pytest.mark.parametrize("words", [pytest.param(words, id=" ".join(words)[:30]) for words in COMMANDS])
def test_names_of_anything(spoilt, words):
    """Strangers are named by verify, with whatever would steer a terminal written out; nobody else minds them."""
    for name in ODD_NAMES:
        (Path(os.fsdecode(os.fsencode(spoilt.archive) + b"/" + name))).write_bytes(b"x")
    done = spoilt.run(*words, env=SIGNING)

    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert words != ["verify"] or "Ärger" in done.stdout + done.stderr


MISPLACED = {
    "a folder for a commit": lambda archive: (archive / commit_key(3)).mkdir(),
    "a pipe for a commit": lambda archive: os.mkfifo(archive / commit_key(3)),
    "a link for a commit": lambda archive: (archive / commit_key(3)).symlink_to("/etc/passwd"),
    "a link for a segment": lambda archive: (archive / "records/x.jsonl.gz").symlink_to("/etc/passwd"),
    "a pipe for archive.json": lambda archive: ((archive / ARCHIVE_KEY).unlink(), os.mkfifo(archive / ARCHIVE_KEY)),
    "a file for log/": lambda archive: (shutil.rmtree(archive / "log"), (archive / "log").write_bytes(b"")),
    "a file for captures/": lambda archive: (shutil.rmtree(archive / "captures"), (archive / "captures").touch()),
    "times past the calendar": lambda archive: [os.utime(p, (2**33,) * 2) for p in archive.rglob("*.gz")],
}


@pytest.mark.row("F-STO-27")
@pytest.mark.parametrize("words", [pytest.param(words, id=" ".join(words)[:30]) for words in EVERY])
@pytest.mark.parametrize("spoil", [*_slow(MISPLACED)])
def test_what_is_no_file_ends_no_command(spoilt, spoil, words):
    """Folders, pipes and links under a key, files in the place of folders."""
    (spoilt.folder / "other.warc.gz").write_bytes(warc.encode(facts.capture(9, 5)))
    spoil(spoilt.archive)
    done = spoilt.run(*(word.replace("{folder}", str(spoilt.folder)) for word in words), env=SIGNING)

    assert done.returncode != 1, done.stderr[-500:]
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.row("F-STO-27")
@pytest.mark.parametrize("commands", [*_commands()])
@pytest.mark.parametrize("data", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("key", [commit_key(2), ARCHIVE_KEY])
def test_an_object_that_nobody_vouches_for(spoilt, key, data, commands):
    """A commit or archive.json of anything at all."""
    replace(spoilt, key, data)

    hold(spoilt, commands, key)


@pytest.mark.row("F-STO-27")
@pytest.mark.parametrize("data", SPOILT.values(), ids=SPOILT)
def test_a_signature_of_anything(spoilt, data):
    """It is a bad signature where signatures are looked at, and nothing else is the matter."""
    replace(spoilt, "log/000000000002.sig", data)
    done = spoilt.run("verify", "-s", f"VERIFY_KEY={signing_key(text='07' * 32).public}")

    assert (done.returncode, "log/000000000002.sig" in done.stderr) == (9, True)
    assert "Traceback" not in done.stderr


def _odd_commits():
    first = {
        "seq": 3, "committed_at": "2026-11-24T13:00:00.000000Z", "crawl": "c", "writer": {}, "segments": [],
        "summary": {},
    }  # fmt: skip
    named = {"key": "records/a.jsonl.gz", "kind": "records", "bytes": 1, "sha256": "sha256:" + "0" * 64, "lines": 1}
    yield "past the calendar", first | {"committed_at": "9999-12-31T23:59:59-23:59"}
    yield "a time that is none", first | {"committed_at": 5}
    yield "a crawl that is none", first | {"crawl": {"a": [1]}}
    yield "a key that is no text", first | {"segments": [named | {"key": 5}]}
    yield "a key that leads away", first | {"segments": [named | {"key": "../../etc/passwd"}]}
    yield "a kind that is none", first | {"segments": [named | {"kind": "odd"}]}
    yield "bytes past all bounds", first | {"segments": [named | {"bytes": 10**30}]}
    yield "a summary of lists", first | {"summary": {"sections": [1], "unpacked": [2], "outcomes": 3}}
    yield "sections of nothing", first | {"summary": {"sections": {"une": None}}}
    yield "an exit without requests", first | {"summary": {"exit": 0}}
    yield "an exit of words", first | {"summary": {"exit": "zero", "requests": ["new"], "outcomes": "x", "at": 5}}
    yield "an accept of nothing", first | {"summary": {"accept": {"a": 1}, "suspect": "ja", "brake": 5}}


@pytest.mark.row("F-STO-27")
@pytest.mark.parametrize("fields", [pytest.param(fields, id=name) for name, fields in _odd_commits()])
def test_a_commit_in_good_form_of_odd_things(spoilt, fields):
    """The chain holds, the fields are nonsense: a damaged archive at most, for readers and for verify."""
    before = log_of(spoilt).read(2)
    log_of(spoilt).store.create(commit_key(3), canonical(fields | {"previous": before.digest}))
    for words in FEW:
        done = spoilt.run(*words)
        assert done.returncode in (0, 9), (words, done.returncode, done.stderr)
        assert "Traceback" not in done.stdout + done.stderr
        assert "this is a bug" not in done.stderr


RECORD = facts.read(3, 2).record
LINES = {
    "brackets": DEEP,
    "a list": b"[1]",
    "an article's number past all bounds": canonical({**RECORD, "article_id": "9" * 30}),
    "a key that is a number": canonical({**RECORD, "url": 7, "captured_at": []}),
    "an instant past the calendar": canonical({**RECORD, "captured_at": "99999-01-01T00:00:00.000000Z"}),
    "text where a list is": canonical({**RECORD, "body": "x", "captions": None, "extraction": 3}),
}


@pytest.mark.row("F-STO-27")
@pytest.mark.parametrize("kind", ["records", "checks"])
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_lines_that_a_commit_vouches_for(spoilt, kind, line):
    """A right digest over nonsense: verify names the segment, readers end with 9 or pass it over."""
    key = vouch(spoilt, kind, gzip.compress(line + b"\n"))

    hold(spoilt, [["status"]], key)
    done = spoilt.run("verify")
    assert done.returncode == (9 if kind == "records" or line == DEEP else done.returncode)
    assert done.returncode in (0, 9)
    assert "Traceback" not in done.stderr


@pytest.mark.row("F-STO-27")
@pytest.mark.parametrize("kind", ["records", "checks", "index"])
@pytest.mark.parametrize("told", [None, 2**40], ids=["nothing told", "a lie told"])
def test_a_segment_that_unpacks_to_a_gigabyte(spoilt, kind, told):
    """It is bounded while it is unpacked: by what its commit's summary says, else by a ratio."""
    data = gzip.compress(bytes(2**26)) if kind == "index" else gzip.compress(bytes(2**20)) * 1024
    summary = {"unpacked": {"captures/x": told}} if told else {}
    key = vouch(spoilt, kind, data, summary=summary)

    hold(spoilt, [["verify"], ["status"]], key)
    assert "unpacks to more than" in spoilt.run("status").stderr


@pytest.mark.row("F-STO-27")
@pytest.mark.parametrize("kind", ["records", "index"])
@pytest.mark.parametrize("told", [-1, -2], ids=["one below none", "two below none"])
def test_less_than_nothing_bounds_as_nothing_does(spoilt, kind, told, monkeypatch):
    """What libraries take for "all there is" is no size that a segment unpacks to."""
    data = gzip.compress(bytes(2**20)) * 1024
    ending = "cdxj.gz" if kind == "index" else "jsonl.gz"
    key = f"{'captures' if kind == 'index' else kind}/2026/11/24/20261124t130000z-0000000f-0001.{ending}"
    vouch(spoilt, kind, data, summary={"unpacked": {key: told}})
    done = spoilt.run("status", preexec_fn=_little_memory)

    assert (done.returncode, "unpacks to more than 0 bytes" in done.stderr) == (9, True), done.stderr


def _little_memory():
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))


@pytest.mark.row("F-STO-27")
@pytest.mark.parametrize("words", [["verify"], ["status"], ["gc"]], ids=" ".join)
@pytest.mark.parametrize("key", [commit_key(3), "log/000000000002.sig", ARCHIVE_KEY, "a segment"])
def test_an_object_of_any_length(spoilt, words, key):
    """A file of a hundred gigabytes under any key costs no memory, and is named where it is read."""
    key = next(s.key for s in log_of(spoilt).read(1).segments) if key == "a segment" else key
    with (spoilt.archive / key).open("ab") as file:
        file.truncate(100 * 2**30)
    done = spoilt.run(*words, env=SIGNING | {"VERIFY_KEY": ""}, preexec_fn=_little_memory)

    assert done.returncode in (0, 9), done.stderr
    assert (words == ["verify"]) <= (done.returncode == 9 or key.endswith(".sig")), done.stderr
    assert done.returncode == 0 or key in done.stderr


@pytest.mark.row("F-STO-27")
@pytest.mark.parametrize("kind", ["records", "checks"])
def test_lines_without_number(spoilt, kind):
    """Eighty million lines of two bytes in a quarter of a megabyte: each would be an object in memory."""
    data = gzip.compress(b"{}\n" * (80 * 2**20))
    key = vouch(spoilt, kind, data, summary={"unpacked": {"x": 2**28}})
    for words in (["verify"], ["status"]):
        done = spoilt.run(*words, preexec_fn=_little_memory)
        assert (done.returncode, key in done.stderr) == (9, True), done.stderr


@pytest.mark.row("F-STO-27")
def test_a_million_bad_lines_are_one_damaged_segment(spoilt):
    """Some are told, the others counted."""
    key = vouch(spoilt, "checks", gzip.compress(b"{}\n" * 50_000), lines=50_000)
    done = spoilt.run("verify")

    assert (done.returncode, f"{key}: 49900 more" in done.stdout) == (9, True)
    assert "and 49999 more" in done.stderr
    assert len(done.stdout.splitlines()) < 150


@pytest.mark.row("F-STO-27")
def test_a_summary_bounds_what_is_unpacked(spoilt):
    """More than the writer said is damage, whatever the ratio."""
    packed = encode_lines([parse(canonical(facts.read(5, 3).record))])
    data, key = packed.data, "records/2026/11/24/20261124t130000z-0000000f-0001.jsonl.gz"
    vouch(spoilt, "records", data, summary={"unpacked": {key: packed.unpacked - 1}})
    done = spoilt.run("status")

    assert (done.returncode, f"{key} unpacks to more than {packed.unpacked - 1} bytes" in done.stderr) == (9, True)


@pytest.mark.row("F-STO-27")
def test_an_index_of_nonsense(spoilt):
    """Keys, numbers and addresses that are none."""
    line = b"a 20261124130000 " + canonical({"url": 5, "offset": "x", "filename": None}) + b"\n"
    key = vouch(spoilt, "index", cdxj.encode([line]))

    hold(spoilt, [["verify"], ["status"]], key)
