"""pywb, a program of others that records, indexes and replays; run from wherever it is installed.

It is no part of the locks: some of what it needs comes as source only. Looked for beside this Python, in PYWB_WAYBACK and
on PATH; tests that need it are skipped without it.
"""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.waiting import until


def wayback():
    """Return the path of pywb's server; skip the test where there is none."""
    beside = Path(sys.executable).with_name("wayback")
    found = os.environ.get("PYWB_WAYBACK") or (str(beside) if beside.exists() else shutil.which("wayback"))
    if not found:
        pytest.skip("pywb is not installed (its `wayback` is looked for on PATH and in PYWB_WAYBACK)")
    return found


@contextmanager
def serving(folder):
    """Serve a folder's collections; yield the base address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words, quiet = [wayback(), "-p", str(port), "-b", "127.0.0.1"], subprocess.DEVNULL
    with subprocess.Popen(words, cwd=folder, stdout=quiet, stderr=quiet) as child:
        try:
            answer(f"http://127.0.0.1:{port}/")
            yield f"http://127.0.0.1:{port}"
        finally:
            child.terminate()


def answer(url):
    """Return what an address answers, waited for; fail the test where it never does."""
    return until(lambda: _answered(url)) or pytest.fail(f"{url} does not answer")


def _answered(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as found:
            return found.read() or b"empty"
    except OSError:
        return None


def keys(urls):
    """Return the key that pywb looks each address up by, made by pywb itself."""
    python = Path(wayback()).with_name("python")
    script = (
        "import sys; from pywb.utils.canonicalize import canonicalize\n"
        "for url in sys.stdin.buffer.read().decode().split('\\n'): sys.stdout.buffer.write(canonicalize(url).encode() + b'\\n')"
    )
    given = "\n".join(urls).encode()
    done = subprocess.run([python, "-c", script], input=given, capture_output=True, check=True, timeout=120)
    return done.stdout.decode().removesuffix("\n").split("\n")
