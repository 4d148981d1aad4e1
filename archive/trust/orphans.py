"""Segments that no commit names: left by a writer that died between its puts and its commit; and what is no segment."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from archive.errors import IntegrityError
from archive.facts.names import FACTS, LOG_PREFIX, commit_key
from archive.log.chain import Log
from archive.log.distant import commits_after
from archive.log.shares import over, spared
from archive.stores.store import Entry, Store, is_key

OLD = timedelta(days=1)
_IN_LOG = re.compile(rf"{LOG_PREFIX}(?!0{{12}})[0-9]{{12}}\.(?:json|sig|tsr)")


def strangers(store: Store) -> Iterator[str]:
    """Yield the names below `captures/`, `records/`, `checks/` and `log/` that no program of ours gives, sorted."""
    for folder in sorted((*FACTS, LOG_PREFIX)):
        fits = _IN_LOG.fullmatch if folder == LOG_PREFIX else is_key
        yield from sorted(name for name in store.names(folder) if not fits(name))


def orphans(log: Log, named: set[str] | None = None) -> Iterator[Entry]:
    """Yield stored segments that no commit names, by key. `named` saves reading the log again where it is known.

    The listing is taken before the log is read: a segment that is committed meanwhile is then never called an orphan.
    """
    stored = [entry for folder in FACTS for entry in log.store.list(folder)]
    known = named if named is not None else _named(log)
    return (entry for entry in stored if entry.key not in known)


def _named(log: Log) -> set[str]:
    commits = list(commits_after(log))
    last = commit_key(len(commits))
    # A signature or time-stamp without its commit tells as well that the end of the log was cut off.
    there = [e.key for e in log.store.list(LOG_PREFIX) if _IN_LOG.fullmatch(e.key)]
    beyond = [key for key in there if key.partition(".")[0] > last.partition(".")[0]]
    if beyond:
        raise IntegrityError(f"the log breaks off behind {last}, though {beyond[0]} is there; run: scrapy verify")
    return {segment.key for commit in commits for segment in commit.segments}


def age_from(store: Store, here: datetime) -> datetime:
    """Return the present from which ages in a store are taken: the store's own, or `here` where it tells none."""
    return store.now() or here


def remove_old(log: Log, now: datetime, *, dry_run: bool) -> list[Entry]:
    """Remove orphans older than a day at `now` (`age_from`), with `dry_run` only name them; return them.

    Younger ones may be a crawl's that is about to commit; what shares wrote waits thirty days for its commit. Raises
    IntegrityError for a broken log: nothing is removed then, since what it names is not known.
    """
    log.description()
    waiting = spared(log.store, now)
    old = [entry for entry in orphans(log) if entry.modified < now - OLD and entry.key not in waiting]
    if not dry_run:
        for entry in old:
            log.store.delete(entry.key)
    return old


def remove_shares(log: Log, now: datetime, *, dry_run: bool) -> list[str]:
    """Remove what shares told thirty days ago, committed or not, with `dry_run` only name it; return the keys."""
    old = over(log.store, now)
    for key in () if dry_run else old:
        log.store.delete(key)
    return old
