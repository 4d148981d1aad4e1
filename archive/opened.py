"""An archive opened: its store, its log and the catalog folded from it, checked against what this machine knows."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from archive.catalog.aside import companions
from archive.catalog.catalog import NO_END, Catalog
from archive.catalog.cells import CatalogDamaged
from archive.catalog.file import renewed
from archive.catalog.snapshots import SnapshotJudge, snapshots_there
from archive.catalog.starting import Started, stands, started
from archive.errors import ConfigurationError, IntegrityError, NoArchive
from archive.facts.names import LOG_PREFIX
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import ARCHIVE_KEY, Commit, Log, check_store_clock
from archive.parallel.cluster import own_folder
from archive.seen.judging import Lag, check, check_writable, recall
from archive.seen.memory import HeadMemory
from archive.stores.opening import date_of, open_store, place_of
from archive.stores.probe import probe
from archive.stores.store import Store
from archive.stores.vacant import check_vacant, is_ours
from archive.texts.amounts import amount


class FoldProgress(Protocol):
    """Shown while a catalog is folded."""

    def __call__(self, commit: Commit, /) -> None:
        """Tell of a commit that was folded."""

    def expect(self, number: int) -> None:
        """Tell how many are expected, as far as this machine knows; 0 where it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The parts of one archive; `catalog` is followed up to the log's head at opening."""

    store: Store
    log: Log
    catalog: Catalog
    ahead: timedelta | None = None
    """How far this machine's clock was ahead of the store's when it was opened for writing, where that is odd."""
    own: bool = False
    """Whether what others captured is left out of the catalog, and of what is read from the log."""
    unproven: bool = False
    """Whether the catalog began as a snapshot that nobody vouches for."""
    lag: Lag | None = None
    """By what it lags, where it is a copy that ends earlier than this machine saw the archive reach."""
    create: Callable[[], None] | None = None
    """Makes the archive, which is not there yet: called before anything is written to it."""

    def last(self) -> Commit:
        """Return the log's last commit. Raises NoArchive where there is none yet."""
        commit = self.log.read(self.catalog.head().seq)
        if commit is None:
            raise NoArchive(f"no commit yet in {self.store.uri}; the first crawl makes one")
        return commit

    def close(self) -> None:
        """Close the catalog."""
        self.catalog.close()


def open_archive(
    uri: str,
    catalog_path: str | Path,
    *,
    vocabulary_of: Callable[[str], Vocabulary],
    progress: FoldProgress | None = None,
    judge: SnapshotJudge | None = None,
    until: int = NO_END,
) -> Archive:
    """Open an archive for reading and fold what its log holds past the catalog; `progress` is told of each commit.

    Nothing behind the commit `until` is folded. An empty catalog begins as a snapshot, where there is one that `judge`
    does not call bad; without it none is taken.
    `vocabulary_of` gives the words of the edition that archive.json names. Raises NoArchive (10) where there is none,
    IntegrityError (9) where one was known here and is gone or changed, ConfigurationError (4) for a newer format, and
    what `vocabulary_of` does.
    """
    log = Log(open_store(uri))
    # What is written once says the same to all who ask while the archive is opened.
    with log.reading_once():
        edition, lag = _edition(log, catalog_path)
        vocabulary = vocabulary_of(edition or log.edition())

        def make() -> Catalog:
            catalog = Catalog(catalog_path, place_of(log.store), vocabulary)
            catalog.until = until
            return catalog

        return _opened(log, make, judge, progress, lag)


def _opened(
    log: Log, make: Callable[[], Catalog], judge: SnapshotJudge | None, progress: FoldProgress | None, lag: Lag | None
) -> Archive:  # fmt: skip
    begun = _started(log, make(), judge)
    try:
        opened = replace(_followed(log, begun.catalog, progress, lag), unproven=begun.unproven)
        if stands(log, begun):
            return opened
        opened.close()
    except IntegrityError as error:
        if not begun.unproven:
            raise
        # Rows that nobody vouches for may be what nothing can be folded upon: the log alone says.
        log.ignored[begun.catalog.path.name], judge = str(error), None
    renewed(begun.catalog.path, begun.catalog.memory)
    return _opened(log, make, judge, progress, lag)


def open_for_writing(  # noqa: PLR0913 - each is said by its name
    uri: str, catalog_path: str | Path, *, vocabulary: Vocabulary, version: str, now: datetime,
    apart: timedelta = timedelta(), progress: FoldProgress | None = None,
) -> Archive:  # fmt: skip
    """Open an archive of an edition for writing; the first time creates it, after the store was probed.

    `apart` is how far `now` may be from the clock of a bucket, beyond five minutes; `progress` is told of each commit
    that is folded. Raises ConfigurationError (4) where it is further, the archive is another edition's, or others'
    files lie in the place of a new one, UnsafeStore (13) where create-if-absent can't be relied on, and as
    `open_archive` does.
    """
    archive = open_to_fill(
        uri, catalog_path, vocabulary=vocabulary, version=version, now=now, apart=apart, progress=progress
    )
    try:
        if archive.create:
            archive.create()
    except BaseException:
        archive.close()
        raise
    return replace(archive, create=None)


def open_to_fill(  # noqa: PLR0913 - as above
    uri: str, catalog_path: str | Path, *, vocabulary: Vocabulary, version: str, now: datetime,
    apart: timedelta = timedelta(), progress: FoldProgress | None = None,
) -> Archive:  # fmt: skip
    """Open an archive as `open_for_writing` does, and leave one that is not there yet to whoever calls its `create`."""
    log = Log(open_store(uri), announce=HeadMemory(catalog_path).note_own)
    held, lag = _edition(log, catalog_path)
    check_writable(lag)
    check_edition(log, held or vocabulary.edition, vocabulary.edition)
    if held is None:
        check_vacant(log.store, companions(catalog_path))
    ahead = check_store_clock(date_of(log.store), now, apart=apart)
    catalog = Catalog(catalog_path, place_of(log.store), vocabulary)

    def check_safe() -> None:
        catalog.check_writable()
        if not catalog.probed(now):
            probe(log.store)
            catalog.remember_probe(now)

    def create() -> None:
        check_safe()
        log.create(edition=vocabulary.edition, version=version)
        # Another process may have been quicker, and of another edition.
        check_edition(log, log.edition(), vocabulary.edition)
        catalog.follow(log)

    if held is None:
        return Archive(store=log.store, log=log, catalog=catalog, create=create, ahead=ahead)
    try:
        check_safe()
    except BaseException:
        catalog.close()
        raise
    return replace(_followed(log, catalog, progress), ahead=ahead)


def passed_over(log: Log) -> Iterator[str]:
    """Yield a line for each derived object that was met and not believed, or could not be read; each once."""
    while log.ignored:
        key, why = log.ignored.popitem()
        yield f"{key} was passed over: {' '.join(why.split())}; nothing depends on it, scrapy gc removes what is wrong"


def check_edition(log: Log, held: str, edition: str) -> None:
    """Raise ConfigurationError where the archive's edition is not the one that is to be written."""
    if held != edition:
        raise ConfigurationError(
            f"{log.store.uri} holds the edition {held}, and what is to be written is of {edition}; set EDITION={held}, "
            "or give the other edition an ARCHIVE_URI and a CATALOG_PATH of its own"
        )


def begin_writing(
    uri: str, catalog_path: str | Path, *, vocabulary: Vocabulary, judge: SnapshotJudge | None
) -> Iterator[str]:  # fmt: skip
    """Let a writer's catalog that is empty, or not there, begin as a snapshot that `judge` calls signed.

    Call it before the archive is opened for writing. Yields a line for each that was passed over. Where there is none
    nothing is made.
    """
    log = Log(open_store(uri))
    if judge is None or not (Path(catalog_path).exists() or snapshots_there(log.store)):
        return
    stood = False
    while not stood:
        catalog = Catalog(catalog_path, place_of(log.store), vocabulary)
        try:
            begun = started(log, catalog, judge, reads=False)
            if begun.taken:
                catalog.follow(log)
            stood = stands(log, begun)
        finally:
            catalog.close()
        if not stood:
            renewed(catalog.path, catalog.memory)
    yield from passed_over(log)


def _started(log: Log, catalog: Catalog, judge: SnapshotJudge | None) -> Started:
    try:
        return started(log, catalog, judge, reads=True)
    except BaseException:
        catalog.close()
        raise


def _followed(log: Log, catalog: Catalog, progress: FoldProgress | None = None, lag: Lag | None = None) -> Archive:
    try:
        _follow(log, catalog, progress)
    except BaseException:
        catalog.close()
        raise
    return Archive(store=log.store, log=log, catalog=catalog, lag=lag)


def _follow(log: Log, catalog: Catalog, progress: FoldProgress | None) -> None:
    def follow() -> None:
        if progress is not None:
            progress.expect(_left(log, catalog))
        catalog.follow(log, progress)

    try:
        follow()
    except (CatalogDamaged, sqlite3.DatabaseError) as error:
        if not catalog.renew(error):
            raise
        follow()


def _left(log: Log, catalog: Catalog) -> int:
    place = place_of(log.store)
    known = catalog.memory.ends(place).places.get(place)
    return max(0, known.head.seq - catalog.head().seq) if known else 0


def _edition(log: Log, catalog_path: str | Path) -> tuple[str | None, Lag | None]:
    """Return the edition that archive.json names, and the lag, before the catalog is touched.

    Without archive.json there must be no log, neither there nor in the memory.
    """
    memory = HeadMemory(catalog_path)
    seen = recall(log, memory)
    try:
        edition = log.edition()
    except NoArchive as error:
        if seen.here.seq or any(is_ours(entry.key) for entry in log.store.list(LOG_PREFIX)):
            known = f"where this machine saw {amount(seen.here.seq, 'commit')}"
            known = known if seen.here.seq else f"though {LOG_PREFIX} holds commits"
            raise IntegrityError(
                f"{ARCHIVE_KEY} is missing from {log.store.uri}, {known}; restore it from another copy; "
                f"{memory.start_anew}, and empty the place"
            ) from error
        return None, None
    return edition, check(log, seen)


_folding = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """Which archive workers open, and as of which commit; it is sent to them."""

    uri: str
    """As it means the same on each machine."""
    head: int
    vocabulary: Vocabulary
    judging: Callable[[], SnapshotJudge]
    """Makes what judges the snapshot that a worker begins with; it can be pickled, as what it makes need not be."""

    def open(self) -> Archive:
        """Return the archive as of that commit; each thread opens its own. The catalog goes with the worker.

        Raises ConfigurationError where this machine sees no such commit, and as `open_archive` does.
        """
        name = sha256(f"{self.uri}\n{self.vocabulary.edition}\n{self.head}".encode()).hexdigest()[:16]
        path = own_folder() / f"archive-{name}" / "catalog.sqlite"
        with _folding:
            path.parent.mkdir(parents=True, exist_ok=True)
            archive = open_archive(
                self.uri, path, vocabulary_of=lambda _: self.vocabulary, judge=self.judging(), until=self.head
            )
        if (head := archive.catalog.head().seq) < self.head:
            archive.close()
            raise ConfigurationError(
                f"a worker reads {self.uri} up to commit {head} alone, and commit {self.head} is wanted: give an "
                "address that means the same archive on each machine"
            )
        return archive
