"""Processes with every module imported, from which commands are forked: importing takes longer than most commands do.

`run` and `start` take a command line, `python -m MODULE …` or `python -c PROGRAM …`, as `subprocess.run` and `Popen` do,
`begin` one whose output goes to files. What is imported is all that forks share: each has its own memory, files, signals,
environment and exit code. Where the environment says how Python or the C library begins, the fork is one of a process
that was begun with the same words. `tests/test_loaded.py` holds forks against commands that begin by themselves.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import types
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
_PACKAGES = (
    "archive", "browse", "crawler", "pipelines", "scrapy.commands", "scrapy.extensions", "scrapy.downloadermiddlewares",
    "scrapy.spidermiddlewares",
)  # fmt: skip
# Scrapy imports what it is set to by name, and some of its parts import theirs when they are first used.
_MORE = (
    "settings.base", "scrapy.cmdline", "scrapy.core.downloader.handlers.http11", "scrapy.resolver", "scrapy.squeues",
    "scrapy.dupefilters", "scrapy.statscollectors", "scrapy.pqueues", "boto3.session", "aiohttp", "requests",
    "tldextract", "twisted.conch.insults.insults",
)  # fmt: skip
_EARLY = ("LD_", "LC_", "LANG", "PYTHON", "FAKETIME_", "TZ")
"""How the names of variables begin that are read before a program's first line, or by its imports."""


def import_all() -> None:
    """Import what commands import, so that their forks need not."""
    with warnings.catch_warnings(action="ignore"):
        for package in _PACKAGES:
            for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
                # What `python -m` runs says so where it was imported before.
                if not module.name.endswith(".__main__"):
                    importlib.import_module(module.name)
        for name in _MORE:
            importlib.import_module(name)
    assert "twisted.internet.reactor" not in sys.modules, "each fork installs its own"


def run(command: Sequence[str], *, env: Mapping[str, str], folder: Path = ROOT, told: str = "", seconds: float = 120):
    """Run a command to its end and return what `subprocess.run` does, as text."""
    with contextlib.ExitStack() as files:
        stdin, out, err = (files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(3))
        stdin.write(told)
        stdin.seek(0)
        fork = begin(command, env, (stdin, out, err), folder)
        try:
            code = fork.wait(seconds)
        finally:
            fork.kill()
        for each in (out, err):
            each.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


def start(command: Sequence[str], *, env: Mapping[str, str]) -> "Fork":
    """Start a command in the project's folder; it is spoken with as text on pipes."""
    (asked, ask), (out, says), (err, errs) = os.pipe(), os.pipe(), os.pipe()
    with os.fdopen(asked) as stdin, os.fdopen(says, "w") as stdout, os.fdopen(errs, "w") as stderr:
        fork = begin(command, env, (stdin, stdout, stderr))
    fork.stdin = os.fdopen(ask, "w", encoding="utf-8")
    fork.stdout, fork.stderr = os.fdopen(out, encoding="utf-8"), os.fdopen(err, encoding="utf-8")
    return fork


def begin(command: Sequence[str], env: Mapping[str, str], files: Sequence[IO], folder: Path = ROOT) -> "Fork":
    """Begin a command in a folder, with these files for stdin, stdout and stderr."""
    early = tuple(sorted((name, value) for name, value in env.items() if name.startswith(_EARLY)))
    ours, theirs = socket.socketpair()
    task = {"words": list(map(str, command[1:])), "env": {**env, **_faked(env)}, "folder": str(folder)}
    with theirs:
        handles = [*(file.fileno() for file in files), theirs.fileno()]
        socket.send_fds(_channel(early), [json.dumps(task).encode()], handles)
    return Fork(list(command), ours)


def _faked(env: Mapping[str, str]) -> dict[str, str]:
    # To libfaketime a fork began when the process did that it is a fork of; a distance from now it reads anew.
    if not env.get("FAKETIME", "").startswith("@"):
        return {}
    at = datetime.strptime(env["FAKETIME"], "@%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return {"FAKETIME": f"{(at - datetime.now(UTC)).total_seconds():+f}"}


class Fork:
    """A command that was begun, with the verbs of `subprocess.Popen`."""

    stdin: IO[str] | None = None
    stdout: IO[str] | None = None
    stderr: IO[str] | None = None

    def __init__(self, args: list[str], told: socket.socket) -> None:
        self.args, self.returncode = args, None
        self.peak = 0
        """Once it ended: the most memory that it held, in bytes, what it shares with other forks included."""
        # Another thread may send it a signal while one waits for it.
        self._reading = threading.Lock()
        self._told = told.makefile("r")
        told.close()
        self.pid = int(self._told.readline())

    def poll(self) -> int | None:
        """Return the exit code if it ended, else None; a signal that killed it is negative."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return the exit code; one that is too slow goes on."""
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._told, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired(self.args, timeout or 0)
            with self._reading:
                self._read()
        return self.returncode

    def _read(self) -> None:
        if self.returncode is None:
            status, self.peak = map(int, self._told.readline().split())
            self.returncode = os.waitstatus_to_exitcode(status)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Return what it still says until its end on stdout and stderr, its stdin closed."""
        if self.stdin is not None:
            self.stdin.close()
        with ThreadPoolExecutor(1) as pool:
            out = pool.submit(_rest, self.stdout)
            err = _rest(self.stderr)
            self.wait(timeout)
            return out.result(), err

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, unless it ended."""
        self.send_signal(signal.SIGKILL)


def _rest(pipe: IO[str] | None) -> str:
    if pipe is None or pipe.closed:
        return ""
    with pipe:
        return pipe.read()


@functools.cache
def _channel(early: tuple[tuple[str, str], ...]) -> socket.socket:
    """Start a process when it is first needed, and return the socket on which it takes tasks; it ends when we do."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(_EARLY)}
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.loaded", str(theirs.fileno())], cwd=ROOT, pass_fds=[theirs.fileno()],
            env={**others, **dict(early), "FAKETIME": "+0", "FAKETIME_NO_CACHE": "1"}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    atexit.register(process.wait, 60)
    atexit.register(ours.close)
    return ours


def _serve(channel: socket.socket) -> None:
    """Fork for each task that comes; in the fork, run its command."""
    import_all()
    # What is here stays for ever: forks need not look through it, nor copy it for having looked.
    gc.collect()
    gc.freeze()
    if ours := _forked(channel, {}):
        _become(*ours)


def _forked(channel: socket.socket, running: dict[int, int]) -> tuple[dict, list[int]] | None:
    """Return, in a fork, the task and the files that it is for; else serve until nobody has a task any more."""
    with _ends() as ended, selectors.DefaultSelector() as selector:
        selector.register(channel, selectors.EVENT_READ)
        selector.register(ended, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if ended in ready:
                ended.recv(1000)
                _tell(running)
            if channel in ready:
                message, files, _, _ = socket.recv_fds(channel, 1 << 20, 4)
                if not message:
                    return None
                if not _fork(files, running):
                    channel.close()
                    return json.loads(message), files


def _fork(files: list[int], running: dict[int, int]) -> int:
    """Fork; the last of the files is where its end is to be told. Returns its number, and 0 in the fork."""
    told = files.pop()
    child = os.fork()
    if not child:
        for each in (*running.values(), told):
            os.close(each)
        return 0
    running[child] = told
    os.write(told, b"%d\n" % child)
    for file in files:
        os.close(file)
    return child


@contextlib.contextmanager
def _ends():
    """Yield a socket on which something comes when a fork ends."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        yield ours
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)


def _tell(running: dict[int, int]) -> None:
    """Tell who began them of all forks that have ended."""
    while running:
        child, status, used = os.wait4(-1, os.WNOHANG)
        if not child:
            return
        told = running.pop(child)
        with contextlib.suppress(OSError):  # nobody wants to know any more
            os.write(told, b"%d %d\n" % (status, used.ru_maxrss * 1024))
        os.close(told)


def _become(task: Mapping, files: Sequence[int]) -> None:
    """Do in this process what the command does; it ends as that would, most often through SystemExit."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    _open_streams()
    os.environ.clear()
    os.environ.update(task["env"])
    os.chdir(task["folder"])
    how, what, *words = task["words"]
    sys.argv = [how, *words]
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.modules["__main__"] = main = types.ModuleType("__main__")
        exec(what, main.__dict__)


def _open_streams() -> None:
    # Those of before know what they were opened on: whether it was a pipe, and whether one may seek in it.
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        old = getattr(sys, name)
        new = os.fdopen(
            number, mode, 1 if name == "stderr" else -1, encoding=old.encoding, errors=old.errors, closefd=False
        )
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as served:
        _serve(served)
