"""What takes many articles to know: found at a crawl's or backfill's end, stated in its last commit, read by the fold.

A host that was seized or parked says nothing about articles, whatever it answers. That is seen at one address and holds
at all of them, so it stands in the summary as `learned`, and each article is still folded by itself. What crawls of
ours say and what backfills say are two books: a notice that others captured says nothing of our own looks.
"""

from collections.abc import Collection, Sequence
from typing import Any, TypedDict, cast

from archive.catalog.articles import Db
from archive.catalog.schema import MEMBER, members
from archive.facts.addresses import host_of
from archive.facts.names import BACKFILL
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

    Call it once the commit's own lines are in the tables. What a crawl says of a host stands for all that crawls said
    of it before, and of backfills likewise. Raises KeyError, TypeError or ValueError for an entry of another form.
    """
    turned: set[int] = set()
    own = not new.crawl.startswith(BACKFILL)
    for host, stretches in new.summary.get("learned", {}).get("taken_over", {}).items():
        before = taken_over(db, host, own=own)
        db.execute("DELETE FROM taken_over WHERE host = ? AND own = ?", (host, own))
        for one in stretches:
            row = (host, own, *(one[name] for name in _COLUMNS))
            db.execute("INSERT INTO taken_over VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        spans = [*before, *taken_over(db, host, own=own)]
        turned |= {number for number, at in looks_at(db, host, ABSENT) if number is not None and is_within(at, spans)}
    return turned


def taken_over(db: Db, host: str, *, own: bool) -> list[TakenOver]:
    """Return the stretches in which a host was somebody else's, in the order of time: by our looks, or by others'."""
    sql = f"SELECT {', '.join(_COLUMNS)} FROM taken_over WHERE host = ? AND own = ? ORDER BY first"
    rows = db.execute(sql, (host, own))
    return [cast("TakenOver", dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def is_within(at: str, stretches: Sequence[TakenOver]) -> bool:
    """Return whether an instant (RFC 3339) lies in one of the stretches, so that the host's answer says nothing."""
    return any(one["after"] <= at and (one["until"] is None or at < one["until"]) for one in stretches)


def looks_at(
    db: Db, host: str, outcomes: Collection[Outcome], *, own: bool = False, since: str = ""
) -> list[tuple[int | None, str]]:  # fmt: skip
    """Return (article, instant) of every look that a host answered with one of the outcomes.

    With `own` of our looks alone, with `since` (RFC 3339) those committed from that instant on; else it reads every
    check.
    """
    committed = " AND seq IN (SELECT seq FROM commits WHERE committed_at >= ?)" if since else ""
    sql = (
        f"SELECT article_id, at, coalesce(answered, url) FROM checks WHERE {'source IS NULL AND ' if own else ''}"
        f"outcome {MEMBER} AND instr(lower(coalesce(answered, url)), ?){committed}"
    )
    rows: list[Any] = db.execute(sql, (members(outcomes), f"//{host}", *([since] if since else []))).fetchall()
    return [(number, at) for number, at, url in rows if host_of(url) == host]


def hosts_taken_over(db: Db, *, own: bool) -> set[str]:
    """Return the hosts that were somebody else's at some time, by our looks or by others'."""
    return {row[0] for row in db.execute("SELECT DISTINCT host FROM taken_over WHERE own = ?", (own,))}
