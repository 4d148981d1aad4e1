"""The lives of articles, from the catalog: looks, versions and shifts brought together and told by `life`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, cast

from archive.catalog import articles, patterns, turns
from archive.catalog.articles import Db
from archive.catalog.life import Event, LookRow, in_order, life
from archive.catalog.moment import one_moment
from archive.catalog.packing import unpacked
from archive.catalog.schema import members
from archive.catalog.selection import Where
from archive.catalog.suspects import WAITS
from archive.catalog.takeovers import TakenOver, is_within, taken_over
from archive.facts.addresses import host_of
from archive.facts.outcomes import ABSENT, STRUCK
from archive.facts.record import utc_of

_LOOKS = (
    "SELECT c.article_id, c.at, c.url, c.kind, c.outcome, c.reason, c.status, c.detail, c.answered, m.crawl, c.seq, "
    "c.source, h.crawl IS NOT NULL FROM checks c JOIN commits m ON m.seq = c.seq "
    "LEFT JOIN crawls h ON h.crawl = m.crawl AND h.suspect AND NOT h.accepted "
    f"AND {WAITS} "
)
_LOOK = (
    "article_id", "at", "url", "kind", "outcome", "reason", "status", "detail", "answered", "crawl", "seq", "source",
    "held",
)  # fmt: skip
# What begins a version counts, and so does what a newer revision has read.
_RELEASED = (
    "SELECT captured_at FROM versions WHERE article_id = ? UNION SELECT captured_at FROM records WHERE article_id = ? "
    "GROUP BY captured_at HAVING count(DISTINCT revision) > 1"
)


def looks_of(db: Db, article_id: int) -> Iterator[LookRow]:
    """Yield every look at an article in the order of time, those at mirrors included.

    Each is `held` where a suspect crawl saw it changed or gone, and nobody accepted that, nor did a newer extractor
    read it, and `void` where it found nothing on a host that was somebody else's then: of our looks by our own word.
    """
    counted = {row[0] for row in db.execute(_RELEASED, (article_id, article_id))}
    stretches = stretches_of(db)
    found = db.execute(f"{_LOOKS} WHERE c.article_id = ? ORDER BY c.at, c.seq, c.line", (members(STRUCK), article_id))
    for row in found:
        look = dict(zip(_LOOK, row, strict=True))
        spans = stretches(host_of(look["answered"] or look["url"]), look["source"] is None)
        void = look["outcome"] in ABSENT and is_within(look["at"], spans)
        yield cast("LookRow", look | {"held": bool(look["held"]) and look["at"] not in counted, "void": void})


def stretches_of(db: Db) -> Callable[[str, object], list[TakenOver]]:
    """Return what gives the stretches in which a host was somebody else's: of our looks by our own word alone."""

    @cache
    def stretches(host: str, ours: object) -> list[TakenOver]:
        theirs = [] if ours else taken_over(db, host, own=False)
        return [*taken_over(db, host, own=True), *theirs]

    return stretches


def shifts_of(db: Db, article_id: int) -> list[dict[str, Any]]:
    """Return what changed in an article beside its versions, in the order of time, with `source`: who saw it."""
    rows = db.execute(
        "SELECT s.at, s.kind, s.from_at, s.detail, m.crawl, s.seq, s.source FROM shifts s "
        "JOIN commits m ON m.seq = s.seq WHERE s.article_id = ? ORDER BY s.at, s.kind",
        (article_id,),
    )
    return [dict(zip(("at", "kind", "from_at", "detail", "crawl", "seq", "source"), row, strict=True)) for row in rows]


def begun_at(db: Db, article_id: int) -> list[str]:
    """Return when each version of an article begins, in their order."""
    rows = db.execute("SELECT captured_at FROM versions WHERE article_id = ? ORDER BY number", (article_id,))
    return [at for (at,) in rows]


def begun_of(db: Db, article_id: int) -> list[dict[str, Any]]:
    """Return an article's versions as `life` has them: when, headline, date, crawl, source, commit, alike, change."""
    rows = db.execute(
        "SELECT v.number, v.captured_at, m.crawl, m.seq, r.source, r.packed FROM versions v "
        "JOIN commits m ON m.seq = v.seen_seq JOIN records r ON r.article_id = v.article_id "
        "AND r.captured_at = v.record_at AND r.seq = v.seq AND r.line = v.line WHERE v.article_id = ? "
        "ORDER BY v.number",
        (article_id,),
    ).fetchall()
    edited = len(rows) > 1
    told = {change["version"]: change for _, change in articles.changes(db, str(article_id))} if edited else {}
    alike = patterns.alike_of(db, article_id) if edited else {}
    found: list[dict[str, Any]] = []
    dated = ""
    for number, captured_at, crawl, seq, source, data in rows:
        record = unpacked(data)
        before, dated = dated, utc_of(record["published"]) or ""
        change = told.get(number)
        found.append(
            {
                "number": number, "captured_at": captured_at, "headline": record["headline"], "published": dated,
                "crawl": crawl, "seq": seq, "source": source, "alike": alike.get(crawl, []), "record": record,
                "change": change and change | {"dated": f"from {before or 'no date'} to {dated or 'no date'}"},
            }
        )  # fmt: skip
    return found


def events_of(db: Db, article_id: int) -> list[Event]:
    """Return an article's life events in the order of time, each with `seq`, the commit that proves it."""
    return _events_of(db, article_id, begun_of(db, article_id))


def _events_of(db: Db, article_id: int, begun: Sequence[Mapping[str, Any]]) -> list[Event]:
    own = life(list(looks_of(db, article_id)), begun, shifts_of(db, article_id))
    return in_order([*own, *turns.told(db, article_id, [version["headline"] for version in begun])[0]])


def every_event(db: Db, where: Where = ("", [])) -> Iterator[tuple[dict[str, Any], Event]]:
    """Yield (what it happened to, event) over all articles by number, all of one moment of the catalog.

    It happened to an article in a state, and to the version in force then, by headline, address, sections and citation;
    of one that was never read there is an address only. `where` is a condition on articles `a`.
    """
    with one_moment(db):
        sql = f"SELECT article_id, url, state FROM articles a WHERE 1{where[0]} ORDER BY article_id"
        for number, url, state in db.execute(sql, where[1]).fetchall():
            begun = begun_of(db, number)
            about = {"article_id": str(number), "state": state}
            for event in _events_of(db, number, begun):
                yield about | _in_force(db, begun, event["not_after"], url), event


def _in_force(db: Db, begun: Sequence[Mapping[str, Any]], at: str, url: str) -> dict[str, Any]:
    if not begun:
        return {"headline": "", "url": url, "sections": [], "cite": None}
    version = next((each for each in reversed(begun) if each["captured_at"] <= at), begun[0])
    record = version["record"]
    return {
        "headline": record["headline"], "url": record["url"], "sections": record["sections"],
        "cite": articles.cited(db, record),
    }  # fmt: skip
