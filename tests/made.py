"""Captures, articles and archives made for a test, all of them real ones."""

from datetime import UTC, datetime, timedelta

from archive.committing import Committer
from archive.facts.canonical import digest
from archive.facts.items import Article, Capture, Moment
from archive.log.batch import Limits
from archive.opened import open_for_writing
from crawler.crawl.program import PROGRAM
from demo.outlet import Outlet, written
from demo.routes import route
from pipelines.look import Look
from pipelines.writer import Writer
from tests.french import VOCABULARY

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
BASE = "https://french.presstv.ir"


class Ticking:
    """A clock that goes on by a second with each reading, and further when told."""

    def __init__(self, start=START):
        self.now = start

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now

    def forward(self, **span):
        """Let time pass."""
        self.now += timedelta(**span)


def url_of(number):
    """Return an article's address."""
    return f"{BASE}/Detail/2019/03/17/{number}/un-titre"


def capture(url=None, *, at=START, body=b"<html>rien</html>", status=200, headers=()):
    """Return a capture."""
    lines = (("Content-Type", "text/html; charset=utf-8"), *headers)
    return Capture(
        url=url or url_of("7"),
        captured_at=at,
        status=status,
        response_headers=tuple((k.encode(), v.encode()) for k, v in lines),
        body=body,
        payload=digest(body),
    )


def article(number="7", **fields):
    """Return an article as it leaves the dates step."""
    about = {
        "article_id": number,
        "url": url_of(number),
        "headline": "La pluie revient sur la côte",
        "body": ("Il pleut depuis mardi.", "Les pêcheurs attendent au port."),
        "published": Moment(utc=START - timedelta(days=4), raw="20/11", zone="Asia/Tehran", precision="minute"),
        "layout": "modern",
    }
    return Article(**{**about, **fields})


def look(number="7", *, at=START, body=b"<html>rien</html>", read=None, outcome="article", **fields):
    """Return a look at an article as it reaches the version step; `read` is what the page object read."""
    taken = capture(url_of(number), at=at, body=body, headers=fields.pop("headers", ()))
    return Look(
        url=url_of(number), kind="article", at=at, outcome=outcome, status=200, article_id=number, capture=taken,
        article=read, **fields,
    )  # fmt: skip


def page(path, **edits):
    """Return the demo outlet's answer to a path, as bytes, after an edit of that article."""
    outlet = Outlet(written(), clock=lambda: START)
    number = next((a.id for a in outlet.articles.values() if a.path == path), None)
    if edits:
        outlet.edit(number, open=False, **edits)
    return route(outlet, path_of(path)).text.encode()


def path_of(path):
    """Return a path percent-decoded, as the outlet routes it."""
    from urllib.parse import unquote

    return unquote(path)


def demo_articles(count):
    """Return addresses and pages of so many articles of the demo outlet, on the first host."""
    return [(f"{BASE}{a.path}", page(a.path)) for a in written()[:count]]


def archive_at(folder, clock):
    """Return an archive opened for writing."""
    return open_for_writing(
        f"file:{folder}/archive", folder / "catalog.sqlite", vocabulary=VOCABULARY, version="0", now=clock()
    )


def committer_of(archive, clock, *, crawl="20261124t120000z-0000000a", sign=None):
    """Return a committer to the archive."""
    return Committer(archive=archive, crawl=crawl, program=PROGRAM, clock=clock, sign=sign)


def writer_of(archive, folder, clock, *, crawl="20261124t120000z-0000000a", **limits):
    """Return a writer with its spool in the folder."""
    return Writer(committer_of(archive, clock, crawl=crawl), spool_dir=folder / "spool", limits=Limits(**limits))
