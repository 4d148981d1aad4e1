"""Mutants: small faults put into the code, one at a time, to see whether a test notices.

`python -m tests.mutants --draw 300 --seed 7` draws so many from all that can be made of FILES and tries each by the
tests that cover its line, the fastest first, until one fails. What survives is told, with the reason where
`docs/mutants.md` gives one. No file is changed: a fork reads the mutant in place of the module.
"""

import argparse
import contextlib
import inspect
import os
import random
import re
import resource
import signal
import sys
import tempfile
import types
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest
from _pytest.main import pytest_runtestloop

from tests.covering import TESTS, options, tests_of, watch
from tests.loaded import ROOT, import_all
from tests.mutations import Mutant, mutants

REASONS = ROOT / "docs" / "mutants.md"
ENDS = ("killed", "survived", "equivalent", "uncovered")
_BROKEN = 99
"""How a fork ends in which no mutant could be put."""
_OURS = ("archive", "pipelines", "crawler", "settings", "browse", "demo", "tests")


class Chosen:
    """A plugin of pytest that keeps some tests, in their order."""

    def __init__(self, order: list[str], known: Iterable[str]) -> None:
        self._place = {name: number for number, name in enumerate(order)}
        self._known = frozenset(known)

    def pytest_collection_modifyitems(self, items):
        kept = [item for item in items if item.nodeid in self._place or item.nodeid not in self._known]
        items[:] = sorted(kept, key=lambda item: self._place.get(item.nodeid, -1))


@dataclass(slots=True, kw_only=True)
class Trial:
    """What all attempts share."""

    covered: dict
    jobs: int
    folder: Path
    said: frozenset[str]
    session: pytest.Session | None = None
    """Everything collected: a function is given its mutant's code in a fork of this. None: nothing of ours is imported."""
    ends: dict[str, list[Mutant]] = field(default_factory=lambda: {end: [] for end in ENDS})

    def run(self, drawn: Iterable[Mutant]) -> None:
        """Try each mutant, at most so many at a time, and note what became of it."""
        running: dict[int, Mutant] = {}
        for mutant in drawn:
            tests = tests_of(mutant, self.covered)
            if not tests:
                self._note(mutant, "uncovered")
                continue
            if len(running) >= self.jobs:
                self._wait(running)
            running[self._attempt(mutant, tests)] = mutant
        while running:
            self._wait(running)

    def _wait(self, running: dict[int, Mutant]) -> None:
        pid, status = os.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        mutant, code = running.pop(pid), os.waitstatus_to_exitcode(status)
        assert code not in (_BROKEN, pytest.ExitCode.NO_TESTS_COLLECTED), f"{mutant.name} was not tried"
        self._note(mutant, "killed" if code else "equivalent" if mutant.name in self.said else "survived")

    def _note(self, mutant: Mutant, end: str) -> None:
        self.ends[end].append(mutant)
        print(f"{end:10} {mutant.place.line:4} {mutant.name}", flush=True)

    def _attempt(self, mutant: Mutant, tests: list[str]) -> int:
        pid = os.fork()
        if pid:
            return pid
        code = _BROKEN
        try:
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
            # A fault that never ends is noticed too.
            resource.setrlimit(resource.RLIMIT_CPU, (90, 90))
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            (_give_code if self.session else _read_instead)(mutant)
            code = 1
            code = self._in_session(tests) if self.session else self._from_nothing(tests)
        finally:
            os._exit(code)

    def _in_session(self, tests: list[str]) -> int:
        session = self.session
        session.config.pluginmanager.unregister(name="terminalreporter")
        Chosen(tests, self.covered["seconds"]).pytest_collection_modifyitems(session.items)
        with contextlib.suppress(session.Failed, session.Interrupted):
            pytest_runtestloop(session)
        return bool(session.testsfailed)

    def _from_nothing(self, tests: list[str]) -> int:
        files = dict.fromkeys(test.partition("::")[0] for test in tests)
        made = self.folder / str(os.getpid())
        chosen = Chosen(tests, self.covered["seconds"])
        return pytest.main([*options(), f"--basetemp={made}", *files], plugins=[chosen])


class Loop:
    """A plugin of pytest that tries mutants in place of running the tests it has collected."""

    def __init__(self, trial: Trial, drawn: Iterable[Mutant]) -> None:
        self.trial, self.drawn = trial, drawn

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        session.config._tmp_path_factory.getbasetemp()  # once, for all forks
        self.trial.session = session
        self.trial.run(self.drawn)
        return True


def _give_code(mutant: Mutant) -> None:
    found = sys.modules[mutant.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")]
    for part in mutant.function.split("."):
        found = inspect.getattr_static(found, part)
    while not isinstance(found, types.FunctionType):
        if hasattr(found, "cache_clear"):
            found.cache_clear()
        found = found.fget if isinstance(found, property) else found.__wrapped__
    found.__code__ = mutant.code_of_function()


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
        covered = watch(asked.kept or Path(folder) / "covered", Path(folder))
        trial = Trial(covered=covered, jobs=asked.jobs, folder=Path(folder), said=frozenset(reasons()))
        functions = [mutant for mutant in drawn if mutant.code_of_function()]
        trial.run(mutant for mutant in drawn if mutant not in functions)
        pytest.main([*options(), "-s", f"--basetemp={folder}/made", *TESTS], plugins=[Loop(trial, functions)])
    print(f"{len(drawn)} of {len(made)}:", ", ".join(f"{len(which)} {end}" for end, which in trial.ends.items()))
    return bool(trial.ends["survived"] or trial.ends["uncovered"])


if __name__ == "__main__":
    raise SystemExit(main())
