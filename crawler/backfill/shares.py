"""A backfill done in pieces, a file each, by whoever and wherever: what a file holds is stored, and named later.

A piece is read beside the archive, as of what its log held then (`ForkedStore`). Its segments have names of their own
each time that it is done; what counts is what is told of it, once, under its place.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from archive.catalog.catalog import Catalog
from archive.committing import Committer
from archive.errors import IntegrityError, KeyMissing, UsageError
from archive.facts.names import BACKFILL, crawl_id
from archive.log.batch import Limits
from archive.log.chain import Log, Segment
from archive.log.shares import ShareRun, ShareWords, encoded, places_done
from archive.opened import Archive, Away
from archive.parallel.cluster import Cluster
from archive.stores.forked import ForkedStore
from archive.stores.putting import put_once
from archive.stores.temporary import temporary_folder
from archive.trust.snapshots import judge
from crawler.backfill.bounds import Bounds
from crawler.backfill.files import Backfill, report_of
from crawler.backfill.intake import Intake
from crawler.backfill.sources import opened
from crawler.crawl.brake import BackfillBrake
from crawler.crawl.clock import Clock
from crawler.crawl.program import PROGRAM
from crawler.editions.edition import Edition
from crawler.pages import REVISION
from crawler.reread.stored import recorder, rereader
from settings.base import VERSION

_LARGEST = 2**26


class NamedLater(msgspec.Struct, frozen=True, kw_only=True):
    """What one commit of a piece would have named, and said."""

    segments: tuple[Segment, ...]
    summary: Mapping[str, Any]


class FilePiece(msgspec.Struct, frozen=True, kw_only=True):
    """What one file came to."""

    plan: str
    """The digest of the plan's bytes."""
    read: str
    """The file, as the plan names it."""
    commits: tuple[NamedLater, ...]
    report: Mapping[str, Any]
    """As `scrapy backfill --json` tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTask:
    """What whoever takes in a file must know; it is sent to them."""

    edition: Edition
    bases: tuple[str, ...]
    operator: str
    limits: Limits
    brake_share: float
    brake_minimum: int

    def intake(self, archive: Archive, committer: Committer, folder: Path) -> Intake:
        """Return what takes captures into an archive."""
        return Intake(
            committer=committer, bounds=Bounds(edition=self.edition, bases=self.bases), folder=lambda: folder,
            limits=self.limits, recorder=recorder(self.edition), reread=rereader(archive.store, self.edition),
            brake=self.brake(), alone=True,
        )  # fmt: skip

    def brake(self) -> BackfillBrake:
        """Return a new brake."""
        return BackfillBrake(share=self.brake_share, minimum=self.brake_minimum)


def words_of(archive: Archive, task: FileTask, files: Sequence[str]) -> ShareWords:
    """Return what a run is asked for: the files by their names without folders, which may lie elsewhere on others."""
    return ShareWords(
        archive=archive.log.identity(), command="backfill", edition=task.edition.name, revision=REVISION,
        version=VERSION, since=" ".join((task.operator, *task.bases)).strip(),
        ids=tuple(map(_name, files)),
    )  # fmt: skip


def check_files(files: Sequence[str], share: tuple[int, int] | None) -> None:
    """Raise UsageError for files that shares could not tell apart, and for one of this share that is not there."""
    names = Counter(map(_name, files))
    if twice := next((name for name, count in names.items() if count > 1), None):
        raise UsageError(f"two files are called {twice}: of many machines each knows them by their names; rename one")
    # Before a plan names them, which would then wait for them.
    for _, file in files_of(files, *share) if share else ():
        with opened(file):
            pass


def _name(file: str) -> str:
    return file.rstrip("/").rpartition("/")[2]


def files_of(files: Sequence[str], number: int, of: int) -> list[tuple[int, str]]:
    """Return the files of one share, each behind its place from 1 on: every T-th, since neighbours are alike."""
    return [*enumerate(files, 1)][number - 1 :: of]


def left_of(archive: Archive, run: ShareRun, files: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return those of these files that nobody took in yet."""
    before = places_done(archive.store, run)
    return [file for file in files if file[0] not in before]


def take_in(archive: Archive, task: FileTask, run: ShareRun, file: tuple[int, str]) -> FilePiece:
    """Take in one file beside the archive, tell what it came to, and return that; what was told before stands.

    Raises as `Backfill.file` does, and what the store raises.
    """
    place, path = file
    with _forked(archive) as fork, temporary_folder("share") as folder:
        clock = Clock()
        crawl = BACKFILL + crawl_id(clock())
        committer = Committer(archive=fork, crawl=crawl, program=PROGRAM, clock=clock)
        backfill = Backfill(intake=task.intake(fork, committer, Path(folder)), operator=task.operator)
        backfill.run([path], ())
        told = FilePiece(
            plan=run.digest, read=run.plan.words.ids[place - 1], report=report_of(backfill),
            commits=tuple(NamedLater(segments=one.segments, summary=one.summary) for one in committer.commits),
        )  # fmt: skip
    put_once(archive.store, run.key(place), encoded(told))
    # Somebody else may have been quicker: then his segments are named, and these are orphans.
    piece = read_file_piece(archive, run, place)
    if piece is None:
        raise IntegrityError(f"{run.key(place)} comes and goes; run the share again")
    return piece


@contextmanager
def _forked(archive: Archive) -> Iterator[Archive]:
    """Give the archive as it is now, what is appended to it kept apart until the block ends."""
    catalog = archive.catalog
    store = ForkedStore(archive.store, catalog.head().seq)
    with temporary_folder("fork") as folder:
        path = Path(folder) / "catalog.sqlite"
        with closing(sqlite3.connect(path)) as copy:
            catalog.db.backup(copy)
        with closing(Catalog(path, catalog.place, catalog.vocabulary)) as own:
            yield replace(archive, store=store, log=Log(store), catalog=own, create=None)


def read_file_piece(archive: Archive, run: ShareRun, place: int) -> FilePiece | None:
    """Return what a file came to, None where it is not taken in yet. Raises IntegrityError for what is none of it."""
    key, name = run.key(place), run.plan.words.ids[place - 1]
    try:
        piece = msgspec.json.decode(archive.store.get(key, _LARGEST), type=FilePiece)
    except KeyMissing:
        return None
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise IntegrityError(f"{key} is no share of ours: {error}; remove it, and run its share again") from error
    if piece.plan != run.digest or piece.read != name:
        raise IntegrityError(f"{key} is of another run or file; remove it, and run its share again")
    return piece


def taking_far(
    cluster: Cluster, away: Away, task: FileTask, run: ShareRun, files: Sequence[tuple[int, str]]
) -> Iterator[FilePiece]:
    """Take in files on the workers of a cluster, and yield what each came to."""
    yield from cluster.unordered(partial(_far, away, task, run), files, name=lambda file: file[1])


def _far(away: Away, task: FileTask, run: ShareRun, file: tuple[int, str]) -> FilePiece:
    with closing(away.open()) as archive:
        return take_in(archive, task, run, file)


def away_of(uri: str, run: ShareRun, edition: Edition, keys: tuple[str, ...]) -> Away:
    """Return how workers open the archive: as of the run's head."""
    return Away(
        uri=uri, head=run.plan.head, vocabulary=edition.vocabulary, judging=partial(judge, keys, required=True)
    )  # fmt: skip
