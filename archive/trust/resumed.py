"""The readings of commits, gone on with where a verification was stopped: what it found whole is not read again."""

from array import array
from collections.abc import Generator, Iterable
from functools import partial

import msgspec

from archive.log.chain import Commit
from archive.parallel.journal import Journal, going_on
from archive.stores.store import Store
from archive.trust.examining import Examination, Pointer, Spread, examinations, examined
from archive.trust.findings import Report


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    """What the reading of a commit came to that found nothing wrong: the counts, and what `Examination` says."""

    segments: int
    captures: int
    records: int
    size: int
    known: bytes
    pointers: list[Pointer]


def resumed(
    store: Store, commits: Iterable[Commit], processes: Spread, journal: Journal | None
) -> Generator[Examination, None, None]:
    """Yield what `examinations` does; of commits that the journal holds, in their order, what was found before."""
    if journal is None:
        return examinations(store, commits, processes)
    return going_on(
        journal, commits, lambda left: examinations(store, left, processes),
        name=lambda commit: commit.digest, load=partial(_loaded, store), dump=_kept,
    )  # fmt: skip


def _kept(found: Examination) -> bytes:
    told = found.report
    if told.faults:
        # It may be mended by the next run.
        return b""
    counts = (told.segments, told.captures, told.records, told.bytes)
    return msgspec.msgpack.encode(_Kept(*counts, found.known.tobytes(), found.pointers))


def _loaded(store: Store, commit: Commit, data: bytes) -> Examination:
    if not data:
        return examined(store, commit)
    kept = msgspec.msgpack.decode(data, type=_Kept)
    report = Report(segments=kept.segments, captures=kept.captures, records=kept.records, bytes=kept.size)
    return Examination(store=store, report=report, known=array("Q", kept.known), pointers=kept.pointers)
