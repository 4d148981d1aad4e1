"""What is known of the articles that stood in a listing: their headlines, and what the listing called them."""

import json
from collections import defaultdict
from collections.abc import Iterable

from archive.catalog.articles import Db
from archive.catalog.schema import MEMBER
from archive.facts.canonical import parse


def headlines(db: Db, numbers: Iterable[str]) -> dict[str, str]:
    """Return the newest headline of each article that was read."""
    sql = f"SELECT article_id, headline FROM articles WHERE headline != '' AND article_id {MEMBER}"
    return {str(number): headline for number, headline in db.execute(sql, (_members(numbers),))}


def teasers(db: Db, listing: str, numbers: Iterable[str], since: str, until: str) -> dict[str, list[tuple[str, ...]]]:
    """Return (text, first seen, last seen) of what a listing called each article within a span of time, in order."""
    rows = db.execute(
        f"SELECT article_id, text, first_at, sights FROM teasers WHERE article_id {MEMBER.replace('?', '?1')} "
        "AND section = ?2 AND first_at <= ?3 ORDER BY article_id, first_at, spot",
        (_members(numbers), listing, until),
    )
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for number, text, first, sights in rows:
        last = parse(sights)[-1][0]
        if last >= since and (text, first, last) not in found[str(number)]:
            found[str(number)].append((text, first, last))
    return found


def _members(numbers: Iterable[str]) -> str:
    return json.dumps([int(number) for number in numbers if number.isdecimal()])
