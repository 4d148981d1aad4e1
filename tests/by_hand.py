"""The spider's collaborators called by hand: a session on a real archive, and answers as the middlewares leave them."""

from datetime import timedelta

from scrapy import Request
from scrapy.http import HtmlResponse
from twisted.python.failure import Failure

from crawler.crawl.ask import way_of
from crawler.crawl.ledger import Ledger
from crawler.crawl.patterns import Patterns
from crawler.crawl.session import Session
from crawler.reread.endings import Endings
from crawler.spiders.asking import Asker
from pipelines.version import Rules
from tests import facts
from tests.french import VOCABULARY, Plan
from tests.made import capture, writer_of

BASE = "http://127.0.0.1"
"""The origin of the invented facts."""
MIRROR = "http://127.0.0.2"
CRAWL = "20261124t120000z-0000000a"


def archive_of(*batches, **more):
    """Return an archive in memory with these batches of facts, a commit each."""
    log = facts.new_log()
    for batch in batches:
        facts.write(log, *batch, **more)
    return facts.folded(log)


def session_of(archive, folder, clock, **plan):
    """Return a crawl's session on an archive; the plan is for two origins of loopback unless it says otherwise."""
    return Session(
        plan=Plan(**{"outlet": (BASE, MIRROR), "sections": None} | plan),
        archive=archive,
        writer=writer_of(archive, folder, clock, crawl=CRAWL),
        ledger=Ledger(),
        clock=clock,
        endings=Endings(db=archive.catalog.db, store=archive.store),
        rules=Rules(revision=1, keep_for=timedelta(days=30), reread=lambda record: None),
        patterns=Patterns(db=archive.catalog.db, vocabulary=VOCABULARY, crawl=CRAWL),
        crawl=CRAWL,
    )


def asker_of(session, longest=2083):
    """Return what makes the requests of a session."""
    return Asker(ledger=session.ledger, clock=session.clock, longest=longest)


def answer_to(request, body=b"<html></html>", *, status=200, url=None):
    """Return the answer to a request as its callback gets it: the exchange is on its way, but for a 304."""
    place = url or request.url
    if status != 304:
        way_of(request).hops.append(capture(place, body=body, status=status))
    return HtmlResponse(place, status=status, body=body, request=request)


def failure_of(request, error):
    """Return the failure that a request's errback gets."""
    failure = Failure(error)
    failure.request = request
    return failure


def parted(output):
    """Return (requests, looks) of what a collaborator yields, each in their order."""
    found = list(output)
    requests = [each for each in found if isinstance(each, Request)]
    return requests, [each for each in found if not isinstance(each, Request)]


def urls(output):
    """Return the addresses that a collaborator asks for, and no look beside."""
    requests, looks = parted(output)
    assert looks == []
    return [request.url for request in requests]
