"""No test waits on a wall clock: what is waited for is an event, an output, an exit, or `waiting.until`."""

import ast

import pytest

from tests.faults.__main__ import ROOT

SLEEPS = {"time.sleep", "sleep", "asyncio.sleep", "threading.Timer", "Timer"}
MAY = {
    "tests/waiting.py": "looks again and again",
    "tests/outlet_server.py": "a slow loris sends a byte now and then",
    "tests/faults/writers.py": "writers out of step, on purpose",
    "tests/faults/test_writers.py": "late answers of a server, on purpose",
    "tests/faults/kill_many.py": "kills at random moments",
}
"""Files that may, and what for."""


def sleeps(source):
    """Return the lines on which a source sleeps, or sets an alarm clock."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if ast.unparse(call.func) in SLEEPS]


def found():
    """Return path → lines of every file of tests that sleeps."""
    lines = {
        path.relative_to(ROOT).as_posix(): sleeps(path.read_text(encoding="utf-8"))
        for path in (ROOT / "tests").rglob("*.py")
    }
    return {path: held for path, held in lines.items() if held}


def test_no_test_sleeps():
    """Those that may do; a file that needs to no longer leaves the table."""
    assert set(found()) == set(MAY)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import time\ntime.sleep(1)", [2]),
        ("import threading\nthreading.Timer(1, print).start()", [2]),
        ("import asyncio\nasync def f():\n    await asyncio.sleep(1)", [3]),
        ("event.wait(30)\nprocess.communicate(timeout=60)", []),
    ],
    ids=["sleep", "timer", "asyncio", "events"],
)
def test_a_sleep_is_found(source, lines):
    """Whoever sleeps is found by its line."""
    assert sleeps(source) == lines
