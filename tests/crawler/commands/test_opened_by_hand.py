"""README's queries, run as they stand there: they read what the log names, whatever lies beside it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archive.facts.canonical import canonical
from archive.log.chain import Log
from archive.log.segments import compressed, decode_lines
from archive.stores.opening import open_store
from tests import facts
from tests.project import ROOT, Project

FORGED = "Un titre que personne n’a archivé"


def commands():
    """Return the command lines of the section, each whole, without what they print."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Open the archive without this program")[2]
    block = section.partition("```console\n")[2].partition("```")[0]
    found = re.findall(r"^\$ (.*(?:\n    \S.*)*)", block, re.MULTILINE)
    return [re.sub(r"\n    ", "\n", line) for line in found]


@pytest.fixture
def shell(tmp_path):
    """Return a function that runs README's lines in a folder where a stranger and an orphan lie in the archive."""
    archive = tmp_path / "var" / "archive"
    log = Log(open_store(f"file:{archive}"))
    log.create(edition="presstv-fr", version="0.2.0")
    facts.write(log, facts.read(1, 0, headline="Un bac"), facts.read(2, 1, headline="Un pont"))
    (key,) = [segment.key for segment in log.read(1).segments if segment.kind == "records"]
    (first, *_) = decode_lines(log.store.get(key), key)
    data = compressed(canonical(first | {"headline": FORGED}) + b"\n")
    orphan = key.replace("0001.jsonl", "0009.jsonl")
    for name in (orphan, "records/Copie de tout.jsonl.gz", "checks/a_b.jsonl.gz"):
        (archive / name).write_bytes(data)
    entry = {"key": orphan, "kind": "records"}
    for name in ("log/copie.json", "log/000000000002.json.bak", "log/0000000000002.json"):
        (archive / name).write_bytes(canonical({"segments": [entry, entry | {"kind": "checks"}]}))

    def run(line):
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        environment = {**os.environ, "PATH": path, "PYTHONIOENCODING": "utf-8"}
        script = f"set -o pipefail; {line}"
        return subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, check=False, timeout=60, **pipes)

    return run


@pytest.mark.row("F-STO-31")
@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_readmes_queries_read_what_the_log_names(shell):
    """An orphan, a stranger and a file in log/ that is no commit are none of the archive's, and are not read."""
    named, *queries = commands()
    done = [shell(f"{named}\n{query}") for query in queries]

    assert len(done) == 3
    assert [each.returncode for each in done] == [0, 0, 0], [each.stderr for each in done]
    assert all("Un bac" in each.stdout and "Un pont" in each.stdout for each in done[:2])
    assert done[2].stdout.split() == ["2", "new"]
    assert not any(FORGED in each.stdout for each in done)


@pytest.mark.row("F-STO-31")
def test_verify_names_what_they_leave_out(shell, tmp_path):
    """Orphan and strangers are notes, and each is named."""
    project = Project(tmp_path, "")
    project.archive = tmp_path / "var" / "archive"
    done = project.run("verify")

    assert done.returncode == 0, done.stderr
    for name in ("-0009.jsonl.gz", "records/Copie de tout.jsonl.gz", "log/copie.json", "log/0000000000002.json"):
        assert name in done.stdout + done.stderr


def test_no_page_reads_by_a_pattern():
    """A glob over records/ or checks/ would read orphans and strangers; no query of the documentation has one."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    globs = {
        path.name: re.findall(r"(?:records|checks)/\S*\*\*?\S*", path.read_text(encoding="utf-8")) for path in pages
    }

    assert {name: found for name, found in globs.items() if any("'" in each or '"' in each for each in found)} == {}
