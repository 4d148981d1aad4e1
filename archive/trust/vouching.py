"""Whose word a repair takes for a commit: what this machine saw, a published head, or a signature by a key that counts.

A commit that is vouched for vouches for the one before it, whose digest it holds, and so for all before. What merely
stands in the log, or in the other copy, vouches for nothing: whoever could write there could have put it there.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from archive.errors import IntegrityError, KeyMissing
from archive.facts.names import LOG_PREFIX, commit_key
from archive.log.chain import Commit, Log, beside, read_commit
from archive.trust.signing import wrong_signature
from archive.trust.verify import Trust


class Voucher(NamedTuple):
    """What the digest of a commit must be, and who says so."""

    digest: str
    by: str
    signed: bool = False
    """Whether a signature alone says so: whoever has the key may have signed two histories."""


def commit_in(log: Log, seq: int) -> Commit | None:
    """Return a commit that is in good form by itself, else None."""
    try:
        return read_commit(log.store.get(commit_key(seq)), seq)
    except (KeyMissing, IntegrityError):
        return None


def vouchers(log: Log, other: Log, trust: Trust) -> dict[int, Voucher]:
    """Return by number what is vouched for, of a log and of another copy of it."""
    numbers = sorted(
        {*_numbers(log), *_numbers(other), *trust.seen.digests, trust.seen.highest.seq} - {0}, reverse=True
    )
    found: dict[int, Voucher] = {}
    before: dict[int, str | None] = {}
    for seq in numbers:
        known = [commit for copy in (log, other) if (commit := commit_in(copy, seq))]
        said = [voucher for voucher in (next(_direct(log, other, trust, seq, known), None), found.get(seq)) if voucher]
        if voucher := min(said, key=lambda voucher: voucher.signed, default=None):
            found[seq] = voucher
            good = next((commit for commit in known if commit.digest == voucher.digest), None)
            if good is not None and good.previous and seq > 1:
                found.setdefault(seq - 1, Voucher(good.previous, _behind(voucher, seq), voucher.signed))
                before[seq] = good.previous
    return _of_one_history(found, before)


def _of_one_history(found: Mapping[int, Voucher], before: Mapping[int, str | None]) -> dict[int, Voucher]:
    """Return the vouchers without those of signed commits that follow on another history than the one vouched for.

    `before` has by number the digest that a commit holds of the one before it.
    """
    kept: dict[int, Voucher] = {}
    left = set[str]()
    for seq, voucher in sorted(found.items()):
        wanted, last = before.get(seq), kept.get(seq - 1)
        if voucher.signed and wanted and (wanted in left or (last and last.digest != wanted)):
            left.add(voucher.digest)
        else:
            kept[seq] = voucher
    return kept


def _behind(voucher: Voucher, seq: int) -> str:
    return voucher.by if ", which holds" in voucher.by else f"{voucher.by}, which holds all before commit {seq}"


def _direct(log: Log, other: Log, trust: Trust, seq: int, known: list[Commit]) -> Iterator[Voucher]:
    if digest := trust.seen.digest(seq):
        yield Voucher(digest, f"what this machine saw as commit {seq}")
    for commit in known:
        if commit.digest == trust.published:
            yield Voucher(commit.digest, f"the published head, commit {seq}")
    for commit in known if trust.keys else ():
        for copy in (log, other):
            if _is_signed(copy, commit, trust):
                yield Voucher(commit.digest, f"the signature of commit {seq}", signed=True)


def _is_signed(copy: Log, commit: Commit, trust: Trust) -> bool:
    try:
        data = copy.store.get(beside(commit.seq, "sig"))
    except (KeyMissing, IntegrityError):
        return False
    return not wrong_signature(commit, data, trust.keys)


def _numbers(log: Log) -> Iterator[int]:
    for entry in log.store.list(LOG_PREFIX):
        name, _, ending = entry.key.removeprefix(LOG_PREFIX).partition(".")
        if ending == "json" and len(name) == 12 and name.isdecimal():
            yield int(name)
