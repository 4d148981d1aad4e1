"""An archive opened: its store, its log and the catalog folded from it, checked against what this machine knows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from archive.catalog.catalog import Catalog
from archive.errors import ConfigurationError, IntegrityError, NoArchive
from archive.facts.names import LOG_PREFIX
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import ARCHIVE_KEY, Commit, Log, check_store_clock
from archive.seen.judging import Lag, check, check_writable, recall
from archive.seen.memory import HeadMemory
from archive.stores.opening import date_of, open_store, place_of
from archive.stores.probe import probe
from archive.stores.store import Store


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
    lag: Lag | None = None
    """By what it lags, where it is a copy that ends earlier than this machine saw the archive reach."""

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
    progress: Callable[[Commit], None] | None = None,
) -> Archive:
    """Open an archive for reading and fold what its log holds past the catalog.

    `vocabulary_of` gives the words of the edition that archive.json names. Raises NoArchive (10) where there is none,
    IntegrityError (9) where one was known here and is gone or changed, ConfigurationError (4) for a newer format, and
    what `vocabulary_of` does.
    """
    log = Log(open_store(uri))
    edition, lag = _edition(log, catalog_path)
    vocabulary = vocabulary_of(edition or log.edition())
    return _followed(log, Catalog(catalog_path, place_of(log.store), vocabulary), progress, lag)


def open_for_writing(
    uri: str, catalog_path: str | Path, *, vocabulary: Vocabulary, version: str, now: datetime,
    apart: timedelta = timedelta(),
) -> Archive:  # fmt: skip
    """Open an archive of an edition for writing; the first time creates it, after the store was probed.

    `apart` is how far `now` may be from the clock of a bucket, beyond five minutes. Raises ConfigurationError (4) where
    it is further or the archive is another edition's, UnsafeStore (13) where create-if-absent can't be relied on, and
    as `open_archive` does.
    """
    log = Log(open_store(uri), announce=HeadMemory(catalog_path).note_own)
    held, lag = _edition(log, catalog_path)
    check_writable(lag)
    _check_edition(log, held or vocabulary.edition, vocabulary.edition)
    ahead = check_store_clock(date_of(log.store), now, apart=apart)
    catalog = Catalog(catalog_path, place_of(log.store), vocabulary)
    try:
        if not catalog.probed(now):
            probe(log.store)
            catalog.remember_probe(now)
        if held is None:
            log.create(edition=vocabulary.edition, version=version)
            # Another process may have been quicker, and of another edition.
            _check_edition(log, log.edition(), vocabulary.edition)
    except BaseException:
        catalog.close()
        raise
    return replace(_followed(log, catalog), ahead=ahead)


def _check_edition(log: Log, held: str, edition: str) -> None:
    if held != edition:
        raise ConfigurationError(
            f"{log.store.uri} holds the edition {held}, and what is to be written is of {edition}; set EDITION={held}, "
            "or give the other edition an ARCHIVE_URI and a CATALOG_PATH of its own"
        )


def _followed(
    log: Log, catalog: Catalog, progress: Callable[[Commit], None] | None = None, lag: Lag | None = None
) -> Archive:
    try:
        catalog.follow(log, progress)
    except BaseException:
        catalog.close()
        raise
    return Archive(store=log.store, log=log, catalog=catalog, lag=lag)


def _edition(log: Log, catalog_path: str | Path) -> tuple[str | None, Lag | None]:
    """Return the edition that archive.json names, and the lag, before the catalog is touched.

    Without archive.json there must be no log, neither there nor in the memory.
    """
    memory = HeadMemory(catalog_path)
    seen = recall(log, memory)
    try:
        edition = log.edition()
    except NoArchive as error:
        if seen.here.seq or next(iter(log.store.list(LOG_PREFIX)), None):
            known = f"where this machine saw {seen.here.seq} commits"
            known = known if seen.here.seq else f"though {LOG_PREFIX} holds commits"
            raise IntegrityError(
                f"{ARCHIVE_KEY} is missing from {log.store.uri}, {known}; restore it from another copy; "
                f"{memory.start_anew}, and empty the place"
            ) from error
        return None, None
    return edition, check(log, seen)
