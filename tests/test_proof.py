"""A proof: accepted with the published head, refused after any change."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from archive import lookup
from archive.archive import open_archive
from archive.errors import IntegrityError
from archive.proof import prove
from demo.server import serve
from tests.project import Project

ROOT = Path(__file__).resolve().parents[1]


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
    first = next(lookup.versions(archive.catalog.db, edited))
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


@pytest.mark.parametrize("part", range(40))
def test_a_changed_byte_is_refused(proof, tmp_path, part):
    """Wherever one byte is changed, the proof is refused, in one line without a traceback."""
    archive, _, data = proof
    at = len(data) * part // 40
    changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    found = check(tmp_path, changed, "--head", archive.catalog.head().digest)

    assert found.returncode == 1, at
    assert "Traceback" not in found.stderr


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

    with pytest.raises(IntegrityError, match="no segment holds"):
        prove(archive, record | {"headline": "autre"})
