"""A proof: accepted with the published head, refused after any change."""

import base64
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from archive.catalog import articles
from archive.errors import IntegrityError, UsageError
from archive.facts.canonical import canonical
from archive.trust.proof import prove
from demo.server import serve
from tests import facts
from tests.french import open_archive
from tests.project import Project

ROOT = Path(__file__).resolve().parents[3]
CUTS = ((1, b""), (0, b" "), (0, b"0"))


def _changed(**parts):
    return lambda data: canonical(json.loads(data) | parts)


def _loose(data):
    """Return a proof whose base64 says the same bytes in other letters."""
    text = json.loads(data)["warc"] + "="
    for end in range(64):
        letters = base64.b64encode(bytes([end << 2, 0, 0])).decode()[0]
        other = text.rstrip("=")[:-1] + letters + "=" * (-len(text.rstrip("=")) % 4)
        if other != json.loads(data)["warc"] and base64.b64decode(other) == base64.b64decode(json.loads(data)["warc"]):
            return canonical(json.loads(data) | {"warc": other})
    return canonical(json.loads(data) | {"warc": text})


ODD = {
    "empty": lambda data: b"",
    "no json": lambda data: b"\xff\xfe",
    "a list": lambda data: b"[]",
    "deep": lambda data: b"[" * 100_000,
    "two proofs": lambda data: data + data,
    "other base64": _loose,
    "a float": lambda data: data.replace(b'"line":0', b'"line":0.0'),
    "truth for one": lambda data: data.replace(b'"seq":2},"index"', b'"seq":true},"index"'),
    "no commits": _changed(commits=[]),
    "commits of numbers": _changed(commits=[1]),
    "no head": _changed(head=None),
    "another schema": _changed(schema="presstv.proof/2"),
    "no warc": _changed(warc=""),
    "a line too far": lambda data: data.replace(b'"line":0', b'"line":9'),
}


@pytest.fixture(scope="module")
def proof(tmp_path_factory):
    folder = tmp_path_factory.mktemp("proof")
    with serve() as server:
        project = Project(folder, server.url)
        edited = min(server.outlet.articles)
        project.crawl()
        server.outlet.edit(edited, open=False, lead="Un chapeau changé, à prouver.")
        project.crawl("-a", f"ids={edited}")
    archive = open_archive(f"file:{project.archive}", folder / "catalog.sqlite")
    first = next(articles.versions(archive.catalog.db, edited))
    return archive, first.record, prove(archive, first.record)


def check(folder, data, *options):
    path = folder / "proof.json"
    path.write_bytes(data)
    command = [sys.executable, "-I", str(ROOT / "docs" / "check_proof.py"), str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_proof_holds_with_the_published_head(proof, tmp_path):
    """The script of the standard library accepts it, and says which version was in which archive."""
    archive, record, data = proof
    found = check(tmp_path, data, "--head", archive.catalog.head().digest)

    assert found.returncode == 0, found.stderr
    assert f"{record['article_id']}@{record['captured_at']}" in found.stdout


def test_another_head_is_refused(proof, tmp_path):
    """A proof whose end is not the head that was published proves nothing."""
    found = check(tmp_path, proof[2], "--head", "sha256:" + "0" * 64)

    assert found.returncode == 1
    assert "NOT PROVED" in found.stderr


@pytest.fixture(scope="module")
def script():
    """Return the script as a module, to ask it often."""
    spec = importlib.util.spec_from_file_location("check_proof", ROOT / "docs" / "check_proof.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def small():
    """Return the proof of a record of a small archive, and the digests of its commits."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.read(2, 1))
    facts.write(log, facts.saw(1, 60))
    archive = facts.folded(log)
    record = next(articles.versions(archive.catalog.db, "1")).record
    return archive, record, prove(archive, record), [commit.digest for commit in log.after()]


def refused(script, data, head):
    """Tell whether the script refuses; what is odd in the data may come out as any exception, which it catches."""
    try:
        script.check(data, head)
    except (SystemExit, Exception):  # noqa: BLE001 - as said
        return True
    return False


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_every_changed_byte_is_refused(script, small, flip):
    """Each byte of a proof is tied to the head or to the canonical form of the file."""
    _, _, data, digests = small
    script.check(data, digests[-1])
    accepted = [
        at
        for at in range(len(data))
        if not refused(script, data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :], digests[-1])
    ]

    assert accepted == []


def test_every_byte_left_out_or_put_in_is_refused(script, small):
    """A byte less, and a space or a digit more, anywhere."""
    _, _, data, digests = small
    changed = [data[:at] + more + data[at + less :] for at in range(len(data)) for less, more in CUTS]

    assert [len(each) for each in changed if not refused(script, each, digests[-1])] == []


@pytest.mark.parametrize("change", ODD.values(), ids=ODD)
def test_an_odd_proof_is_refused_in_one_line(small, tmp_path, change):
    """Whatever the file holds, the script says why it proves nothing, without a traceback."""
    _, _, data, _ = small
    found = check(tmp_path, change(data))

    assert found.returncode == 1
    assert found.stderr.startswith("NOT PROVED: ")
    assert len(found.stderr.splitlines()) == 1


def test_a_proof_may_end_at_a_published_head(script, small):
    """With the digest of an earlier head it is smaller; a record that came after that head has no such proof."""
    archive, record, data, digests = small
    first = prove(archive, record, digests[0])

    assert json.loads(first)["head"] == {"digest": digests[0], "seq": 1}
    assert len(first) < len(data)
    assert script.check(first, digests[0])[1] == record
    with pytest.raises(UsageError, match="no commit"):
        prove(archive, record, "sha256:00")


def test_a_record_has_no_proof_by_a_head_before_it(small):
    """The error says to take a later head."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0))
    facts.write(log, facts.read(2, 1))
    archive = facts.folded(log)
    record = next(articles.versions(archive.catalog.db, "2")).record

    with pytest.raises(IntegrityError, match="later head"):
        prove(archive, record, log.read(1).digest)


def test_a_forger_with_the_whole_script_needs_the_head(script, small):
    """Who makes an archive of his own gets a proof that holds in itself, and not with the head that was published."""
    *_, digests = small
    log = facts.new_log()
    facts.write(log, facts.read(1, 0, "Un texte falsifié."))
    archive = facts.folded(log)
    forged = prove(archive, next(articles.versions(archive.catalog.db, "1")).record)

    assert not refused(script, forged, None)
    assert refused(script, forged, digests[-1])


def test_every_part_is_tied_to_the_head(proof, tmp_path):
    """Parts that are exchanged whole for others of the right form are refused too."""
    archive, _, data = proof
    head = archive.catalog.head().digest
    whole = json.loads(data)
    for name, other in (
        ("warc", ""),
        ("captured_at", "2026-01-01T00:00:00.000000Z"),
        ("commits", whole["commits"][:-1]),
    ):
        forged = json.dumps(whole | {name: other}, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

        assert check(tmp_path, forged, "--head", head).returncode == 1, name


def test_a_record_that_is_not_archived_has_no_proof(proof):
    """A record with another headline lies in no segment."""
    archive, record, _ = proof

    with pytest.raises(IntegrityError, match="holds the record"):
        prove(archive, record | {"headline": "autre"})


def remade(data, change):
    """Return a proof whose parts were changed by somebody who keeps to the canonical form."""
    proof = json.loads(data)
    change(proof)
    return json.dumps(proof, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.row("F-STO-30")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda p: p.update(verdict="PROVED"), "has other fields"),
        (lambda p: p["head"].update(note="x"), "has other fields"),
        (lambda p: p["records"].update(line=-1), "counts nothing"),
        (lambda p: p["records"].update(line=True), "counts nothing"),
        (lambda p: p["index"].update(more=1), "has other fields"),
    ],
    ids=["of its own", "in the head", "a line below none", "a line that is true", "in the index"],
)
def test_what_nobody_checks_has_no_place_in_a_proof(small, tmp_path, change, says):
    """A field that the script does not know could say anything, and a number that counts nothing point anywhere."""
    found = check(tmp_path, remade(small[2], change))

    assert (found.returncode, says in found.stderr) == (1, True), found.stderr


@pytest.mark.row("F-STO-30")
def test_a_refusal_steers_no_terminal(small, tmp_path):
    """Whatever a bundle holds is written out: a refusal can't be made to look like a proof."""
    found = check(tmp_path, remade(small[2], lambda p: p["index"].update(key="\x1b[2K\rPROVED: 1@2026 \u202e")))

    assert (found.returncode, "\x1b" in found.stderr, "\u202e" in found.stderr) == (1, False, False)
    assert r"\x1b[2K\rPROVED: 1@2026 \u202e" in found.stderr


def forged(alter):
    """Return the proof of a record that its archive's keeper altered, in an archive that holds in itself."""
    log = facts.new_log()
    fact, other = facts.read(1, 0), facts.read(2, 1)
    alter(fact.record, other.record)
    facts.write(log, fact, other)
    archive = facts.folded(log)
    return prove(archive, next(articles.versions(archive.catalog.db, "1")).record)


@pytest.mark.row("F-STO-30")
@pytest.mark.parametrize(
    ("alter", "says"),
    [
        (lambda record, other: record.update(url=other["url"]), "another capture's record"),
        (lambda record, _: record.update(captured_at="2026-11-24T11:00:00.000000Z"), "another capture's record"),
        (lambda record, _: record["capture"]["http"].update(status=404), "another capture's record"),
        (lambda record, _: record["capture"].update(payload_sha256="0" * 64), "two payloads"),
    ],
    ids=["address", "instant", "status", "payload"],
)
def test_a_record_of_another_capture_is_refused(tmp_path, alter, says):
    """What a record says of its capture is the capture's own word, or it is no proof."""
    found = check(tmp_path, forged(alter))

    assert (found.returncode, says in found.stderr) == (1, True), found.stderr


def test_fields_of_a_later_version_are_passed_over_and_counted(tmp_path):
    """Its twin: a record that says more than this script knows is proved, and what is not proved is said."""
    found = check(tmp_path, forged(lambda record, _: record.update(mood="gai")))

    assert found.returncode == 0, found.stderr
    assert "1 fields of a later version were passed over" in found.stdout


@pytest.mark.row("F-STO-30")
def test_no_commit_of_ours_stands_before_one_of_others(tmp_path):
    """Whose capture it is, is told by the commit that brought it: an own crawl's, put in front of that, is refused."""
    log = facts.new_log()
    facts.write(log, facts.read(2, 0))
    facts.write(log, facts.read(1, 1), crawl="backfill-20261124t120000z-0000000b")
    archive, head = facts.folded(log), log.read(2).digest
    data = prove(archive, next(articles.versions(archive.catalog.db, "1")).record)
    longer = remade(data, lambda p: p["commits"].insert(0, log.read(1).data.decode()))

    assert "captured by others" in check(tmp_path, data, "--head", head).stdout
    found = check(tmp_path, longer, "--head", head)
    assert (found.returncode, "brought the capture" in found.stderr) == (1, True), found.stdout
