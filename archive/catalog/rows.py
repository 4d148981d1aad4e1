"""An article's row, made of its looks and of what its versions come to; and the few looks that a row stands for.

A row is all that the fold keeps of the looks before. Newer looks are added to those that it stands for, and the same
function makes the next row of both.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from archive.catalog.articles import ArticleRow
from archive.catalog.due import due_at
from archive.catalog.life import LookRow, absences, absent_by, sighted, state_of
from archive.facts.addresses import host_of
from archive.facts.names import stamp
from archive.facts.outcomes import Outcome

_BETWEEN = "/"
"""Hosts are parted by what no host has in it."""
_SAYS_NOTHING: Outcome = "not_observed"


class Text(NamedTuple):
    """What the versions of an article come to."""

    url: str
    """Its newest record's address."""
    headline: str
    published: str | None
    latest: str | None
    """The instant of its newest record."""
    versions: int
    edited_at: str | None


_UNREAD = Text(url="", headline="", published=None, latest=None, versions=0, edited_at=None)


def row_of_looks(
    article_id: int, looks: Sequence[LookRow], captured: Iterable[str], text: Text | None, *, keep: bool
) -> ArticleRow | None:
    """Return the row of an article that was seen or looked at, else None.

    `looks` are in the order of time, `captured` instants at which it was seen besides. `keep` says whether looks to
    come can be added to the row.
    """
    sights = [*captured]
    seen = [*sights, *(look["at"] for look in looks if sighted(look))]
    looked = [*seen, *(look["at"] for look in looks)]
    if not looked:
        return None
    away = [*absences(looks, sights)][-1:]
    lasting = next((absence for absence in away if absence.ended is None), None)
    told = text or _UNREAD
    return due(
        ArticleRow(
            article_id=str(article_id), url=_address(looks, text), state=state_of(lasting, read=text is not None),
            headline=told.headline, published=told.published, first_seen=min(looked), last_seen=max(seen, default=None),
            last_look=max(looked), last_outcome=looks[-1]["outcome"] if looks else "new", versions=told.versions,
            edited_at=told.edited_at, latest=told.latest, state_source=absent_by(looks, away),
            absent_from=lasting.first["at"] if lasting else None, hosts=_hosts(looks, text) if keep else None,
        )
    )  # fmt: skip


def due(row: ArticleRow) -> ArticleRow:
    """Return a row with the instant at which it is due."""
    return replace(row, due_at=stamp(due_at(row)))


def unseen(row: ArticleRow) -> ArticleRow:
    """Return the row of an article that others saw and we did not: it is still to be read."""
    return due(
        replace(
            row, state="unread", last_seen=None, versions=0, edited_at=None, latest=None, state_source=None,
            absent_from=None, hosts=None,
        )
    )  # fmt: skip


def _address(looks: Sequence[LookRow], text: Text | None) -> str:
    # A redirect to another slug leaves the text, and so the record, as it was; one away from the article moves nothing.
    since = (text.latest if text else None) or ""
    for look in reversed(looks):
        if (led := look.get("answered")) and look["at"] > since and sighted(look):
            return led
    return text.url if text else looks[-1]["url"]


def _hosts(looks: Iterable[LookRow], text: Text | None) -> str | None:
    hosts = {host_of(look["url"]) for look in looks if sighted(look) and look.get("kind", "article") == "article"}
    # Where it lies is then told by a look that the row does not stand for.
    untold = "" in hosts or (hosts and text is None)
    return None if untold else _BETWEEN.join(sorted(hosts))


def hosts_of(row: ArticleRow) -> set[str]:
    """Return the hosts that an article was seen on, of a row that can be gone on from."""
    return set(row.hosts.split(_BETWEEN)) if row.hosts else set()


def text_of(row: ArticleRow) -> Text | None:
    """Return what a row says of the article's versions, at the address that it has now."""
    if row.latest is None:
        return None
    return Text(row.url, row.headline, row.published, row.latest, row.versions, row.edited_at)


def stands_for(row: ArticleRow) -> tuple[list[LookRow], list[str]]:
    """Return the (looks, instants at which it was seen besides) that a row stands for: they make the same row."""
    hosts = sorted(hosts_of(row))
    looks = [_look(row.first_seen, _SAYS_NOTHING, "")]
    if row.last_seen is not None:
        looks += [_look(row.last_seen, "unchanged", host) for host in hosts]
    if row.absent_from is not None:
        missed = [row.absent_from, *([row.last_look] if row.state == "removed" else [])]
        looks += [_look(at, "gone", hosts[0] if hosts else "") for at in missed]
    return looks, [row.last_seen] if row.last_seen is not None and not hosts else []


def _look(at: str, outcome: Outcome, host: str) -> LookRow:
    return {
        "at": at, "url": f"//{host}", "outcome": outcome, "status": None, "detail": "", "crawl": "", "seq": 0,
        "source": None,
    }  # fmt: skip
