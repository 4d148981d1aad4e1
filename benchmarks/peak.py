"""The most memory that a command held: `python -m benchmarks.peak FILE COMMAND…` writes it to FILE, in bytes.

A small process stands between the caller and the command: Linux keeps ru_maxrss over an exec, so that of a child counts
what its parent held when it was begun.
"""

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def watched(command: Sequence[str], noted: Path) -> list[str]:
    """Return the command line that runs a command, ends with its exit code, and writes its peak to `noted`."""
    return [sys.executable, str(Path(__file__).resolve()), str(noted), *command]


def peak(noted: Path) -> int:
    """Return the bytes that a watched command wrote down."""
    return int(noted.read_text(encoding="ascii"))


def main() -> int:
    noted, *command = sys.argv[1:]
    code = subprocess.call(command)
    held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    Path(noted).write_text(str(held), encoding="ascii")
    return code


if __name__ == "__main__":
    sys.exit(main())
