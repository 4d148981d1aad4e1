"""Programs of others that read what we write, in an environment of their own that `make test-formats` makes.

They and what they need are 500 MB, and pin other versions than ours. Looked for in `.venv-formats` beside this project and
where FORMATS_VENV says; tests that need them are skipped without.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.project import ROOT

FOLDER = Path(os.environ.get("FORMATS_VENV", ROOT / ".venv-formats"))
needed = pytest.mark.skipif(
    not (FOLDER / "bin" / "schemathesis").exists(), reason="needs .venv-formats, which make test-formats installs"
)


def asked(script, *words):
    """Return what a script of theirs prints as JSON."""
    done = run("python", "-c", script, *words)
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout)


def run(program, *words):
    """Run one of their programs to its end, away from our modules."""
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [FOLDER / "bin" / program, *map(str, words)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", env=outside, cwd=FOLDER, check=False, timeout=280
    )
