"""What lies beside a commit and vouches for it: a signature, a time-stamp. Told, not judged: `verify` does that."""

from dataclasses import dataclass
from datetime import datetime

from archive.catalog.articles import Db
from archive.errors import ArchiveError
from archive.log.chain import Log
from archive.trust.guarding import is_signed
from archive.trust.timestamps import claimed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Who vouches for a commit, by what lies in the store."""

    signed: bool
    """Whether a signature by any key is good over it."""
    stamped: int | None = None
    """The commit, it or its crawl's last one, beside which a time-stamp lies: what it holds covers those before."""
    stamped_at: datetime | None = None
    """The time (aware UTC) that the authority says; None where it can't be read."""


def vouched(log: Log, db: Db, seq: int) -> Vouched | None:
    """Return who vouches for a commit, or None where the store does not say."""
    last = db.execute(
        "SELECT max(seq) FROM commits WHERE crawl = (SELECT crawl FROM commits WHERE seq = ?)", (seq,)
    ).fetchone()[0]
    try:
        commit = log.read(seq)
        if commit is None:
            return None
        stamps = [(each, claimed_at(log.store, each)) for each in dict.fromkeys((seq, last or seq))]
        signed = is_signed(log, commit, None)
    except ArchiveError:
        return None
    there = next(((each, at) for each, at in stamps if at is not None), None)
    if there is None:
        return Vouched(signed=signed)
    return Vouched(signed=signed, stamped=there[0], stamped_at=there[1] or None)
