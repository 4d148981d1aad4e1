"""Files and folders that are gone when they are done with, and what a killed process left of them.

Each is named for its process. What nobody touched for a day, by the file system's own clock, and whose process is gone,
is nobody's: who makes the next one in that place removes it.
"""

import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_PART = re.compile(r"\.export-([0-9]{1,9})-[0-9a-f]{8}\.part")
_FOLDER = re.compile(r"archive-[a-z]+-([0-9]{1,9})-\w+")
_A_DAY = 24 * 60 * 60
_ours: set[Path] = set()
"""Folders that this process made."""


def part_in(folder: Path) -> Path:
    """Return a free name for what is written in a folder before it has its own."""
    return folder / f".export-{os.getpid()}-{os.urandom(4).hex()}.part"


def temporary_folder(what: str) -> "tempfile.TemporaryDirectory[str]":
    """Make a folder for temporary files, which its block or `cleanup` ends; what others left there of old goes."""
    made = tempfile.TemporaryDirectory(prefix=f"archive-{what}-{os.getpid()}-")
    _ours.add(Path(made.name))
    sweep(Path(made.name))
    return made


def sweep(made: Path) -> list[Path]:
    """Remove what lies beside a file or folder that was made just now and is nobody's; return it."""
    left = list[Path]()
    with suppress(OSError):  # it is no business of whoever writes here
        since = made.stat().st_mtime - _A_DAY
        for path in [path for path in made.parent.iterdir() if _is_left(path, since)]:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
            left.append(path)
    return left


def _is_left(path: Path, since: float) -> bool:
    match = _PART.fullmatch(path.name) or _FOLDER.fullmatch(path.name)
    if match is None or path in _ours or path.lstat().st_mtime >= since:
        return False
    # Where every process is the first of its container, another one's number is ours.
    return int(match[1]) == os.getpid() or not _is_running(int(match[1]))


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
