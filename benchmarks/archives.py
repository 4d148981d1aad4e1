"""Archives of any size, made by the functions that a crawl uses: so many articles, each looked at so many times.

The texts are those of the demo outlet's generated articles. Of the looks behind the first half are answered by a 304,
the others by a page that reads as before; one in `edits` finds another text. Of an archive of 200,000 articles, looked
at once, a minute makes the log and another the catalog. `python -m benchmarks.archives FOLDER ARTICLES` makes one to
keep.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice, repeat
from pathlib import Path
from typing import Any, Literal, Self, get_args

from archive.facts.canonical import digest
from archive.facts.items import Article, Caption, Capture, Check, Moment
from archive.facts.names import batch_id, stamp
from archive.facts.outcomes import Outcome
from archive.facts.record import build
from archive.log import batch as batches
from archive.log.batch import Batch
from archive.log.chain import EMPTY, Head, Log
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
LIVELY = 400
"""One of so many articles is looked at in each of the crawls that find some changed or gone."""
_ROUND, _DAY, _PACE = timedelta(hours=5), timedelta(days=1), timedelta(seconds=0.25)
_AGO, _LIVELY_DAYS, _LEAST = timedelta(days=39), 6, 6
_PRIME = 7919
WRITER = {"name": "benchmark", "version": "1", "extractor": 1}
_HOST = PRESSTV_FR.hosts[0]
Finds = Literal["the same", "an edit", "nothing"]


@dataclass(slots=True, kw_only=True)
class _Known:
    """An article as the looks so far found it."""

    printed: Printed
    read_at: datetime | None = None
    missed: bool = False

    @property
    def url(self) -> str:
        return f"https://{_HOST}{self.printed.path}"


def fill(folder: Path, articles: int, looks: int, *, edits: int = 100) -> Log:
    """Make an archive below a folder and return its log."""
    made, known = _Made.below(folder), _known(articles)
    for turn, every in enumerate([known] if looks == 1 else repeat(list(known), looks)):
        made.crawl(START + turn * max(_ROUND, articles * _PACE), _some_edited(every, turn, edits))
    return made.log


def _some_edited(every: Iterable[_Known], turn: int, edits: int) -> Iterator[tuple[_Known, Finds]]:
    # Each look finds others edited.
    for place, one in enumerate(every):
        edited = turn > 0 and (place + turn * _PRIME) % edits == 0
        yield one, "an edit" if edited else "the same"


def kept(folder: Path, articles: int, now: datetime) -> Log:
    """Make an archive that is crawled still, of which nothing is due at `now`; return its log.

    All of it was looked at within one day 39 days ago, the youngest article a year old by then, and listed by walks
    that were complete. In each of the six days behind, a crawl looked at one of 400 articles, six at least: a third of
    these had been edited, a third were gone, that day and the next one, and of these half were back a day ago.
    """
    start, lively, ways = now - _AGO, list[_Known](), get_args(Finds)
    step = max(1, min(LIVELY, articles // _LEAST) // _LIVELY_DAYS)
    made = _Made.below(folder, listed=True)
    made.crawl(start, ((one, "the same") for one in _noting(_known(articles, start - START), lively, step)))
    missed: list[_Known] = []
    for day in range(_LIVELY_DAYS):
        some = lively[day::_LIVELY_DAYS]
        found = [(one, ways[place % len(ways)]) for place, one in enumerate(some)]
        made.crawl(start + (day + 1) * _DAY, [*((one, ways[-1]) for one in missed), *found])
        missed = [one for one, what in found if what == "nothing"]
    made.crawl(now - _DAY, _half_back(lively))
    return made.log


def _half_back(lively: Iterable[_Known]) -> Iterator[tuple[_Known, Finds]]:
    missed = 0
    for one in lively:
        missed += one.missed
        yield one, "nothing" if one.missed and missed % 2 else "the same"


def _known(articles: int, later: timedelta = timedelta()) -> Iterator[_Known]:
    for printed in generated(articles):
        yield _Known(printed=replace(printed, published=printed.published + later))


def _noting(known: Iterable[_Known], lively: list[_Known], step: int) -> Iterator[_Known]:
    for place, one in enumerate(known):
        if place % step == 0:
            lively.append(one)
        yield one


@dataclass(slots=True, kw_only=True)
class _Made:
    """A log as it is written, crawl by crawl."""

    log: Log
    spools: Path
    listed: bool
    head: Head = EMPTY
    crawls: int = 0

    @classmethod
    def below(cls, folder: Path, *, listed: bool = False) -> Self:
        log = Log(open_store(f"file:{folder}/archive"))
        log.create(edition=PRESSTV_FR.name, version="1")
        return cls(log=log, spools=folder / "spool", listed=listed)

    def crawl(self, begun: datetime, finds: Iterable[tuple[_Known, Finds]]) -> None:
        """Look at articles, one after the other, in batches; each comes with what the look finds."""
        crawl = f"{begun:%Y%m%dt%H%M%Sz}-{self.crawls:08x}"
        self.crawls += 1
        rest = iter(finds)
        for number, some in enumerate(iter(lambda: list(islice(rest, BATCH)), []), 1):
            at = begun + (number - 1) * BATCH * _PACE
            name = batch_id(at, crawl, number)
            batch = Batch(batch_id=name, crawl=crawl, opened_at=at, spool=Spool.create(self.spools, name))
            for place, (one, what) in enumerate(some):
                batch.checks.append(_look(batch, one, at + place * _PACE, what))
            if self.listed and self.crawls == 1:
                batch.checks += _listings([one for one, _ in some], at)
            # A walk is complete as far as its crawl has come: more batches list more.
            self._commit(batch, _ended(len(some)) if self.listed else {})

    def _commit(self, batch: Batch, summary: dict[str, Any]) -> None:
        clock = partial(batch.opened_at.__add__, BATCH * _PACE)
        self.head = batches.commit(
            batch, self.log, head=self.head, writer=WRITER, summary=summary, clock=clock
        ).head  # fmt: skip
        assert batch.spool is not None
        batch.spool.delete()


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


def _look(batch: Batch, known: _Known, at: datetime, what: Finds) -> Check:
    told = partial(Check, at=at, url=known.url, kind="article", article_id=known.printed.id)
    if what == "nothing":
        known.missed = True
        return told(outcome="gone", status=404)
    if what == "an edit":
        body = (*known.printed.body[:-1], f"{known.printed.body[-1]} Le bilan est porté à {at:%d%H%M} personnes.")
        known.printed = replace(known.printed, body=body)
    whole = partial(told, status=200, etag=f'"{known.printed.id}"', last_modified=_dated(known))
    if known.read_at is None or what == "an edit":
        capture = _capture(known, at)
        batch.spooled(capture)
        batch.records.append((build(_article(known), capture, mirror=_HOST, revision=1), capture))
        outcome: Outcome = "new" if known.read_at is None else "changed"
        known.read_at = at
        return whole(outcome=outcome, payload=capture.payload)
    if int(known.printed.id) % 2:
        return told(outcome="unchanged", status=304, confirms=stamp(known.read_at), detail="not modified")
    page = digest(f"{known.url} {at}".encode())
    return whole(outcome="unchanged", confirms=stamp(known.read_at), payload=page)


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


if __name__ == "__main__":
    kept(Path(sys.argv[1]), int(sys.argv[2]), datetime.now(UTC))
