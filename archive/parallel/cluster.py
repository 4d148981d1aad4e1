"""Many machines by a Dask scheduler: a row of work done by whichever worker is free.

`distributed` is imported here alone, and that when a scheduler was named. What workers do they do twice where one dies:
it comes to the same both times.
"""

import asyncio
import contextlib
import logging
import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from archive.errors import ArchiveError, ConfigurationError, UsageError
from archive.parallel.workers import WorkerDied

CONNECT_SECONDS = 5
"""How long a scheduler is waited for."""
ALLOWED_FAILURES = 20
"""Workers that may die of one piece before it is given up: machines that are taken away are no fault of a piece."""
_AHEAD = 4
"""Pieces under way for each thread of the workers."""
_LEAST = 16
_EXTRA = (
    "--dask needs the package distributed: .venv/bin/pip install --require-hashes -r requirements-dev.lock, on this "
    "machine and on each worker"
)

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")
Named = Callable[[_Piece], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A scheduler and its workers. `work`, pieces and results of a row are pickled."""

    client: Any
    program: Callable[[], object]
    """Tells which program this is; each worker is asked for it, and must tell the same."""

    @property
    def idle(self) -> bool:
        """Whether there are no workers yet."""
        return not self._threads()

    def _threads(self) -> int:
        try:
            threads: int = sum(self.client.nthreads().values())
        except OSError as error:
            raise _gone() from error
        return threads

    def unordered(
        self, work: Callable[[_Piece], _Result], pieces: Iterable[_Piece], *, name: Named[_Piece]
    ) -> Iterator[_Result]:
        """Yield what `work` makes of each piece, in the order in which they are done; few are under way at a time.

        Raises what `work` raises, WorkerDied with the piece's `name` where twenty workers died of it, and
        ConfigurationError where a worker lacks the program or has another one, and where the scheduler goes away.
        """
        from distributed import as_completed  # noqa: PLC0415 - see above

        self._allow_failures()
        waiting = iter(pieces)
        under_way: dict[str, _Piece] = {}

        def submitted(count: int) -> list[Any]:
            some = [(self._submit(work, piece), piece) for piece in islice(waiting, count)]
            under_way.update((future.key, piece) for future, piece in some)
            return [future for future, _ in some]

        row = as_completed(submitted(self._window()))  # type: ignore[no-untyped-call]
        for future in row:
            yield _result(future, under_way.pop(future.key), name)
            for more in submitted(1):
                row.add(more)  # type: ignore[no-untyped-call]

    def in_order(
        self, work: Callable[[_Piece], _Result], pieces: Iterable[_Piece], *, name: Named[_Piece]
    ) -> Generator[_Result, None, None]:
        """Yield what `work` makes of each piece, in their order. Raises as `unordered`."""
        self._allow_failures()
        waiting, most = deque[tuple[Any, _Piece]](), self._window()
        for piece in pieces:
            waiting.append((self._submit(work, piece), piece))
            if len(waiting) >= most:
                yield _result(*waiting.popleft(), name)
        while waiting:
            yield _result(*waiting.popleft(), name)

    def _window(self) -> int:
        return max(_LEAST, _AHEAD * self._threads())

    def _submit(self, work: Callable[[_Piece], _Result], piece: _Piece) -> Any:
        # As bytes: the scheduler, which unpickles what it is given, needs no program of ours.
        data = pickle.dumps((_done, (self.program, self.program(), work, piece)))
        return self.client.submit(_by_value(), data, pure=False)

    def _allow_failures(self) -> None:
        def allow(dask_scheduler: Any) -> None:
            dask_scheduler.allowed_failures = max(dask_scheduler.allowed_failures, allowed)

        allowed = ALLOWED_FAILURES
        # A scheduler that takes no functions keeps its own number, three.
        with contextlib.suppress(Exception):
            self.client.run_on_scheduler(allow)


def _by_value() -> Callable[[bytes], Any]:
    # What is no module's own is pickled with its code, so that whoever lacks our modules can say which.
    def run(data: bytes) -> Any:
        import pickle  # noqa: PLC0415 - nothing around it goes along

        call, arguments = pickle.loads(data)  # noqa: S301 - a worker runs whatever its scheduler sends
        return call(*arguments)

    return run


def _done(program: Callable[[], object], wanted: object, work: Callable[[_Piece], _Result], piece: _Piece) -> _Result:
    if (ours := program()) != wanted:
        raise ConfigurationError(
            f"a worker has another program, {ours}, and this one is {wanted}: give all machines the same version"
        )
    return work(piece)


def _result(future: Any, piece: _Piece, name: Named[_Piece]) -> Any:
    from distributed import KilledWorker  # noqa: PLC0415 - see above

    try:
        found = future.result()
    except KilledWorker as error:
        raise WorkerDied(f"{name(piece)}: each worker that read it died; look into the workers' logs") from error
    except ArchiveError:
        raise
    except Exception as error:
        if future.cancelled():
            raise _gone() from error
        raise ConfigurationError(
            f"{name(piece)}: a worker could not read it ({type(error).__name__}: {error}); each needs this program "
            "and its packages (PYTHONPATH), the archive's address and the rights that the command needs there"
        ) from error
    future.release()
    return found


def _gone() -> ConfigurationError:
    return ConfigurationError(
        "the Dask scheduler went away: start it and its workers, and run the command again; what is done by then counts"
    )


@contextlib.contextmanager
def connected(address: str, program: Callable[[], object]) -> Iterator[Cluster]:
    """Give the cluster of a scheduler at an address such as `tcp://host:8786`, with workers of the same program.

    Raises UsageError for an empty address, ConfigurationError where `distributed` is not installed, and where nobody
    answers there within five seconds.
    """
    if not address.strip():
        raise UsageError("--dask is empty: give the address of a scheduler, such as tcp://host:8786")
    try:
        from distributed import Client  # noqa: PLC0415 - only where a scheduler was named
    except ImportError as error:
        raise ConfigurationError(_EXTRA) from error
    # What it tells of its tries is said in one line of ours.
    logging.getLogger("distributed").handlers[:] = [logging.NullHandler()]
    try:
        asyncio.run(asyncio.wait_for(_check_scheduler(address), CONNECT_SECONDS))
        client = Client(address, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except Exception as error:
        raise ConfigurationError(
            f"no Dask scheduler answers at {address} ({type(error).__name__}): start one (dask scheduler), and workers "
            "(dask worker ADDRESS), give its address, or leave out --dask"
        ) from error
    with client:
        yield Cluster(client=client, program=program)


async def _check_scheduler(address: str) -> None:
    # A client waits for ever where somebody listens who says nothing, or is a worker.
    from distributed import Security  # noqa: PLC0415 - see above
    from distributed.comm.core import connect  # noqa: PLC0415

    told = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    comm = await connect(address, timeout=CONNECT_SECONDS, **told)  # type: ignore[no-untyped-call]
    try:
        await comm.write({"op": "identity", "reply": True})
        who = (await comm.read())["type"]
        if who != "Scheduler":
            raise ConfigurationError(f"{address} is a {who}'s")
    finally:
        comm.abort()


def own_folder() -> Path:
    """Return the folder of the worker that this runs on; it is removed when the worker ends."""
    from distributed import get_worker  # noqa: PLC0415 - a worker has it

    return Path(get_worker().local_directory)
