"""A slot: one job at one scheduled instant; claimed in the store so that one process runs it, then run as a child.

A claim is `claims/<job>/20261124t120000z.json`, created if absent before the crawl starts. It is no lock: nobody waits
for it and nobody breaks it. When a claimant dies, that slot is lost and the next one runs as usual.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.errors import KeyMissing, SlotTaken, StorageError
from archive.facts.canonical import canonical, parse
from archive.facts.names import compact, stamp
from archive.stores.putting import put_once
from archive.stores.store import Store

GRACE_SECONDS = 30.0
"""How long a crawl may take to commit and end after it was asked to stop; then it is killed."""
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """Who runs a slot."""

    started: datetime
    """Aware UTC, when the slot was asked for."""
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    """Random: two containers may share host name and process id, and equal bytes would count as one claimant."""

    def data(self) -> bytes:
        """Return the claim's canonical bytes."""
        return canonical(
            {"host": self.host, "pid": self.pid, "started": stamp(self.started), "token": self.token},
        )


def claim_key(job: str, slot: datetime) -> str:
    """Return the key of a slot's claim."""
    return f"claims/{job}/{compact(slot)}.json"


def claim(store: Store, job: str, slot: datetime, who: Claimant) -> bool:
    """Claim a slot; return whether it is ours. A lost answer is settled by reading the claim back.

    Raises StorageError where the store can't be asked.
    """
    return put_once(store, claim_key(job, slot), who.data())


def holder(store: Store, job: str, slot: datetime) -> str:
    """Return who holds a slot, in words; a claim that can't be read is said to be just that."""
    try:
        raw: dict[str, Any] = parse(store.get(claim_key(job, slot)))
        return f"process {raw['pid']} on {raw['host']} at {raw['started']}"
    except KeyMissing:
        return "nobody: its claim is gone"
    except (StorageError, ValueError, KeyError, TypeError) as error:
        return f"an unreadable claim ({error})"


class Stop:
    """The wish to stop: kept from the first signal on, and each signal is passed to the crawl that runs as SIGTERM.

    Scrapy ends in good order at the first one and at once at the second, so a second signal here forces it too.
    """

    def __init__(self, grace: float = GRACE_SECONDS) -> None:
        self.signal: int | None = None
        self.grace = grace
        self._wish = asyncio.Event()
        self._child: asyncio.subprocess.Process | None = None

    def __call__(self, number: int) -> None:
        """Take a signal; the first decides the exit code."""
        self.signal = self.signal or number
        self._wish.set()
        self._forward()

    def listen(self) -> None:
        """Take SIGTERM and SIGINT in the running loop of the main thread."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self, number)

    async def wished(self) -> None:
        """Return once somebody wants to stop."""
        await self._wish.wait()

    async def watch(self, child: asyncio.subprocess.Process) -> int:
        """Wait for a child, through the wish to stop; return its exit code, 128 + number where a signal ended it."""
        self._child = child
        if self.signal:
            self._forward()
        ended, wish = asyncio.ensure_future(child.wait()), asyncio.ensure_future(self.wished())
        try:
            await asyncio.wait({ended, wish}, return_when=asyncio.FIRST_COMPLETED)
            done, _ = await asyncio.wait({ended}, timeout=self.grace)
            if not done:
                child.kill()
            code = await ended
        finally:
            wish.cancel()
            self._child = None
        return 128 - code if code < 0 else code

    def _forward(self) -> None:
        if self._child and self._child.returncode is None:
            # It may have ended in this very moment; then there is nothing to stop.
            with contextlib.suppress(ProcessLookupError):
                self._child.send_signal(signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One run of one job."""

    job: str
    at: datetime
    """The scheduled instant, aware UTC, the same on every machine; not the moment it is run at."""

    def __str__(self) -> str:
        return f"{self.job}@{compact(self.at)}"


async def run_slot(store: Store, slot: Slot, *, command: Sequence[str], who: Claimant, stop: Stop) -> int:
    """Claim a slot, then run `command` as a process of its own to its end; return its exit code.

    `command` is the crawl's, whole; tests give another one. It gets this process's environment, working directory and
    output. Raises SlotTaken where another process has the slot, StorageError where the store can't be asked.
    """
    if not await asyncio.to_thread(claim, store, slot.job, slot.at, who):
        by = await asyncio.to_thread(holder, store, slot.job, slot.at)
        raise SlotTaken(f"slot {slot} already taken by {by}")
    # A process group of its own: Ctrl-C reaches the whole group of a terminal, and two signals would force the crawl.
    child = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, env=_environment(), process_group=0
    )
    return await stop.watch(child)


def _environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}
