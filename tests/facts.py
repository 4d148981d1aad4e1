"""Facts for tests: captures, records and checks of invented articles, and archives made of them by the real functions."""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.catalog import articles
from archive.catalog.selection import Selection
from archive.catalog.since import Since
from archive.exporters.own import selected
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical, digest, parse
from archive.facts.forms import comparison_form, lines_digest
from archive.facts.items import Article, Caption, Capture, Check, Moment
from archive.facts.names import batch_id, stamp
from archive.facts.record import build
from archive.log import batch as batches
from archive.log import segments
from archive.log.batch import Batch
from archive.log.chain import EMPTY, Log
from archive.log.spool import Spool
from archive.opened import Archive
from archive.stores.memory import MemoryStore
from archive.stores.opening import place_of
from tests.french import Catalog

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WRITER = {"name": "facts", "version": "1", "extractor": 1}
TEXTS = (
    "Le bac de Karimabad passe la rivière.",
    "Le bac de Karimabad ne passe plus la rivière. Un pont s’achève.",
    "Douze ouvriers réparent le bac. Un pont s’achève.",
)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One look: its check, and the capture and record it left."""

    check: Check
    capture: Capture | None = None
    record: dict | None = None
    repeats: Capture | None = None


def at(minute):
    """Return the instant that many minutes after noon."""
    return NOON + timedelta(minutes=minute)


def url_of(number, host="127.0.0.1"):
    """Return an article's address."""
    return f"http://{host}/Detail/2026/11/24/{number}/titre"


def capture(number, minute, body=b"page", status=200, host="127.0.0.1"):
    """Return a capture of an article's page."""
    return Capture(
        url=url_of(number, host), captured_at=at(minute), status=status, body=body, payload=digest(body),
        request_headers=((b"Host", host.encode()),), response_headers=((b"Content-Type", b"text/html"),),
    )  # fmt: skip


def record_of(taken, number, text, *, revision=1, headline="Un bac", dated=True, layout="modern", **more):
    """Return the record that an extractor of that revision reads from a capture."""
    moment = Moment(utc=NOON, raw="midi", zone="UTC", precision="minute", source="item-date") if dated else None
    article = Article(
        article_id=str(number), url=taken.url, headline=headline, lead="Un chapeau.", body=(text,), layout=layout,
        captions=(Caption(text="Le bac. ©Mairie", credit="Mairie"),), published=moment, **more,
    )  # fmt: skip
    return build(article, taken, mirror="127.0.0.1", revision=revision)


def read(number, minute, text=TEXTS[0], *, outcome="new", host="127.0.0.1", kind="article", **more):
    """Return a look that left a capture and a record."""
    taken = capture(number, minute, body=f"{number} {text} {more.get('headline', '')}".encode(), host=host)
    found = record_of(taken, number, text, **more) | {"mirror": host}
    seen = look(number, minute, outcome, host, payload=taken.payload, kind=kind)
    return Fact(check=seen, capture=taken, record=found)


def reread(fact, text, revision=2):
    """Return a stored capture's reading by another revision, as a fact without a look of its own."""
    taken, number = fact.capture, fact.record["article_id"]
    return Fact(check=None, record=record_of(taken, number, text, revision=revision))


def look(number, minute, outcome="unchanged", host="127.0.0.1", **more):
    """Return a check of an article's page."""
    status = {"gone": 404, "timeout": None, "challenge": 403}.get(outcome, 200)
    return Check(
        at=at(minute), url=url_of(number, host), outcome=outcome, article_id=str(number),
        **{"status": status, "kind": "article"} | more,
    )  # fmt: skip


def saw(number, minute, outcome="unchanged", **more):
    """Return a look that left only its check."""
    return Fact(check=look(number, minute, outcome, **more))


def new_log(uri="memory:"):
    """Return the log of a fresh archive in memory."""
    log = Log(MemoryStore(uri))
    log.create(edition="invented", version="1")
    return log


def prefix(log, count):
    """Return the log of another archive in memory that holds the first commits of this one."""
    copy = MemoryStore("memory:")
    for entry in log.store.list():
        if not entry.key.startswith("log/") or int(entry.key[4:-5]) <= count:
            copy.create(entry.key, log.store.get(entry.key))
    return Log(copy)


def batch_of(facts, name, folder, crawl=None):
    """Return a batch of these facts, its spool in a folder."""
    batch = Batch(batch_id=name, crawl=crawl or f"crawl-{name}", opened_at=NOON, spool=Spool.create(Path(folder), name))
    for fact in facts:
        if fact.capture is not None:
            batch.spooled(fact.capture)
        if fact.repeats is not None:
            batch.repeat(fact.capture, of_url=fact.repeats.url, of_time=stamp(fact.repeats.captured_at))
        if fact.record is not None:
            batch.records.append((fact.record, fact.capture))
        if fact.check is not None:
            batch.checks.append(fact.check)
    return batch


def write(log, *facts, name=None, summary=None, crawl=None, minute=0):
    """Commit facts as one batch, in that minute after noon; return the commit."""
    head = EMPTY
    for commit in log.after():
        head = commit.head
    name = name or batch_id(NOON, "facts-0000000a", head.seq + 1)
    with tempfile.TemporaryDirectory() as folder:
        batch = batch_of(facts, name, folder, crawl)
        made = batches.commit(
            batch, log, head=head, writer=WRITER, summary=summary or {}, clock=lambda: NOON + timedelta(minutes=minute)
        )
        batch.spool.delete()
    return made


def stored(log, key):
    """Return the lines of a stored JSONL segment."""
    return segments.decode_lines(log.store.get(key), key)


def folded(log, path=":memory:", **more):
    """Return the archive with a catalog folded from nothing."""
    catalog = Catalog(path, place_of(log.store), **more)
    catalog.follow(log)
    return Archive(store=log.store, log=log, catalog=catalog)


def text_digest(parts):
    """Return the digest that a record has of texts: over the comparison form of each."""
    return lines_digest(map(comparison_form, parts))


def whole_and_own(archive):
    """Yield the archive as all captures tell it, then as our own alone do."""
    for source in ("all", "own"):
        with selected(archive, source) as chosen:
            yield chosen


def exports(archive, since=None):
    """Return every view as its lines of canonical bytes."""
    return {
        name: [canonical(row) for row in view(archive, Selection(since=Since(since)))] for name, view in VIEWS.items()
    }


def tables(archive):
    """Return every row of every table of the catalog, search tables by their content."""
    db = archive.catalog.db
    names = [
        name
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if "_" not in name or name == "taken_over"
    ]
    found = {name: sorted(db.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}
    for name in ("texts", "taken_out"):
        found[name] = searched(db, name)
    return found


def searched(db, name):
    """Return (row, column, place, word) of each word of a search table."""
    db.execute(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.words_of_{name} USING fts5vocab ('main', '{name}', 'instance')"
    )
    rows = db.execute(f"SELECT doc, col, offset, term FROM temp.words_of_{name} ORDER BY doc, col, offset").fetchall()
    size = db.execute(f"SELECT id, sz FROM {name}_docsize ORDER BY id").fetchall()
    return rows, size


def versions_of(archive, number):
    """Return (captured_at as minutes after noon, body) of each version of an article."""
    return [
        (minutes(v.captured_at), v.record["body"][0]) for v in articles.versions(archive.catalog.db, str(number))
    ]  # fmt: skip


def minutes(text):
    """Return an instant of the archive as minutes after noon."""
    return int((datetime.fromisoformat(text) - NOON).total_seconds()) // 60


def without_place(row):
    """Return an exported row without where a record's capture lies."""
    if "capture" not in row:
        return row
    return row | {"capture": {k: v for k, v in row["capture"].items() if k not in ("segment", "offset", "length")}}


def folded_alike(log):
    """Return an archive folded from nothing; folding commit by commit gives the same tables."""
    archive, step = folded(log), folded(prefix(log, 1))
    step.catalog.follow(log)
    assert tables(step) == tables(archive)
    return archive


def told(log):
    """Return an archive that is `folded_alike`, and (article, event) of each event but for the discoveries."""
    archive = folded_alike(log)
    events = [parse(row) for row in exports(archive)["events"]]
    return archive, [(e["article_id"], e["event"]) for e in events if e["event"] != "discovered"]
