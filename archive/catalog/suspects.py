"""The brake, seen from the log: what a suspect crawl saw changed or gone waits, until accepted or read anew.

A crawl is suspect while its newest commit says so, and held while nobody accepted it (`{"accept": CRAWL}` in a later
commit's summary). Of a held crawl the first captures count, and what was found unchanged.
"""

from typing import Any

from archive.catalog.articles import Db
from archive.catalog.schema import MEMBER, members
from archive.errors import UsageError
from archive.facts.outcomes import STRUCK
from archive.log.chain import Commit

WAITS = (
    f"(c.kind = 'article' AND (c.outcome {MEMBER} OR (c.outcome = 'new' AND c.source IS NOT NULL AND EXISTS ("
    "SELECT 1 FROM records o WHERE o.article_id = c.article_id AND (o.source IS NULL OR o.captured_at < c.at "
    "OR o.seq NOT IN (SELECT b.seq FROM commits a JOIN commits b ON b.crawl = a.crawl WHERE a.seq = c.seq))))))"
)
"""Of checks `c`: what waits where its crawl is held. First captures of others wait, too, where we have our own, another
backfill has one, or an older one came in behind it.

It takes one parameter, the members of STRUCK.
"""
_HELD = "SELECT 1 FROM crawls WHERE crawl = ? AND suspect AND NOT accepted"

_READ_ANEW = (
    "SELECT 1 FROM records r WHERE r.article_id = c.article_id AND r.captured_at = c.at "
    "GROUP BY r.captured_at HAVING count(DISTINCT r.revision) > 1"
)


def note(db: Db, new: Commit) -> set[str]:
    """Note what a commit says of its own crawl or of an accepted one; return the crawls that wait now, or no more.

    Call it once the commit's own lines are in the tables.
    """
    accepted = str(new.summary.get("accept") or "")
    names = {new.crawl, accepted} - {""}
    before = {name: _held(db, name) for name in names}
    db.execute(
        "INSERT INTO crawls (crawl, suspect) VALUES (?, ?) ON CONFLICT DO UPDATE SET suspect = excluded.suspect",
        (new.crawl, bool(new.summary.get("suspect"))),
    )
    if accepted:
        db.execute(
            "INSERT INTO crawls (crawl, accepted) VALUES (?, 1) ON CONFLICT DO UPDATE SET accepted = 1", (accepted,)
        )
    return {name for name in names if before[name] != _held(db, name)}


def _held(db: Db, crawl: str) -> bool:
    return db.execute(_HELD, (crawl,)).fetchone() is not None


def waiting(db: Db, crawl: str) -> set[int]:
    """Return the articles of which looks of a crawl wait while it is held."""
    sql = (
        "SELECT c.article_id FROM commits m JOIN checks c ON c.seq = m.seq WHERE m.crawl = ? "
        f"AND c.article_id IS NOT NULL AND {WAITS}"
    )
    return {row[0] for row in db.execute(sql, (crawl, members(STRUCK)))}


Whose = tuple[str, str | None]
"""The instant of a look and who looked, None for ourselves."""


def set_apart(db: Db, article_id: int) -> tuple[set[Whose], set[Whose]]:
    """Return an article's looks at mirrors, and those that a held crawl found it changed at."""
    rows = db.execute(
        "SELECT c.at, c.source, c.kind, h.crawl FROM checks c JOIN commits m ON m.seq = c.seq "
        f"LEFT JOIN crawls h ON h.crawl = m.crawl AND h.suspect AND NOT h.accepted AND {WAITS} "
        "WHERE c.article_id = ? AND c.kind IN ('mirror', 'article')",
        (members(STRUCK), article_id),
    ).fetchall()
    mirrored = {(at, source) for at, source, kind, _ in rows if kind == "mirror"}
    return mirrored, {(at, source) for at, source, kind, held in rows if kind == "article" and held}


def waits(db: Db, article_id: str) -> bool:
    """Return whether a held crawl of ours saw the article changed."""
    return any(source is None for _, source in set_apart(db, int(article_id))[1])


def suspects(db: Db) -> list[dict[str, Any]]:
    """Return the crawls of which looks wait, oldest first: crawl, at (of the newest commit), and how many looks.

    A look that a newer revision has read anew waits no longer, though nobody accepted the crawl.
    """
    rows = db.execute(
        "SELECT h.crawl, max(m.committed_at), (SELECT count(*) FROM commits n JOIN checks c ON c.seq = n.seq "
        f"WHERE n.crawl = h.crawl AND {WAITS} AND NOT EXISTS ({_READ_ANEW})) AS waiting "
        "FROM crawls h JOIN commits m ON m.crawl = h.crawl WHERE h.suspect AND NOT h.accepted "
        "GROUP BY h.crawl HAVING waiting ORDER BY max(m.seq)",
        (members(STRUCK),),
    )
    return [{"crawl": crawl, "at": at, "waiting": waiting} for crawl, at, waiting in rows]


CheckLine = tuple[int, int]
"""The commit of a look, and its line there from 0."""


def waiting_looks(db: Db) -> set[CheckLine]:
    """Return the looks that wait: of held crawls, begun no version and read by no newer revision since."""
    rows = db.execute(
        "SELECT c.seq, c.line FROM crawls h JOIN commits m ON m.crawl = h.crawl JOIN checks c ON c.seq = m.seq "
        f"WHERE h.suspect AND NOT h.accepted AND {WAITS} AND NOT EXISTS ({_READ_ANEW}) AND NOT EXISTS "
        "(SELECT 1 FROM versions v WHERE v.article_id = c.article_id AND v.captured_at = c.at)",
        (members(STRUCK),),
    )
    return set(rows)


def held_since(db: Db, seq: int) -> set[CheckLine]:
    """Return the looks up to a commit that may have waited then and do not now, or the other way round."""
    rows = db.execute(
        "SELECT c.seq, c.line FROM commits m CROSS JOIN checks c ON c.seq = m.seq "
        "CROSS JOIN touched t ON t.article_id = c.article_id WHERE m.seq <= ?1 AND t.seq > ?1 AND m.crawl IN "
        "(SELECT crawl FROM crawls WHERE suspect OR accepted UNION SELECT crawl FROM commits WHERE seq > ?1) "
        f"AND c.kind = 'article' AND (c.outcome {MEMBER} OR (c.outcome = 'new' AND c.source IS NOT NULL))",
        (seq, members(STRUCK)),
    )
    return set(rows)


def known(db: Db, crawl: str) -> bool:
    """Return whether the log holds a commit of that crawl."""
    return db.execute("SELECT 1 FROM commits WHERE crawl = ? LIMIT 1", (crawl,)).fetchone() is not None


def suspect_named(db: Db, word: str) -> str:
    """Return the only suspect crawl whose id begins so; the word as it is where none does, or several do."""
    found = [held["crawl"] for held in suspects(db) if word and held["crawl"].startswith(word)]
    return found[0] if len(found) == 1 else word


def waiting_of(db: Db, crawl: str) -> int:
    """Return how many looks of a suspect crawl wait. Raises UsageError where the crawl isn't there or isn't suspect."""
    found = {held["crawl"]: held["waiting"] for held in suspects(db)}
    if crawl not in found:
        what = "waits for nothing" if known(db, crawl) else "is not in the archive"
        names = ", ".join(found) or "none"
        raise UsageError(f"crawl {crawl!r} {what}; suspect crawls: {names}")
    return int(found[crawl])
