"""A command in a terminal of its own, whose width may change, with a keyboard; and what stands on its screen."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import pytest

from tests.project import ROOT, environment

_PARTS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+|\x1b")


class Terminal:
    """A terminal of 24 rows in which a command runs; `drawn` is all that it wrote to it so far."""

    def __init__(self, command, *, columns=80, env=None, folder=ROOT, stdout=subprocess.DEVNULL):
        """Start the command; the terminal is its own, so that Ctrl-C reaches it. Its stdout goes elsewhere unless told."""
        try:
            self._ours, theirs = pty.openpty()
        except OSError as error:
            pytest.skip(f"no terminal can be made here: {error}")
        self.drawn, self.screen = "", Screen(columns)
        self.resize(columns)
        self.process = subprocess.Popen(
            ["sh", "-c", 'exec "$@" <"$0"', os.ttyname(theirs), *command],
            cwd=folder,
            env=environment({"TERM": "xterm", **(env or {})}),
            stdout=theirs if stdout is None else stdout,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def resize(self, columns):
        """Make the terminal so wide; the kernel tells the command by SIGWINCH."""
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.screen.columns = columns or 80

    def press(self, keys):
        """Press keys; byte 3 is Ctrl-C."""
        os.write(self._ours, keys)

    def until(self, pattern, seconds=60):
        """Read until what was drawn since the last such call matches a pattern; return that part."""
        begun, until = len(self.drawn), time.monotonic() + seconds
        while not re.search(pattern, self.drawn[begun:]):
            assert time.monotonic() < until, self.drawn[-2000:]
            assert self._read(), f"it ended: {self.drawn[-2000:]}"
        return self.drawn[begun:]

    def end(self):
        """Read to the end; return the exit code."""
        while self._read():
            pass
        os.close(self._ours)
        return self.process.wait(60)

    def _read(self):
        ready, _, _ = select.select([self._ours], [], [], 60)
        assert ready, self.drawn[-2000:]
        try:
            part = os.read(self._ours, 4096).decode(errors="replace")
        except OSError:
            return False  # the other end is closed
        self.drawn += part
        self.screen.write(part)
        return bool(part)


class Screen:
    """The rows of a terminal that knows ends of line, going back to a line's begin and the erasing of a line's rest, and wraps at its width."""

    def __init__(self, columns):
        self.columns, self.rows, self._at = columns, [""], 0

    def write(self, text):
        """Take in what is written; what is written over is gone."""
        for part in _PARTS.findall(text):
            if part == "\r":
                self._at = 0
            elif part == "\n":
                self.rows.append("")
                self._at = 0
            elif part == "\x1b[K":
                self.rows[-1] = self.rows[-1][: self._at]
            elif not part.startswith("\x1b"):
                for letter in part:
                    self._put(letter)

    def _put(self, letter):
        if self._at >= self.columns:
            self.rows.append("")
            self._at = 0
        row = self.rows[-1].ljust(self._at)
        self.rows[-1] = row[: self._at] + letter + row[self._at + 1 :]
        self._at += 1
