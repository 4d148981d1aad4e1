"""Archives of any size, made by the functions that a crawl uses: so many articles, each looked at so many times.

The texts are those of the demo outlet's generated articles. Of the looks behind the first half are answered by a 304,
the others by a page that reads as before; one in `edits` finds another text.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

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
_START = datetime(2026, 11, 24, tzinfo=UTC)
_ROUND = timedelta(hours=5)
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


def fill(folder: Path, articles: int, looks: int, *, edits: int = 100) -> Log:
    """Make an archive below a folder and return its log."""
    log = Log(open_store(f"file:{folder}/archive"))
    log.create(edition=PRESSTV_FR.name, version="1")
    known, head = [_Known(printed=printed) for printed in generated(articles)], EMPTY
    for turn in range(looks):
        crawl = f"{_START + turn * _ROUND:%Y%m%dt%H%M%Sz}-{turn:08x}"
        for first in range(0, articles, BATCH):
            at = _START + turn * _ROUND + timedelta(seconds=2 * first)
            name = batch_id(at, crawl, first // BATCH + 1)
            batch = Batch(batch_id=name, crawl=crawl, opened_at=at, spool=Spool.create(folder / "spool", name))
            for place, one in enumerate(known[first : first + BATCH]):
                # Each look finds others edited.
                edited = turn > 0 and (first + place + turn * _PRIME) % edits == 0
                _look(batch, one, at + timedelta(seconds=place), edited=edited)
            head = batches.commit(
                batch, log, head=head, writer=_WRITER, summary={}, clock=partial(at.__add__, timedelta(seconds=BATCH))
            ).head
            assert batch.spool is not None
            batch.spool.delete()
    return log


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
