"""Many machines by a Dask scheduler: a row of work done by whichever worker is free, results as they come.

`distributed` is imported here alone, and that when a scheduler was named. What workers do they do twice where one dies:
it comes to the same both times.
"""

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator
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


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """Give a client of the scheduler at an address such as `tcp://host:8786`.

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
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except Exception as error:
        raise ConfigurationError(
            f"no Dask scheduler answers at {address} ({type(error).__name__}): start one (dask scheduler), and workers "
            "(dask worker ADDRESS), give its address, or leave out --dask"
        ) from error
    with client:
        yield client


def unordered(
    client: Any, work: Callable[[_Piece], _Result], pieces: Iterable[_Piece], *, name: Callable[[_Piece], str]
) -> Iterator[_Result]:
    """Yield what `work` makes of each piece, in the order in which they are done; few are under way at a time.

    `work`, pieces and results are pickled. Raises what `work` raises, WorkerDied with the piece's `name` where twenty
    workers died of it, and ConfigurationError where a worker lacks the program or the scheduler goes away.
    """
    from distributed import KilledWorker, as_completed  # noqa: PLC0415 - see above

    _allow_failures(client)
    waiting = iter(pieces)
    under_way: dict[str, _Piece] = {}

    def submitted(count: int) -> list[Any]:
        some = [(client.submit(work, piece, pure=False), piece) for piece in islice(waiting, count)]
        under_way.update((future.key, piece) for future, piece in some)
        return [future for future, _ in some]

    first = submitted(max(_LEAST, _AHEAD * sum(client.nthreads().values())))
    row = as_completed(first)  # type: ignore[no-untyped-call]
    for future in row:
        piece = under_way.pop(future.key)
        try:
            found = future.result()
        except KilledWorker as error:
            raise WorkerDied(f"{name(piece)}: each worker that read it died; look into the workers' logs") from error
        except ArchiveError:
            raise
        except Exception as error:
            raise ConfigurationError(
                f"{name(piece)}: a worker could not read it ({type(error).__name__}: {error}); each needs this program "
                "and its packages (PYTHONPATH), the archive's address and the right to write there"
            ) from error
        future.release()
        yield found
        for more in submitted(1):
            row.add(more)  # type: ignore[no-untyped-call]


def _allow_failures(client: Any) -> None:
    def allow(dask_scheduler: Any) -> None:
        dask_scheduler.allowed_failures = max(dask_scheduler.allowed_failures, allowed)

    allowed = ALLOWED_FAILURES
    # A scheduler that takes no functions keeps its own number, three.
    with contextlib.suppress(Exception):
        client.run_on_scheduler(allow)


def own_folder() -> Path:
    """Return the folder of the worker that this runs on; it is removed when the worker ends."""
    from distributed import get_worker  # noqa: PLC0415 - a worker has it

    return Path(get_worker().local_directory)
