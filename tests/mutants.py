"""Mutants: small faults put into the code, one at a time, to see whether a test notices.

`python -m tests.mutants --draw 300 --seed 7` draws so many from all that can be made of FILES and tries each by the
tests that cover its line, the fastest first, until one fails. What survives is told, with the reason where
`docs/mutants.md` gives one. No file is changed: a fork reads the mutant in place of the module.
"""

import argparse
import itertools
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from importlib.machinery import SourceFileLoader
from pathlib import Path

import coverage
import pytest

from tests.loaded import ROOT, import_all
from tests.mutations import FILES, Mutant, mutants

TESTS = (
    "tests/archive", "tests/pipelines", "tests/crawler/reread", "tests/crawler/crawl", "tests/test_old_archives.py",
    "tests/test_one_judge.py",
)  # fmt: skip
REASONS = ROOT / "docs" / "mutants.md"
SECONDS = 60
"""That one test may take; one that takes longer has noticed."""
ENOUGH = 15
"""Seconds of tests that one mutant is tried by, as they took without it."""
_OURS = ("archive", "pipelines", "crawler", "settings", "browse", "demo", "tests")


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


class Chosen:
    """A plugin of pytest that keeps some tests, in their order."""

    def __init__(self, order: list[str], known: Iterable[str]) -> None:
        self._place = {name: number for number, name in enumerate(order)}
        self._known = frozenset(known)

    def pytest_collection_modifyitems(self, items):
        kept = [item for item in items if item.nodeid in self._place or item.nodeid not in self._known]
        items[:] = sorted(kept, key=lambda item: self._place.get(item.nodeid, -1))


def watch(kept: Path) -> dict:
    """Run TESTS once, in a fork, and return what they cover; from the file, where it was kept."""
    if not kept.exists():
        pid = os.fork()
        if not pid:
            _watch(kept)
        if os.waitpid(pid, 0)[1]:
            raise SystemExit("the tests fail without any mutant")
    return json.loads(kept.read_text())


def _watch(kept: Path) -> None:
    code = 3
    try:
        watched = Watched()
        watched.coverage.start()
        code = pytest.main([*_options(), *TESTS], plugins=[watched])
        watched.coverage.stop()
        if not code:
            kept.write_text(json.dumps({"seconds": watched.seconds, "lines": watched.lines()}))
    finally:
        sys.stdout.flush()
        os._exit(code)


def _options() -> list[str]:
    return ["-q", "-x", "-p", "no:cacheprovider", "-o", f"timeout={SECONDS}", "-o", "timeout_method=thread"]


def tests_of(mutant: Mutant, covered: dict) -> list[str]:
    """Return the tests to try a mutant by, its own module's first, then the fastest."""
    seconds, lines, place = covered["seconds"], covered["lines"].get(mutant.path, {}), mutant.place
    own = str(Path("tests") / Path(mutant.path).with_name(f"test_{Path(mutant.path).name}"))
    # What an import runs, every test runs: those that run anything else of the module stand for them.
    told = (place.line, place.statement) if "()" in place.within else lines
    near = {who for line in told for who in lines.get(str(line), ())} - {""}
    able = [
        t
        for t in seconds
        if t in near or t.partition("::")[0] in near or ("()" not in place.within and t.startswith(own))
    ]
    able.sort(key=lambda t: (not t.startswith(own), seconds[t]))
    spent = itertools.accumulate(seconds[t] for t in able)
    return [t for t, so_far in zip(able, spent, strict=True) if so_far <= ENOUGH or t == able[0]]


def attempt(mutant: Mutant | None, tests: list[str], known: Iterable[str], folder: Path) -> int:
    """Run tests with a mutant in a fork and return its process id; None stands for the code as it is."""
    pid = os.fork()
    if pid:
        return pid
    code = 3
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        folder.mkdir()
        log = os.open(folder / "log", os.O_CREAT | os.O_WRONLY)
        os.dup2(log, 1)
        os.dup2(log, 2)
        if mutant:
            _read_instead(mutant)
        files = dict.fromkeys(test.partition("::")[0] for test in tests)
        code = pytest.main([*_options(), f"--basetemp={folder / 'made'}", *files], plugins=[Chosen(tests, known)])
    finally:
        sys.stdout.flush()
        os._exit(code)


def _read_instead(mutant: Mutant) -> None:
    code, plain = mutant.code(), SourceFileLoader.get_code

    def get_code(loader, fullname):
        return code if loader.path == str(ROOT / mutant.path) else plain(loader, fullname)

    SourceFileLoader.get_code = get_code


def warm() -> None:
    """Import everything, then forget what is ours, so that a fork imports only that anew."""
    import_all()
    for name in [
        name for name in sys.modules if name.split(".")[0] in _OURS and name not in {"tests", "tests.mutants"}
    ]:
        del sys.modules[name]


def judge(drawn: list[Mutant], covered: dict, jobs: int, said: Iterable[str]) -> dict[str, list[Mutant]]:
    """Try each mutant, at most so many at a time, and return them by what became of them."""
    ends: dict[str, list[Mutant]] = {"killed": [], "survived": [], "equivalent": [], "no test covers it": []}
    with tempfile.TemporaryDirectory() as made:
        running: dict[int, tuple[Mutant, Path]] = {}
        for number, mutant in enumerate([*drawn, None]):
            while running and (mutant is None or len(running) >= jobs):
                pid, status = os.wait()
                done, folder = running.pop(pid)
                _end_group(pid)
                end = "killed" if status else "equivalent" if done.name in said else "survived"
                ends[end].append(done)
                print(f"{end:10} {done.place.line:4} {done.name}", flush=True)
                shutil.rmtree(folder, ignore_errors=True)
            tests = tests_of(mutant, covered) if mutant else []
            if mutant and tests:
                folder = Path(made) / str(number)
                running[attempt(mutant, tests, covered["seconds"], folder)] = mutant, folder
            elif mutant:
                ends["no test covers it"].append(mutant)
                print(f"uncovered  {mutant.place.line:4} {mutant.name}", flush=True)
    return ends


def _end_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def reasons() -> set[str]:
    """Return the names of the mutants that change nothing a user would notice, each with its reason in REASONS."""
    return set(re.findall(r"^- `(.+)`:$", REASONS.read_text(), re.MULTILINE)) if REASONS.exists() else set()


def main(words: list[str] | None = None) -> int:
    """Draw, try, and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--draw", type=int, default=300, help="how many; 0 for all")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--list", action="store_true", help="print those drawn, and try none")
    parser.add_argument("--only", action="append", metavar="TEXT", help="of those drawn, the ones whose name has TEXT")
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time")
    parser.add_argument(
        "--kept", type=Path, metavar="FILE", help="keep here what covers what, and read it the next time"
    )
    asked = parser.parse_args(words)
    made = mutants()
    drawn = random.Random(asked.seed).sample(made, asked.draw) if asked.draw else made
    drawn = [m for m in drawn if not asked.only or any(text in m.name for text in asked.only)]
    if asked.list:
        print(*(f"{m.place.line:4} {m.name}" for m in drawn), f"{len(drawn)} drawn of {len(made)}", sep="\n")
        return 0
    os.environ["CI"] = "1"  # Hypothesis repeats the same examples
    warm()
    with tempfile.TemporaryDirectory() as folder:
        covered = watch(asked.kept or Path(folder) / "covered")
    ends = judge(drawn, covered, asked.jobs, reasons())
    print(f"{len(drawn)} of {len(made)}:", ", ".join(f"{len(which)} {end}" for end, which in ends.items()))
    return bool(ends["survived"] or ends["no test covers it"])


if __name__ == "__main__":
    raise SystemExit(main())
