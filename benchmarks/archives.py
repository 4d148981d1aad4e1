"""Archives of any size, made by the functions that a crawl uses: so many articles, each looked at so many times.

The texts are those of the demo outlet's generated articles. Of the looks behind the first half are answered by a 304,
the others by a page that reads as before; one in `edits` finds another text. Of an archive of 200,000 articles, looked
at once, a minute makes the log and another the catalog. `python -m benchmarks.archives FOLDER ARTICLES [LOOKS]` makes
one to keep.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from archive.facts.canonical import digest
from archive.facts.items import Article, Caption, Capture, Check, Moment
from archive.facts.names import batch_id, stamp
from archive.facts.record import build
from archive.log import batch as batches
from archive.log.batch import Batch
from archive.log.chain import EMPTY, Log
from archive.log.spool import Spool
from archive.stores.opening import open_store
from crawler.editions.presstv_fr import PRESSTV_FR
from demo.outlet import Article as Printed
from demo.outlet import generated

BATCH = 200
"""Looks to a commit, as many as a crawl gathers captures."""
START = datetime(2026, 11, 24, tzinfo=UTC)
SECTIONS = ("une", "europe", "continu")
"""The listings that a crawl walks by itself."""
_ROUND = timedelta(hours=5)
_PACE = timedelta(seconds=2)
_PRIME = 7919
_WRITER = {"name": "benchmark", "version": "1", "extractor": 1}
_HOST = PRESSTV_FR.hosts[0]


@dataclass(slots=True, kw_only=True)
class _Known:
    """An article as the looks so far found it."""

    printed: Printed
    read_at: datetime | None = None

    @property
    def url(self) -> str:
        return f"https://{_HOST}{self.printed.path}"


def lasting(articles: int) -> timedelta:
    """Return how long one look at each of so many articles takes."""
    return max(_PACE * articles, _ROUND)


def fill(
    folder: Path, articles: int, looks: int, *, edits: int = 100, start: datetime = START, listed: bool = False
) -> Log:  # fmt: skip
    """Make an archive below a folder and return its log.

    The first look is at `start`, when the youngest article is a year old: so none is due for forty days. With `listed`
    each was seen in three sections, by walks that were complete.
    """
    log = Log(open_store(f"file:{folder}/archive"))
    log.create(edition=PRESSTV_FR.name, version="1")
    head = EMPTY
    for batch, summary in _batches(folder / "spool", articles, looks, edits, start, listed=listed):
        clock = partial(batch.opened_at.__add__, timedelta(seconds=BATCH))
        head = batches.commit(batch, log, head=head, writer=_WRITER, summary=summary, clock=clock).head
        assert batch.spool is not None
        batch.spool.delete()
    return log


def _batches(
    spools: Path, articles: int, looks: int, edits: int, start: datetime, *, listed: bool
) -> Iterator[tuple[Batch, dict[str, Any]]]:
    known: Iterable[_Known] = _known(articles, start - START)
    if looks > 1:
        known = list(known)
    for turn in range(looks):
        begun, rest = start + turn * lasting(articles), iter(known)
        crawl = f"{begun:%Y%m%dt%H%M%Sz}-{turn:08x}"
        for first in range(0, articles, BATCH):
            at, some = begun + first * _PACE, list(islice(rest, BATCH))
            name = batch_id(at, crawl, first // BATCH + 1)
            batch = Batch(batch_id=name, crawl=crawl, opened_at=at, spool=Spool.create(spools, name))
            for place, one in enumerate(some):
                # Each look finds others edited.
                edited = turn > 0 and (first + place + turn * _PRIME) % edits == 0
                _look(batch, one, at + timedelta(seconds=place), edited=edited)
            if listed:
                batch.checks += _listings(some, at)
            yield batch, _ended(articles) if first + BATCH >= articles else {}


def _known(articles: int, later: timedelta) -> Iterator[_Known]:
    for printed in generated(articles):
        yield _Known(printed=replace(printed, published=printed.published + later))


def _listings(some: Sequence[_Known], at: datetime) -> Iterator[Check]:
    ids = tuple(one.printed.id for one in some)
    for place, section in enumerate(SECTIONS):
        yield Check(
            at=at + timedelta(microseconds=place + 1), url=f"https://{_HOST}/Section/{section}", kind="section",
            outcome="listed", status=200, section=section, page=1, listed=ids,
        )  # fmt: skip


def _ended(articles: int) -> dict[str, Any]:
    walk = {"complete": True, "pages": 1, "articles": articles, "ended": "overlap"}
    return {"exit": 0, "sections": dict.fromkeys(SECTIONS, walk), "articles": {}, "requests": {}}


def _look(batch: Batch, known: _Known, at: datetime, *, edited: bool) -> None:
    if edited:
        body = (*known.printed.body[:-1], f"{known.printed.body[-1]} Le bilan est porté à {at:%d%H%M} personnes.")
        known.printed = replace(known.printed, body=body)
    told = partial(Check, at=at, url=known.url, kind="article", article_id=known.printed.id)
    whole = partial(told, status=200, etag=f'"{known.printed.id}"', last_modified=_dated(known))
    if known.read_at is None or edited:
        capture = _capture(known, at)
        batch.spooled(capture)
        batch.records.append((build(_article(known), capture, mirror=_HOST, revision=1), capture))
        outcome = whole(outcome="changed" if edited else "new", payload=capture.payload)
        known.read_at = at
    elif int(known.printed.id) % 2:
        outcome = told(outcome="unchanged", status=304, confirms=stamp(known.read_at), detail="not modified")
    else:
        page = digest(f"{known.url} {at}".encode())
        outcome = whole(outcome="unchanged", confirms=stamp(known.read_at), payload=page)
    batch.checks.append(outcome)


def _dated(known: _Known) -> str:
    return f"{known.printed.published:%a, %d %b %Y %H:%M:%S GMT}"


def _capture(known: _Known, at: datetime) -> Capture:
    body = f"{known.url} {at} {known.printed.headline}".encode()
    head = ((b"Content-Type", b"text/html; charset=utf-8"), (b"Last-Modified", _dated(known).encode()))
    return Capture(
        url=known.url, captured_at=at, status=200, response_headers=head, body=body, payload=digest(body)
    )  # fmt: skip


def _article(known: _Known) -> Article:
    printed = known.printed
    moment = Moment(
        utc=printed.published, raw=f"{printed.published:%d/%m/%Y %H:%M}", zone="Asia/Tehran", precision="minute",
        source="item-date",
    )  # fmt: skip
    return Article(
        article_id=printed.id, url=known.url, headline=printed.headline, kicker=printed.kicker, lead=printed.lead,
        body=printed.body, captions=tuple(Caption(text=text, credit="") for text in printed.captions),
        sections=printed.sections, tags=printed.tags, published=moment, language="fr", layout="classic",
        sources={"headline": "classic:h2.page-header", "body": "classic:div.item-text", "published": "item-date"},
    )  # fmt: skip


def kept(folder: Path, articles: int, looks: int = 1) -> Log:
    """Make an archive whose last look was ten days ago, nothing of it due, with listings; return its log."""
    start = datetime.now(UTC) - timedelta(days=10) - looks * lasting(articles)
    return fill(folder, articles, looks, start=start, listed=True)


if __name__ == "__main__":
    kept(Path(sys.argv[1]), *map(int, sys.argv[2:]))
