"""What a writer does about commits that have no signature, before it appends one of its own on top of them.

Its own ones it signs: the memory shows them, in which each digest is noted before it is put into the log. A batch's
name in a commit shows nothing: whoever can write to the store reads it there. Over any other one it stops, since its
signature would hold that one for ever. A young one is given time first: its writer may be about to sign it.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from archive.errors import ConfigurationError, IntegrityError, KeyMissing
from archive.facts.names import LOG_PREFIX, commit_key, stamp
from archive.log.chain import Commit, Head, Log, beside
from archive.seen.memory import HeadMemory, LookedAt
from archive.trust.signing import SigningKey, sign_commit, wrong_signature
from archive.trust.unsigned import binds, is_young

PATIENCE = 30
"""Seconds that a young commit of another writer is given for its signature."""


def is_signed(log: Log, commit: Commit, keys: Iterable[str] | None) -> bool:
    """Tell whether a commit has a good signature by one of the public keys; None: by any key at all."""
    try:
        data = log.store.get(beside(commit.seq, "sig"))
    except (KeyMissing, IntegrityError):
        return False
    return not wrong_signature(commit, data, keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """Which commits of a log have no signature, by a listing."""

    bound: int
    """The signed commit past which each must be signed; 0: there is none."""
    unsigned: tuple[int, ...]

    @property
    def must(self) -> tuple[int, ...]:
        """Those that must be signed."""
        return tuple(seq for seq in self.unsigned if 0 < self.bound <= seq)


def lacking(log: Log, head: Head, keys: Iterable[str] | None, bound: int = 0) -> Lacking:
    """List the signatures up to a head; only that of the commit that bounds is judged, the others `verify` does.

    `bound` is what this machine knows: with all signatures deleted the log would look as if it was never signed.
    """
    there = {entry.key for entry in log.store.list(LOG_PREFIX)}
    numbers = range(1, head.seq + 1)
    signed = [seq for seq in numbers if beside(seq, "sig") in there]
    bound = bound or next((seq for seq in signed if (c := log.read(seq)) and binds(c) and is_signed(log, c, keys)), 0)
    return Lacking(bound=bound, unsigned=tuple(seq for seq in numbers if beside(seq, "sig") not in there))


@dataclass(slots=True, kw_only=True)
class Guard:
    """One writer's watch over the signatures of an archive: `settle` before each commit, `sign` after it."""

    log: Log
    memory: HeadMemory
    head: Callable[[], Head]
    """The last commit that is known to be of the chain."""
    clock: Callable[[], datetime]
    key: SigningKey | None = None
    verify_keys: tuple[str, ...] = ()
    """Public keys that count; none: a signature by anybody counts here, and `verify` judges it."""
    wait: Callable[[float], object] = time.sleep
    _archive: str = ""
    _at: LookedAt | None = field(default=None)

    @property
    def keys(self) -> tuple[str, ...] | None:
        """The public keys that count with our own, None where any does."""
        own = (self.key.public,) if self.key else ()
        return tuple(sorted({*self.verify_keys, *own})) if self.verify_keys else None

    def sign(self, commit: Commit) -> None:
        """Sign a commit, unless a key that counts did. Raises IntegrityError where a bad signature lies there."""
        assert self.key is not None
        try:
            sign_commit(self.log.store, commit, self.key)
        except IntegrityError:
            # Another process of this machine, with the key that follows ours or came before it.
            if not is_signed(self.log, commit, self.keys):
                raise

    def settle(self) -> bool:
        """Sign those of ours that must be; return whether an unsigned commit would be a fault in this archive.

        Raises IntegrityError (9) for one that must be signed and is not ours; without a key ConfigurationError (4)
        where VERIFY_KEY is set, since by that what is about to be written is a fault.
        """
        at, unsigned = self._looked()
        for commit in unsigned if self.key else ():
            if self.memory.is_own(commit.digest):
                self.sign(commit)
            elif not self._comes(commit):
                raise _unvouched(commit)
        if at.bound and self.key is None and self.verify_keys:
            raise ConfigurationError(
                f"{self.log.store.uri} is signed from commit {at.bound} on, and there is no key to sign with: by "
                "VERIFY_KEY what is written now is a fault; set SIGNING_KEY_FILE, or SIGNING_KEY in the environment"
            )
        if at != self._at and (self.key or not unsigned):
            self._at = at
            self.memory.looked(self._archive, at)
        return at.bound > 0

    def begin(self) -> None:
        """Remember that from here on each commit must be signed: all up to the head are.

        Signatures over commits of before 0.2.0 alone don't ask for that, other than on the machine that made them.
        """
        head = self.head()
        if head.seq:
            bound = lacking(self.log, head, self.keys).bound or 1
            self.memory.looked(self.log.identity(), LookedAt(upto=head, bound=bound, keys=self.keys or ()))

    def _looked(self) -> tuple[LookedAt, list[Commit]]:
        """Return how far all is signed once the unsigned commits that come with it are."""
        before = self._before()
        if before is None:
            head = self.head()
            found = lacking(self.log, head, self.keys, self.bound)
            unsigned = [commit for seq in found.must if (commit := self.log.read(seq))]
            return LookedAt(upto=head, bound=found.bound, keys=self.keys or ()), unsigned
        unsigned, bound, upto = [], before.bound, before.upto
        for commit in self.log.after(before.upto):
            upto = commit.head
            if not is_signed(self.log, commit, self.keys):
                unsigned += [commit] if bound else []
            elif binds(commit):
                bound = bound or commit.seq
        return LookedAt(upto=upto, bound=bound, keys=self.keys or ()), unsigned

    @property
    def bound(self) -> int:
        """Past which commit each must be signed, as far as this machine learned before."""
        at = self._remembered()
        return at.bound if at else 0

    def _remembered(self) -> LookedAt | None:
        self._archive = self._archive or self.log.identity()
        known = self.memory.ends().archives.get(self._archive)
        return known.looked if known else None

    def _before(self) -> LookedAt | None:
        if self._at is None:
            at = self._remembered()
            self._at = at if at and at.keys == (self.keys or ()) and at.upto.seq <= self.head().seq else None
        return self._at

    def _comes(self, commit: Commit) -> bool:
        """Wait for the signature of a young commit; tell whether it came."""
        for _ in range(PATIENCE if is_young(commit.committed_at, self.clock()) else 0):
            if is_signed(self.log, commit, self.keys):
                return True
            self.wait(1)
        return is_signed(self.log, commit, self.keys)


def _unvouched(commit: Commit) -> IntegrityError:
    return IntegrityError(
        f"{commit_key(commit.seq)} ({told_of(commit)}) has no signature that counts, and this machine did not make it: "
        f"a signature of ours behind it would vouch for it; look at it with scrapy sign {commit.seq}, which shows and "
        "signs it, or restore the log from another copy (scrapy verify)"
    )


def told_of(commit: Commit) -> str:
    """Return when a commit was made and by what, as it says itself."""
    writer = commit.writer
    return f"{stamp(commit.committed_at)} by {writer.get('name', '?')} {writer.get('version', '?')}, {commit.crawl}"
