"""Run the spider in Scrapy's process and bring the ledger to its end: signals noted, the wait for the last bounded."""

import asyncio
import gc
import signal
from collections.abc import Callable
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import call_later

from crawler.crawl.ledger import Ledger
from crawler.crawl.progress import Bar
from crawler.crawl.session import Session, close_session

GRACE_SECONDS = 20.0
"""How long requests in flight may take after the first signal; then the crawl commits what it has."""
_YOUNG = 20_000
"""Objects more than were let go of, at which the collector looks for rings among them: reading a page leaves none."""


def crawl_once(process: Any, session: Session, bar: Bar | None = None) -> dict[str, Any]:
    """Crawl once, commit what is left, and return the crawl's summary; `process` is Scrapy's.

    Where the crawl was ended at once, what is open is left to the next one, which finds its spool.
    """
    try:
        walks = run(process, session, bar)
    except BaseException:
        session.writer.abandon()
        raise
    return close_session(session, walks)


def run(process: Any, session: Session, bar: Bar | None = None) -> dict[str, dict[str, object]]:
    """Crawl once, close the ledger and return the summaries of the walks; `process` is Scrapy's.

    `ledger.closed_by` stays `killed` where a second signal ended it: nothing more is to be committed then.
    """
    ledger = session.ledger
    crawler: Crawler = process.create_crawler("presstv")

    def closed(reason: str) -> None:
        ledger.closed_by = reason

    crawler.signals.connect(closed, signal=signals.spider_closed, weak=False)
    crawler.signals.connect(_settle, signal=signals.spider_opened, weak=False)
    if bar is not None:
        _draw(bar, crawler)
    ledger.closed_by = "killed"
    # The loop's first step: Scrapy's own handlers stand by then, and the spider is not opened yet.
    asyncio.get_event_loop().call_soon(_note_signals, ledger, crawler)
    process.crawl(crawler, session=session).add_done_callback(lambda task: _note_failure(ledger, task))
    process.start()
    if ledger.closed_by == "killed" and ledger.signal is None:
        ledger.fail(1, "the crawl ended before its end; see the log above")
    ledger.close()
    spider: Any = crawler.spider
    return spider.listings.summaries() if spider is not None else {}


def _settle() -> None:
    # All that was imported and opened stays: the collector need not go through it for every few pages.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)


def _note_failure(ledger: Ledger, task: Any) -> None:
    if not task.cancelled() and (error := task.exception()):
        ledger.fail(1, f"the crawl could not run: {type(error).__name__}: {error}")


def _note_signals(ledger: Ledger, crawler: Crawler) -> None:
    def noting(before: Callable[[int, Any], Any]) -> Callable[[int, Any], None]:
        def handler(number: int, frame: Any) -> None:
            ledger.signal = ledger.signal or number
            before(number, frame)
            _bound(ledger, crawler)

        return handler

    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, noting(before))


def _bound(ledger: Ledger, crawler: Crawler) -> None:
    from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it

    loop: Any = reactor

    def enough() -> None:
        if ledger.closed_by == "killed":
            ledger.closed_by = "shutdown"
            crawler.stats.set_value("finish_reason", "shutdown")
            loop.stop()

    loop.callFromThread(call_later, GRACE_SECONDS, enough)


def _draw(bar: Bar, crawler: Crawler) -> None:
    def show() -> None:
        spider: Any = crawler.spider
        bar.show(sum(spider.ledger.counts("article").values()), len(spider.articles.asked))

    for moment in (signals.request_scheduled, signals.item_scraped, signals.item_error):
        crawler.signals.connect(show, signal=moment, weak=False)
