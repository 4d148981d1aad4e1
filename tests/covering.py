"""Which tests run which lines: one run of those that stay in their process, and what to try a mutant by."""

import itertools
import json
import os
import sys
import time
from pathlib import Path

import coverage
import pytest

from tests.loaded import ROOT
from tests.mutations import FILES, Mutant

_ROOMS = ("catalog", "exporters", "facts", "languages", "log", "texts", "trust", "warc", "test_committing.py")
_OF_A_CRAWL = ("ask", "brake", "clock", "ledger", "plan", "recheck", "report", "session", "walk")
TESTS = (
    *(f"tests/archive/{room}" for room in _ROOMS), "tests/pipelines", "tests/crawler/reread",
    *(f"tests/crawler/crawl/test_{name}.py" for name in _OF_A_CRAWL),
)  # fmt: skip
"""Those that begin no command, where no mutant is, and need no store's server."""
LONG = 1
"""Seconds from which on a test is not tried."""
SECONDS = 60
"""That one test may take; one that takes longer has noticed."""
ENOUGH = 6
"""Seconds of tests that one mutant is tried by, as they took without it."""


class Watched:
    """A plugin of pytest that notes which test ran which lines, and how long it took."""

    def __init__(self) -> None:
        sources = sorted({path.split("/")[0] for path in FILES})
        self.coverage = coverage.Coverage(data_file=None, config_file=False, source=[str(ROOT / s) for s in sources])
        self.seconds: dict[str, float] = {}
        self._running = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self._running = item.nodeid
        self.coverage.switch_context(item.nodeid)
        begun = time.monotonic()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.monotonic() - begun

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):
        # What several tests share runs once, in the first of them, and each of them holds it.
        if fixturedef.scope != "function":
            self.coverage.switch_context(self._running.partition("::")[0])
        try:
            return (yield)
        finally:
            self.coverage.switch_context(self._running or "begin")

    def lines(self) -> dict[str, dict[str, list[str]]]:
        """Return file → line → the tests, or the files of tests, that ran it."""
        data = self.coverage.get_data()
        measured = {str(Path(name).relative_to(ROOT)): data.contexts_by_lineno(name) for name in data.measured_files()}
        return {file: {str(line): who for line, who in lines.items()} for file, lines in measured.items()}


def watch(kept: Path, folder: Path) -> dict:
    """Run TESTS once, in a fork, and return what they cover; from the file, where it was kept."""
    if not kept.exists():
        pid = os.fork()
        if not pid:
            _watch(kept, folder)
        if os.waitpid(pid, 0)[1]:
            raise SystemExit("the tests fail without any mutant")
    return json.loads(kept.read_text())


def _watch(kept: Path, folder: Path) -> None:
    code = 3
    try:
        watched = Watched()
        watched.coverage.start()
        code = pytest.main([*options(), f"--basetemp={folder}/watched", *TESTS], plugins=[watched])
        watched.coverage.stop()
        if not code:
            kept.write_text(json.dumps({"seconds": watched.seconds, "lines": watched.lines()}))
    finally:
        sys.stdout.flush()
        os._exit(code)


def options() -> list[str]:
    """Return how pytest is asked: to stop at the first failure, and to leave nothing behind."""
    return [
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-o",
        "tmp_path_retention_policy=none",
        "-o",
        f"timeout={SECONDS}",
        "-o",
        "timeout_method=thread",
    ]


def tests_of(mutant: Mutant, covered: dict) -> list[str]:
    """Return the tests to try a mutant by, its own module's first, then the fastest."""
    seconds, lines, place = covered["seconds"], covered["lines"].get(mutant.path, {}), mutant.place
    path = Path("tests") / mutant.path
    own = str(path.parent if path.stem == "__init__" else path.with_name(f"test_{path.name}"))
    # What an import runs, every test runs: those that run anything else of the module stand for them.
    told = (place.line, place.statement) if "()" in place.within else lines
    near = {who for line in told for who in lines.get(str(line), ())} - {""}
    able = [
        t
        for t in seconds
        if (seconds[t] < LONG and t.startswith(TESTS))
        and (t in near or t.partition("::")[0] in near or ("()" not in place.within and t.startswith(own)))
    ]
    able.sort(key=lambda t: (not t.startswith(own), seconds[t]))
    spent = itertools.accumulate(seconds[t] for t in able)
    return [t for t, so_far in zip(able, spent, strict=True) if so_far <= ENOUGH or t == able[0]]
