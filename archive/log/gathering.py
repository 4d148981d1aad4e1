"""Writing bundles and packs, create-if-absent: by whoever passes the 256th commit, or later by `scrapy pack`.

They are derived: a log without them says the same, and nothing is lost where they could not be written.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from archive.errors import ArchiveError, IntegrityError, KeyMissing
from archive.facts.names import commit_key
from archive.log.ahead import in_order
from archive.log.bundles import MOST_BYTES, PREFIX, SIZE, bundle_key, encode_bundle, names_there
from archive.log.chain import EMPTY, Commit, Log
from archive.log.distant import commits_after
from archive.log.packs import MOST_BYTES as MOST_PACK
from archive.log.packs import PACKED, decode_pack, encode_pack, pack_key, packed
from archive.log.packs import PREFIX as PACKS
from archive.log.segments import read_segment
from archive.stores.putting import put_once
from archive.stores.store import Store

_log = logging.getLogger(__name__)


class Gathered(NamedTuple):
    """What became of the bundle and packs of 256 commits."""

    last: int
    """Number of the last of them."""
    written: list[str]
    wrong: dict[str, str]
    """Keys under which something else lies, and what is the matter with it."""


def derived_keys(number: int) -> list[str]:
    """Return the keys of a bundle and of its packs."""
    return [bundle_key(number), *(pack_key((number + 1) * SIZE, kind) for kind in PACKED)]


def gathered_there(store: Store) -> set[str]:
    """List the bundles and packs that are there."""
    return names_there(store, PREFIX) | names_there(store, PACKS)


def gather_after(log: Log, first: int, there: set[str]) -> Iterator[Gathered]:
    """Write the bundles from that number on and their packs, but those that are there, up to the last whole one.

    Yields what became of each. Raises IntegrityError for a log that is broken, and what the store raises.
    """
    before = log.read(first * SIZE) if first else None
    if first and before is None:
        raise IntegrityError(f"{commit_key(first * SIZE)} is missing from {log.store.uri}; run: scrapy verify")
    held = list[Commit]()
    for commit in commits_after(log, before.head if before else EMPTY):
        held.append(commit)
        if len(held) == SIZE:
            yield gather(log, held, there)
            held = []


def gather(log: Log, commits: Sequence[Commit], there: Collection[str] = ()) -> Gathered:
    """Write the bundle of 256 commits and its packs, but those that are there. Raises what the store raises."""
    done = Gathered(commits[-1].seq, [], {})
    for key, data in _made(log, commits, there):
        if put_once(log.store, key, data):
            done.written.append(key)
        elif why := wrong(log.store, key, commits):
            done.wrong[key] = why
    return done


def _made(log: Log, commits: Sequence[Commit], there: Collection[str]) -> Iterator[tuple[str, bytes]]:
    bundle, key = encode_bundle(commits), bundle_key(commits[-1].seq // SIZE - 1)
    if bundle is not None and key not in there:
        yield key, bundle
    for kind in PACKED:
        key, segments = pack_key(commits[-1].seq, kind), packed(commits, kind)
        if segments and key not in there:
            yield key, encode_pack([*in_order(partial(read_segment, log.store), segments)])


def wrong(store: Store, key: str, commits: Sequence[Commit]) -> str:
    """Return what is wrong with the bundle or pack of 256 commits under a key; empty where nothing is."""
    try:
        if key.startswith(PREFIX):
            return "" if store.get(key, MOST_BYTES) == encode_bundle(commits) else "its bytes are not those of the log"
        for kind in PACKED:
            if key == pack_key(commits[-1].seq, kind):
                decode_pack(store.get(key, MOST_PACK), packed(commits, kind))
    except KeyMissing:
        return ""
    except ArchiveError as error:
        return str(error)
    return ""


def gather_passed(log: Log, before: int, after: int) -> None:
    """Write what is missing of the bundle that a commit ended, and of the one before it, whose writer may have died.

    A crawl does not end for it: what can't be written is noted in the program's log.
    """
    ended = after // SIZE
    if before // SIZE == ended:
        return
    try:
        there, first = gathered_there(log.store), max(0, ended - 2)
        if there.issuperset(derived_keys(first)):
            first += 1
        for done in islice(gather_after(log, first, there), ended - first):
            for key, why in done.wrong.items():
                _log.warning("%s is not what belongs there (%s); scrapy gc removes it, scrapy pack writes it", key, why)
    except ArchiveError as error:
        _log.warning("commits up to %d are in no bundle (%s); scrapy pack writes it", ended * SIZE, error)
