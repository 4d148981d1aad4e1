"""What takes many articles to know: found at a crawl's or backfill's end, stated in its last commit, read by the fold.

A host that was seized or parked says nothing about articles, whatever it answers. That is seen at one address and holds
at all of them, so it stands in the summary as `learned`, and each article is still folded by itself.
"""

from collections.abc import Collection, Sequence
from typing import Any, TypedDict, cast

from archive.catalog.articles import Db
from archive.catalog.schema import MEMBER, members
from archive.facts.addresses import host_of
from archive.facts.outcomes import ABSENT, Outcome, Reason
from archive.log.chain import Commit

_COLUMNS = ("after", "first", "last", "until", "reason")


class TakenOver(TypedDict):
    """A stretch in which a host was somebody else's; instants are RFC 3339."""

    after: str
    """The last look before it at which the host served the outlet; `first` where none is known."""
    first: str
    """The first notice,"""
    last: str
    """and the last."""
    until: str | None
    """The first look behind it at which the host served the outlet again; None while it lasts."""
    reason: Reason
    """`seized` or `parked`."""


def note(db: Db, new: Commit) -> set[int]:
    """Note what a commit's crawl or backfill learned; return the articles that must be folded anew.

    Call it once the commit's own lines are in the tables. What it says of a host stands for all said of it before.
    Raises KeyError, TypeError or ValueError for an entry of another form.
    """
    turned: set[int] = set()
    for host, stretches in new.summary.get("learned", {}).get("taken_over", {}).items():
        before = taken_over(db, host)
        db.execute("DELETE FROM taken_over WHERE host = ?", (host,))
        for one in stretches:
            db.execute("INSERT INTO taken_over VALUES (?, ?, ?, ?, ?, ?)", (host, *(one[name] for name in _COLUMNS)))
        spans = [*before, *taken_over(db, host)]
        turned |= {number for number, at in looks_at(db, host, ABSENT) if number is not None and is_within(at, spans)}
    return turned


def taken_over(db: Db, host: str) -> list[TakenOver]:
    """Return the stretches in which a host is known to have been somebody else's, in the order of time."""
    rows = db.execute(f"SELECT {', '.join(_COLUMNS)} FROM taken_over WHERE host = ? ORDER BY first", (host,))
    return [cast("TakenOver", dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def is_within(at: str, stretches: Sequence[TakenOver]) -> bool:
    """Return whether an instant (RFC 3339) lies in one of the stretches, so that the host's answer says nothing."""
    return any(one["after"] <= at and (one["until"] is None or at < one["until"]) for one in stretches)


def looks_at(db: Db, host: str, outcomes: Collection[Outcome]) -> list[tuple[int | None, str]]:
    """Return (article, instant) of every look that a host answered with one of the outcomes. It reads every check."""
    sql = (
        "SELECT article_id, at, coalesce(answered, url) FROM checks "
        f"WHERE outcome {MEMBER} AND instr(lower(coalesce(answered, url)), ?)"
    )
    rows: list[Any] = db.execute(sql, (members(outcomes), f"//{host}")).fetchall()
    return [(number, at) for number, at, url in rows if host_of(url) == host]


def hosts_taken_over(db: Db) -> set[str]:
    """Return the hosts that were somebody else's at some time."""
    return {row[0] for row in db.execute("SELECT DISTINCT host FROM taken_over")}
