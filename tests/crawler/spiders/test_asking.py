"""How the spider asks, and the books it keeps; called by hand, without a reactor."""

from dataclasses import replace

import pytest
from scrapy import Request
from scrapy.exceptions import CloseSpider, DownloadTimeoutError

from archive.errors import IntegrityError, StorageError
from crawler.crawl.ask import Ask, way_of
from crawler.middlewares.ended import EndedError
from crawler.spiders.asking import Books, Priority
from crawler.spiders.looks import look_at
from tests.by_hand import BASE, answer_to, asker_of, failure_of, parted, session_of
from tests.made import capture

ARTICLE = Ask(url=f"{BASE}/Detail/2026/11/24/7/titre", kind="article", article_id="7")
FRONT = Ask(url=f"{BASE}/", kind="front", base=BASE)


@pytest.fixture
def session(archive, tmp_path, clock):
    """Return a session on an empty archive."""
    return session_of(archive, tmp_path, clock)


@pytest.fixture
def asker(session):
    """Return what makes its requests."""
    return asker_of(session)


def read(response):
    """Read nothing."""
    return iter(())


def test_a_request_is_known_to_the_ledger(session, asker):
    """It is scheduled under its kind, a front page as a way in; whatever was asked before, it is not filtered out."""
    [request], looks = parted(asker.ask(FRONT, read, priority=Priority.FRONT, headers={"If-None-Match": '"a"'}))

    assert (request.url, request.callback, request.priority, request.dont_filter) == (FRONT.url, read, 100, True)
    assert request.headers["If-None-Match"] == b'"a"'
    assert (session.ledger.known(FRONT.url), session.ledger.seeds, looks) == (True, {FRONT.url}, [])


@pytest.mark.parametrize(("patient", "meta"), [(True, None), (False, True)], ids=["patient", "impatient"])
def test_whether_it_is_tried_again(asker, patient, meta):
    """Scrapy's own word is in the meta where an ask has no patience."""
    request = asker.request(replace(ARTICLE, patient=patient), read, priority=Priority.MIRROR)

    assert request.meta.get("dont_retry") is meta


def test_an_address_too_long_is_a_look(session):
    """It is never asked, and its line in the ledger gets its end all the same; one just short enough is asked."""
    ask = replace(ARTICLE, url=f"{BASE}/{'a' * 100}")
    just, _ = parted(asker_of(session, longest=len(FRONT.url)).ask(FRONT, read, priority=Priority.FRONT))
    over, _ = parted(asker_of(session, longest=len(FRONT.url) - 1).ask(FRONT, read, priority=Priority.FRONT))
    requests, [look] = parted(asker_of(session, longest=50).ask(ask, read, priority=Priority.FOUND))

    assert ([each.url for each in just], over, requests) == ([FRONT.url], [], [])
    assert (look.url, look.outcome, look.detail) == (ask.url, "filtered", f"an address of {len(ask.url)} characters")
    assert session.ledger.known(ask.url)


def test_a_request_without_a_response(asker):
    """Its errback yields its look, then whatever is to be asked for instead."""

    def instead(ask, look):
        yield asker.request(FRONT, read, priority=Priority.FRONT)
        assert (ask, look.outcome) == (ARTICLE, "timeout")

    request = asker.request(ARTICLE, read, priority=Priority.FOUND, missed=instead)
    way_of(request).hops.append(capture(status=503))
    look, more = request.errback(failure_of(request, DownloadTimeoutError("30 s")))

    assert (look.url, look.kind, look.article_id, look.detail) == (ARTICLE.url, "article", "7", "30 s")
    assert (look.capture, [hop.status for hop in look.hops]) == (None, [503])
    assert more.url == FRONT.url


def test_what_ended_a_request_is_its_own_capture(asker):
    """A body that stayed cut was an answer, and not one of an earlier try."""
    request = asker.request(ARTICLE, read, priority=Priority.FOUND)
    way_of(request).hops.extend([capture(status=500), capture(status=200)])
    [look] = request.errback(failure_of(request, EndedError("truncated", "cut")))

    assert (look.outcome, look.status, len(look.hops)) == ("truncated", 200, 1)


def test_an_archive_that_fails_under_a_request_ends_the_crawl(session, asker):
    """The address is storage_failed, the crawl's exit code is the error's."""
    request = asker.request(ARTICLE, read, priority=Priority.FOUND)
    with pytest.raises(CloseSpider) as stopped:
        list(request.errback(failure_of(request, StorageError("no space"))))

    assert (stopped.value.reason, session.ledger.outcome(ARTICLE.url)) == ("storage_failed", "storage_failed")
    assert session.ledger.failure == (StorageError.exit_code, "no space")


class Told:
    """What books told: pages that were tripped over, and why the crawl was to end."""

    def __init__(self, session):
        self.tripped, self.ends = [], []
        self.books = Books(session, tripped=lambda ask, error: self.tripped.append((ask, error)), end=self.ends.append)


@pytest.fixture
def told(session):
    """Return books of the session."""
    return Told(session)


def answered(session, asker, ask=ARTICLE):
    """Return the answer to a request, spooled as the capture middleware does."""
    response = answer_to(asker.request(ask, read, priority=Priority.FOUND))
    session.writer.spool(way_of(response).hops[-1])
    return response


def test_a_page_that_the_spider_tripped_over(session, asker, told):
    """It is extract_failed, its check and its bytes are stored, and whom it concerns hears of it."""
    response = answered(session, asker)
    error = KeyError("rang")
    told.books.callback_failed(failure_of(response.request, error), response)
    session.writer.close({})
    session.archive.catalog.follow(session.archive.log)
    rows = session.archive.catalog.db.execute("SELECT outcome, url FROM checks").fetchall()

    assert told.tripped == [(ARTICLE, error)]
    assert session.ledger.outcome(ARTICLE.url) == "extract_failed"
    assert rows == [("extract_failed", ARTICLE.url)]
    assert session.archive.catalog.db.execute("SELECT count(*) FROM captures").fetchone() == (1,)


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (StorageError("slow"), None),
        (OSError("disk"), None),
        (IntegrityError("torn"), (IntegrityError.exit_code, "torn")),
    ],
    ids=["store", "disk", "integrity"],
)
def test_a_look_that_could_not_be_stored(session, asker, told, error, failure):
    """No check says that it was looked at, so that the next crawl looks again; the bytes are kept."""
    response = answered(session, asker)
    told.books.look_failed(look_at(response, session.clock()), failure_of(response.request, error))
    session.writer.close({})
    session.archive.catalog.follow(session.archive.log)
    count = session.archive.catalog.db.execute("SELECT (SELECT count(*) FROM checks), count(*) FROM captures")

    assert (session.ledger.outcome(ARTICLE.url), session.ledger.failure) == ("storage_failed", failure)
    assert count.fetchone() == (0, 1)


def test_requests_of_others_are_not_in_the_books(session, told):
    """An error in another's request, such as an extension's, has no line to be closed."""
    told.books.callback_failed(failure_of(Request(ARTICLE.url), KeyError("x")), answer_to(Request(ARTICLE.url)))

    assert (told.tripped, session.ledger.scheduled()) == ([], 0)


def test_who_is_turned_away_ends(session, asker, told):
    """The third wall in a row ends the crawl as refused."""
    for number in ("7", "8", "9"):
        asker.request(Ask(url=f"{BASE}/{number}", kind="article"), read, priority=Priority.FOUND)
        told.books.turn()
        session.ledger.end(f"{BASE}/{number}", "challenge")
    told.books.turn()

    assert told.ends == ["refused"]


def test_the_first_error_tells_the_exit_code(session, asker, told):
    """Of two errors the one that came first stands: the other may be its consequence."""
    for error in (IntegrityError("torn"), IntegrityError("torn, too")):
        response = answered(session, asker)
        told.books.look_failed(look_at(response, session.clock()), failure_of(response.request, error))

    assert session.ledger.failure == (IntegrityError.exit_code, "torn")


def test_a_commit_that_failed_ends_the_crawl(session, told):
    """The writer keeps its first error; the crawl's exit code is that one's."""
    session.writer.failure = StorageError("no space")
    told.books.turn()

    assert told.ends == ["storage_failed"]
