"""Commands of the archive in processes of their own: what CPU each takes, from the interpreter's start to its end."""

import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.children import ROOT, Broken, places

_FRONT = ["-P", "-m", "crawler.cli.front"]
_SCRAPY = ["-P", "-m", "scrapy"]
NOTHING = ["-c", "pass"]
"""What the interpreter itself takes."""


def presstv(folder: Path, *words: str) -> list[str]:
    """Return the words behind `python` of a command that reads the archive below a folder."""
    return [*_FRONT, *words, *_settings(folder)]


def scrapy(folder: Path, *words: str) -> list[str]:
    """Return those of the same command begun by Scrapy."""
    return [*_SCRAPY, *words, *_settings(folder)]


def _settings(folder: Path) -> list[str]:
    return [word for name, value in places(folder).items() for word in ("-s", f"{name}={value}")]


def cpu(words: Sequence[str]) -> float:
    """Run Python with these words to its end and return its seconds of CPU. Raises Broken where it fails."""
    before = _children()
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=environment(), capture_output=True, check=False)
    if done.returncode:
        told = (done.stdout + done.stderr).decode(errors="replace")[-2000:]
        raise Broken(f"python {' '.join(words)} ended with {done.returncode}:\n{told}")
    return _children() - before


def environment() -> dict[str, str]:
    """Return the variables of a process that runs this program: ours, but for what would choose other settings."""
    return {k: v for k, v in os.environ.items() if not k.startswith("SCRAPY_")} | {"PYTHONPATH": str(ROOT)}


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def median(words: Sequence[str], rounds: int) -> float:
    """Return the median of so many runs' CPU, in seconds."""
    return statistics.median(cpu(words) for _ in range(rounds))
