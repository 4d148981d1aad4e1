"""What crawls found of many articles at their ends, seen from the log: rotating spots, running clocks, alike edits.

The last commit's summary of a crawl or backfill says it (DATA_FORMAT.md), and the fold of an article reads here what is
said of it. So an article is folded by itself, and yet knows what only many could show.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from archive.catalog.articles import OWN, READ_LAST, Db, own_first
from archive.catalog.cells import unsealed
from archive.catalog.packing import unpacked
from archive.facts.addresses import host_of
from archive.facts.forms import comparison_form
from archive.facts.names import BACKFILL
from archive.facts.outcomes import SpotKind
from archive.facts.record import Record
from archive.log.chain import Commit
from archive.texts import clocks
from archive.texts.rotating import NOWHERE, Spots, blocks_of

_NUMBER: SpotKind = "number"
_TEXT: SpotKind = "text"
_MOST_CHANGES = 5_000
_NEVER_MORE = 50
"""Pages of a layout that are looked into for a spot."""


def note(db: Db, new: Commit) -> set[int]:
    """Note what a commit's summary says was found; return the articles that must be folded anew.

    Call it once the commit's own lines are in the tables. Raises TypeError or ValueError for what no writer writes.
    """
    learned = new.summary.get("learned", {})
    own = not new.crawl.startswith(BACKFILL)
    turned = {int(number) for spot in learned.get("rotating", ()) for number in _spot(db, spot, own=own)}
    for found in learned.get("alike", ()):
        _alike(db, new, found)
    told = learned.get("running", {})
    for host, found in told.items():
        for clock, parts in found["clocks"].items():
            row = (host, clock, new.seq, new.crawl, found["since"], int(parts))
            db.execute("INSERT OR REPLACE INTO running VALUES (?, ?, ?, ?, ?, ?)", row)
    return turned | (_changed_in(db, new.crawl) if told else set())


def alike_in(new: Commit) -> set[int]:
    """Return the articles of which a commit's summary says that they were changed alike."""
    return {int(number) for found in new.summary.get("learned", {}).get("alike", ()) for number in found["articles"]}


def _spot(db: Db, spot: Mapping[str, Any], *, own: bool) -> Sequence[str]:
    layout, kind, texts, numbers = spot["layout"], spot["kind"], set(spot["texts"]), spot["articles"]
    for number in numbers:
        # Of what takes turns somewhere an article is told what it showed itself: teasers would be legion.
        showed = texts & _shown(db, int(number)) if kind == _TEXT else texts
        rows = [(int(number), layout, kind, text, own) for text in sorted(showed)]
        db.executemany("INSERT OR IGNORE INTO spots VALUES (?, ?, ?, ?, ?)", rows)
    told: Sequence[str] = numbers
    return told


def _shown(db: Db, article_id: int) -> set[str]:
    records = (
        unpacked(data) for (data,) in db.execute("SELECT packed FROM records WHERE article_id = ?", (article_id,))
    )
    return {text for record in records for blocks in blocks_of(record) for text in blocks}


def _alike(db: Db, new: Commit, found: Mapping[str, Any]) -> None:
    what = " → ".join(text for text in (found["from"] or "nothing", found["to"] or "nothing"))
    detail = f"alike in {found.get('of', len(found['articles']))} articles of one crawl: {what}"
    db.executemany(
        "INSERT OR REPLACE INTO alike VALUES (?, ?, ?, ?)",
        [(int(number), new.crawl, detail, new.seq) for number in found["articles"]],
    )


def _changed_in(db: Db, crawl: str) -> set[int]:
    sql = (
        "SELECT c.article_id FROM commits m JOIN checks c ON c.seq = m.seq WHERE m.crawl = ? "
        "AND c.article_id IS NOT NULL AND c.kind = 'article' AND c.outcome = 'changed'"
    )
    return {row[0] for row in db.execute(sql, (crawl,))}


def stated(check: Mapping[str, Any]) -> str | None:
    """Return what the header Last-Modified said at a look that found an article unchanged; None for other looks."""
    told: str | None = check.get("last_modified")
    if not told or check["outcome"] != "unchanged" or check["kind"] != "article":
        return None
    return told if check.get("status") == HTTPStatus.OK and check.get("article_id") else None


def spots_of(db: Db, article_id: int, *, own: bool) -> dict[str, Spots]:
    """Return layout → what is known to rotate in an article as that layout reads it; with `own` by our looks alone."""
    sql = "SELECT layout, kind, text FROM spots WHERE article_id = ? AND own >= ?"
    return by_layout(db.execute(sql, (article_id, own)))


def by_layout(rows: Iterable[tuple[str, SpotKind, str]]) -> dict[str, Spots]:
    """Return layout → its spots, of rows (layout, kind, text)."""
    told: dict[str, dict[SpotKind, set[str]]] = defaultdict(lambda: {_NUMBER: set(), _TEXT: set()})
    for layout, kind, text in rows:
        told[layout].setdefault(kind, set()).add(text)
    return {
        layout: Spots(numbers=frozenset(kinds[_NUMBER]), texts=frozenset(kinds[_TEXT]))
        for layout, kinds in told.items()
    }


def spots_in(db: Db, article_id: int, old: Record, new: Record, *, own: bool) -> Spots:
    """Return what is known to rotate between two records of an article; nothing where their layouts differ.

    `own` says that both are ours: what others captured tells nothing of those.
    """
    layouts = {record["extraction"]["layout"] for record in (old, new)}
    return spots_of(db, article_id, own=own).get(layouts.pop(), NOWHERE) if len(layouts) == 1 else NOWHERE


def known_spots(db: Db, layout: str, *, own: bool) -> Spots:
    """Return what was found to rotate in any article of a layout; with `own` by our looks alone."""
    sql = "SELECT DISTINCT layout, kind, text FROM spots WHERE layout = ? AND own >= ?"
    return by_layout(db.execute(sql, (layout, own))).get(layout, NOWHERE)


def looks_before(db: Db, article_id: str, at: str, count: int, *, own: bool) -> list[Record]:
    """Return an article's records of so many looks in a row before an instant, oldest first, each another text.

    What a suspect crawl saw counts. An empty list where a look since the second of them found the article as it was.
    With `own` only our looks count.
    """
    others = "AND {}.source IS NULL " if own else ""
    rows = db.execute(
        f"SELECT r.packed, {READ_LAST} FROM records r WHERE r.article_id = ? "
        f"AND r.captured_at < ? {others.format('r')}AND NOT EXISTS ("
        "SELECT 1 FROM checks c WHERE c.article_id = r.article_id AND c.at = r.captured_at AND c.kind = 'mirror') "
        "GROUP BY r.captured_at ORDER BY r.captured_at DESC LIMIT ?",
        (int(article_id), at, count),
    )
    found = [unpacked(data) for data, _ in rows][::-1]
    same = (
        "SELECT 1 FROM checks c WHERE article_id = ? AND at > ? AND at < ? AND outcome = 'unchanged' "
        f"{others.format('c')}LIMIT 1"
    )
    since = found[1]["captured_at"] if len(found) > 1 else at
    return [] if db.execute(same, (int(article_id), since, at)).fetchone() else found


def reworded(db: Db, *, own: bool) -> Iterator[tuple[str, str, str, str]]:
    """Yield (article, crawl, sentence before, sentence now) of the newest changes that are no noise, some thousands.

    With `own` only of articles that nobody else captured.
    """
    shared = "WHERE NOT EXISTS (SELECT 1 FROM own o WHERE o.article_id = c.article_id) " if own else ""
    rows = db.execute(
        f"SELECT c.article_id, m.crawl, c.json FROM changes c JOIN commits m ON m.seq = c.seq {shared}"
        "ORDER BY c.seq DESC LIMIT ?",
        (_MOST_CHANGES,),
    )
    for number, crawl, text in rows:
        change = unsealed(text)
        if not change["noise"]:
            yield from ((str(number), crawl, edit["from"], edit["to"]) for edit in change["reworded"])


def changed_by(db: Db, crawl: str) -> Iterator[tuple[Record, Record]]:
    """Yield (record before, record that began a version) of each change that a crawl's or backfill's commits made."""
    rows = db.execute(
        "SELECT o.packed, n.packed FROM commits m JOIN changes c ON c.seq = m.seq "
        "JOIN versions w ON w.article_id = c.article_id AND w.number = c.number "
        "JOIN versions v ON v.article_id = c.article_id AND v.number = c.number - 1 "
        "JOIN records n ON n.article_id = w.article_id AND n.captured_at = w.record_at AND n.seq = w.seq "
        "AND n.line = w.line JOIN records o ON o.article_id = v.article_id AND o.captured_at = v.last_at "
        "AND o.seq = v.last_seq AND o.line = v.last_line WHERE m.crawl = ? ORDER BY c.article_id, c.number",
        (crawl,),
    )
    for old, new in rows:
        yield unpacked(old), unpacked(new)


def stood_in(db: Db, crawl: str) -> int:
    """Return how many looks of a crawl or backfill found an article's text unchanged."""
    sql = "SELECT count(*) FROM commits m JOIN checks c ON c.seq = m.seq WHERE m.crawl = ? AND c.outcome = 'unchanged'"
    found: int = db.execute(sql, (crawl,)).fetchone()[0]
    return found


def headlined(db: Db, texts: Container[str], *, own: bool) -> dict[str, set[str]]:
    """Return of texts in comparison form those that are headlines, with the numbers of their articles.

    With `own` as we read them. It reads every headline.
    """
    told: dict[str, set[str]] = defaultdict(set)
    read = f"({OWN}) WHERE latest IS NOT NULL" if own else "articles"
    for number, headline in db.execute(f"SELECT article_id, headline FROM {read}"):
        if (form := comparison_form(headline)) in texts:
            told[form].add(str(number))
    return told


def running_on(db: Db, host: str) -> Mapping[str, int]:
    """Return what the last crawl that told of a host's clocks said: name → how many of its texts run, 0 for none."""
    return dict(db.execute("SELECT clock, runs FROM running WHERE host = ? ORDER BY seq", (host,)))


def running_clocks(db: Db, seen: Sequence[Record], new: Record, seq: int) -> Mapping[str, int]:
    """Return the clocks that run where an article's new record was read: name → how many of its texts do.

    By the looks at this article that found its text unchanged, `seen` their records, oldest first; else by the last
    crawl that told of its host, that of the record included. `seq` is the commit that brought the record.
    """
    host = new["mirror"]
    told = _running_at(db, host, new, seq) | clocks.running(_pulses(db, seen, new, host))
    return {name: parts for name, parts in told.items() if parts}


def _running_at(db: Db, host: str, new: Record, seq: int) -> dict[str, int]:
    # What crawls of ours saw says nothing of what others were served, nor the other way round.
    crawl = db.execute("SELECT crawl FROM commits WHERE seq = ?", (seq,)).fetchone()[0]
    others = crawl.startswith(BACKFILL)
    rows = db.execute(
        "SELECT clock, runs, crawl FROM running WHERE host = ?1 AND (crawl = ?2 OR (seq < ?3 AND since <= ?4)) "
        "ORDER BY seq",
        (host, crawl, seq, new["captured_at"]),
    )
    return {clock: runs for clock, runs, by in rows if by == crawl or not (others or by.startswith(BACKFILL))}


def _pulses(db: Db, seen: Sequence[Record], new: Record, host: str) -> Iterable[clocks.Pulse]:
    records = {record["captured_at"]: record for record in seen if record["mirror"] == host}
    if not records:
        return
    rows = db.execute(_STATED, (int(new["article_id"]), min(records), new["captured_at"]))
    looks = {at: told for at, told, url in rows if host_of(url) == host}
    before, header = None, None
    for at in sorted({*records, *looks}):
        record = records.get(at)
        if record is not None:
            if before is not None:
                yield clocks.pulse(before, record, header)
            before, header = record, record["capture"]["http"].get("last_modified") or header
        else:
            yield {"last_modified": int(looks[at] != header)} if header else {}
            header = looks[at]


_STATED = (
    "SELECT l.at, s.text, u.text FROM looks l JOIN interned s ON s.number = l.stated "
    "JOIN interned u ON u.number = coalesce(l.answered, l.address) "
    "WHERE l.article_id = ? AND l.at > ? AND l.at < ? ORDER BY l.seq, l.line"
)


def alike_of(db: Db, article_id: int) -> dict[str, list[tuple[str, int]]]:
    """Return crawl → (what it changed alike in many articles, the commit that says so) of an article."""
    told: dict[str, list[tuple[str, int]]] = defaultdict(list)
    rows = db.execute("SELECT crawl, detail, seq FROM alike WHERE article_id = ? ORDER BY crawl, detail", (article_id,))
    for crawl, detail, seq in rows:
        told[crawl].append((detail, seq))
    return told


def newest_of(db: Db, layout: str, *, own: bool) -> list[Record]:
    """Return the newest records of a layout's articles, one each, those captured last first; fifty at most.

    With `own` those read from our captures.
    """
    found = (unpacked(row[0]) for row in db.execute(_OWN_NEWEST if own else _NEWEST, (4 * _NEVER_MORE,)))
    return [record for record in found if record["extraction"]["layout"] == layout][:_NEVER_MORE]


_NEWEST = (
    "SELECT r.packed FROM articles a JOIN versions v ON v.article_id = a.article_id AND v.number = a.versions "
    "JOIN records r ON r.article_id = v.article_id AND r.captured_at = v.last_at AND r.seq = v.last_seq "
    "AND r.line = v.last_line WHERE a.latest IS NOT NULL ORDER BY a.latest DESC LIMIT ?"
)
_OWN_NEWEST = (
    f"SELECT r.packed, {READ_LAST} FROM ({own_first('latest DESC', 'latest IS NOT NULL')}) n CROSS JOIN records r "
    "ON r.article_id = n.article_id AND r.captured_at = n.latest AND r.source IS NULL "
    "GROUP BY n.article_id ORDER BY n.latest DESC"
)
