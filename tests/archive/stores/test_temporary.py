"""What a killed export leaves goes with a later one in the same place, once it is old and nobody's."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from archive.exporters.folders import folder_at
from archive.exporters.targets import write_to
from archive.stores.temporary import part_in, temporary_folder
from tests.project import ROOT, environment

KILLED = """
import os, sys
from archive.exporters.folders import folder_at
from archive.exporters.targets import write_to
from archive.stores.temporary import temporary_folder
kind, place = sys.argv[1:]
def fill(out, name):
    out.write(b"half")
    out.flush()
    os.kill(os.getpid(), 9)
if kind == "temporary":
    held = temporary_folder("corpus")
    fill(sys.stdout.buffer, "")
if kind == "file":
    write_to(f"{place}/a.jsonl", fill)
with folder_at(f"{place}/{kind}") as folder:
    folder.put("a/b.txt" if kind == "new" else "b.txt", fill)
"""


def killed(kind, place):
    """Kill an export in the middle by kill -9; return what it left, as old as can be."""
    before = set(place.rglob("*"))
    script = [sys.executable, "-c", KILLED, kind, str(place)]
    done = subprocess.run(script, cwd=ROOT, env=environment({"TMPDIR": str(place)}), capture_output=True, check=False)
    left = sorted(set(place.rglob("*")) - before)
    assert (done.returncode, bool(left)) == (-9, True)
    for path in left:
        os.utime(path, (0, 0))
    return left


def export(kind, place):
    """Export to where another was killed."""
    if kind == "temporary":
        temporary_folder("corpus").cleanup()
    elif kind == "file":
        write_to(f"{place}/other.jsonl", lambda out, _: out.write(b"whole"))
    else:
        with folder_at(f"{place}/{kind}") as folder:
            folder.put("b.txt", lambda out, _: out.write(b"whole"))


@pytest.mark.row("F-TAK-17")
@pytest.mark.parametrize("kind", ["file", "new", "there", "temporary"])
def test_a_later_export_takes_away_what_a_kill_left(tmp_path, monkeypatch, kind):
    """A half file, a half folder, half files in a folder that was there, temporary files."""
    (tmp_path / "there").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = killed(kind, tmp_path)
    export(kind, tmp_path)

    assert [path for path in left if path.exists()] == []
    assert [path for path in tmp_path.rglob("*") if ".part" in path.name or path.name.startswith("archive-")] == []


@pytest.mark.row("F-TAK-17")
def test_what_is_young_held_or_not_ours_stays(tmp_path):
    """Of a process that runs, of today, of another program: none of it is touched."""
    young, held, other, link = (tmp_path / name for name in (
        ".export-999999998-00000000.part", f".export-{os.getppid()}-00000000.part", "notes.part", ".export-1x-0.part"
    ))  # fmt: skip
    for path in (young, held, other, link):
        path.write_bytes(b"half")
    for path in (held, other, link):
        os.utime(path, (0, 0))
    write_to(str(tmp_path / "a.jsonl"), lambda out, _: out.write(b"whole"))

    assert all(path.exists() for path in (young, held, other, link))


def test_a_link_is_not_followed(tmp_path):
    """What it leads to stays."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "a").write_bytes(b"a")
    link = tmp_path / "place" / ".export-999999998-00000000.part"
    link.parent.mkdir()
    link.symlink_to(kept)
    os.utime(link, (0, 0), follow_symlinks=False)
    write_to(str(link.with_name("a.jsonl")), lambda out, _: out.write(b"whole"))

    assert (link.is_symlink(), (kept / "a").exists()) == (False, True)


def test_the_first_process_of_each_container_is_another(tmp_path):
    """A name with our own number, older than a day, was an earlier process's; a folder that we made stays."""
    old = part_in(tmp_path)
    old.write_bytes(b"half")
    os.utime(old, (0, 0))
    with temporary_folder("corpus") as ours:
        os.utime(ours, (0, 0))
        write_to(str(tmp_path / "a.jsonl"), lambda out, _: out.write(b"whole"))
        with temporary_folder("corpus"):
            assert Path(ours).is_dir()

    assert not old.exists()
