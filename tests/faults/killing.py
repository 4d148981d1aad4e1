"""Commands that die, or are refused, at a system call of our choosing.

`loaded()` starts a process with every module imported and forks each command from it, since importing Scrapy takes
longer than a small crawl. strace is put on one thread of the fork, for it counts the calls of each thread by itself:
`when=3` on two threads would hit whichever comes to its third call first, and miss the other's.
"""

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from archive.catalog.selection import Selection
from archive.exporters import views
from demo.outlet import Outlet, written
from demo.server import Server
from tests.french import open_archive
from tests.loaded import import_all
from tests.project import ROOT, Project, environment

STRACE = shutil.which("strace")
CRAWL = ("-a", "sections=une", "-s", "BATCH_CAPTURES=4", "-s", "BATCH_SECONDS=86400")
ARTICLES = 5
MOST_KILLS = 40
WRITES = (
    "write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "ftruncate", "link", "linkat", "rename", "renameat",
    "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat",
)  # fmt: skip
"""The calls that change what is on disk. `openat` is left out: Python makes hundreds to import its modules, and what one
leaves, an empty file, is what a kill at the first write to it finds."""
THREADS = ("main", "commit", "ThreadPool")
"""The reactor's thread, that of the commits, and the first of the probe's racers."""


class Done(NamedTuple):
    """How a command ended: its exit code or the signal that killed it, negative; what it and strace said."""

    code: int
    out: str
    err: str
    trace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A process with every module imported; one command at a time."""

    process: subprocess.Popen[str]
    folder: Path

    def run(self, command: Sequence[str], *rules: str, thread: str = "main") -> Done:
        """Run a command (`python -m scrapy …`) to its end, with strace's injection rules on one thread of it.

        `thread` is `main` or how the name of a thread begins, the first one such.
        """
        task = {"words": list(map(str, command[2:])), "rules": rules, "thread": thread, "folder": str(self.folder)}
        print(json.dumps(task), file=self.process.stdin, flush=True)
        code = int(self.process.stdout.readline())
        said = [(self.folder / name).read_text(errors="replace") for name in ("out", "err", "trace")]
        return Done(code, *said)


@contextlib.contextmanager
def loaded(folder: Path) -> Iterator[Loaded]:
    """Yield a process that runs commands; what they say lies in the folder."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.killing"], cwd=ROOT, env=environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Loaded(process=process, folder=folder)
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


@contextlib.contextmanager
def small_outlet() -> Iterator[Server]:
    """Yield an outlet of five articles."""
    with Server(Outlet(written()[:ARTICLES], clock=lambda: datetime.now(UTC))) as server:
        yield server


def may_trace() -> bool:
    """Tell whether strace is here and may attach to a process."""
    if STRACE is None:
        return False
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        words = [STRACE, "-o", os.devnull, "-e", "trace=none", "-p", str(sleeper.pid)]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as tracer:
            said = tracer.stderr.readline()
            tracer.terminate()
        sleeper.kill()
    return "attached" in said


def crawl(run: Loaded, project: Project, *rules: str, thread: str = "main", more: Sequence[str] = ()) -> Done:
    """Crawl the small outlet."""
    return run.run(project.command(*project.crawl_words(*CRAWL, *more)), *rules, thread=thread)


def healed(run: Loaded, project: Project) -> None:
    """Crawl, and assert that nothing was lost or doubled: verify 0, each article with one version, no spool left.

    The versions are those of a catalog made from the log alone.
    """
    again, verified = crawl(run, project), run.run(project.command("verify"))
    archive = open_archive(f"file:{project.archive}", project.folder / "fresh.sqlite")
    found = Counter(row["article_id"] for row in views.versions(archive, Selection()))
    archive.close()

    assert again.code == 0, again.err
    assert verified.code == 0, verified.out + verified.err
    assert (len(found), set(found.values())) == (ARTICLES, {1})
    assert list(project.spool.iterdir()) == []


def calls(run: Loaded, project: Project, thread: str) -> str:
    """Crawl unharmed and return what strace said of the calls of a thread that write or open."""
    done = crawl(run, project, *(f"{call}:delay_enter=0" for call in (*WRITES, "openat")), thread=thread)
    assert done.code == 0, done.err
    return done.trace


def made_in(trace: str, call: str) -> list[str]:
    """Return the lines of a trace that are of one call."""
    return [line for line in trace.splitlines() if line.startswith(f"{call}(")]


def ordinals(trace: str, call: str, folder: str) -> list[int]:
    """Return which of a thread's calls name a file below a folder."""
    return [number for number, line in enumerate(made_in(trace, call), 1) if folder in line]


def killed(run: Loaded, project: Project, thread: str, call: str, number: int) -> bool:
    """Crawl, to be killed at that occurrence of a call; False where the crawl ended unharmed before it.

    Nothing else may end it: either strace killed it at that call, or it exits 0.
    """
    done = crawl(run, project, f"{call}:signal=KILL:when={number}", thread=thread)
    if done.code == 0:
        return False
    assert done.code == -signal.SIGKILL, done.err
    assert done.trace.endswith("+++ killed by SIGKILL +++\n")
    assert len(made_in(done.trace, call)) == number
    return True


def killed_at_each(run: Loaded, begun: Callable[[str], Project], thread: str, call: str) -> int:
    """Kill a crawl at the first, the second … the last occurrence of a call, heal each time; return how many kills.

    `begun` makes a project of a name, and may put something into it. One crawl makes some calls more than another, so
    one that ends unharmed is the last only past the number that an unharmed one made before. Of a call that is made
    hundreds of times, as a catalog's pages are written, some forty are killed at, evenly apart.
    """
    made, kills = len(made_in(calls(run, begun("census"), thread), call)), 0
    for number in itertools.count(1, max(1, made // MOST_KILLS)):
        project = begun(str(number))
        hit = killed(run, project, thread, call, number)
        if hit:
            healed(run, project)
            shutil.rmtree(project.folder)
        elif number > made:
            break
        kills += hit
    print(f"{kills} kills at {call} of {thread}")
    # Which of the racers of a probe writes is a matter of luck.
    assert thread == "ThreadPool" or bool(kills) == bool(made)
    return kills


def _serve() -> int:
    """Run the commands that come in, a line each, and answer with their exit codes; in a fork, run one."""
    import_all()
    for line in sys.stdin:
        task = json.loads(line)
        folder, (said, say), (go, let) = Path(task["folder"]), os.pipe(), os.pipe()
        child = os.fork()
        if not child:
            os.close(said)
            os.close(let)
            return _command(task, say, go)
        os.close(say)
        os.close(go)
        _watch(task, folder, said, let)
        os.close(said)
        os.close(let)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return 0


def _watch(task: dict, folder: Path, said: int, let: int) -> None:
    """Put strace on the thread that the fork names, and let the fork go on."""
    (folder / "trace").write_text("")
    if task["rules"] and (thread := os.read(said, 20).decode()):
        calls = ",".join(rule.partition(":")[0] for rule in task["rules"])
        inject = [f"--inject={rule}" for rule in task["rules"]]
        words = [STRACE, "-y", "-o", str(folder / "trace"), "-e", f"trace={calls}", *inject, "-p", thread]
        tracer = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        tracer.stderr.readline()
        os.write(let, b"!")
        tracer.communicate()


def _command(task: dict, say: int, go: int) -> int:
    """Run the command in this process; it ends as it would by itself, through SystemExit."""
    for name, handle in (("out", 1), ("err", 2)):
        file = os.open(Path(task["folder"]) / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(file, handle)
        os.close(file)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if task["rules"]:
        _wait_for_strace(task["thread"], say, go)
    sys.argv = task["words"]
    import scrapy.cmdline

    scrapy.cmdline.execute(task["words"])
    return 0


def _wait_for_strace(thread: str, say: int, go: int) -> None:
    """Tell this thread's number and wait, or let the first thread whose name begins so do it before it works."""

    def announce() -> None:
        os.write(say, str(threading.get_native_id()).encode())
        os.read(go, 1)

    first, work = iter([announce]), threading.Thread.run

    def run(self: threading.Thread) -> None:
        if self.name.startswith(thread):
            next(first, bool)()
        work(self)

    if thread == "main":
        announce()
    else:
        threading.Thread.run = run


if __name__ == "__main__":
    sys.exit(_serve())
