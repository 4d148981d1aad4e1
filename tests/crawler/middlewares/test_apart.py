"""Long pages are read in a thread: what else comes in is handled meanwhile, and the crawl finds the same."""

import asyncio
import threading

import pytest

from crawler.middlewares.apart import LONG, Apart, apart, resolved
from demo.routes import Answer
from tests.faulty import ARTICLE, Faulty
from tests.project import Project

WAITING = f"""
import sys, threading, scrapy.cmdline
from crawler.pages import outcome
shown, read = threading.Event(), outcome.read
def reading(capture, edition, **more):
    found = read(capture, edition, **more)
    if "/Detail/" not in capture.url:
        return found
    if len(more["body"]) < {LONG}:
        shown.set()
    elif not shown.wait(60):
        raise AssertionError("nothing else was read while a long page was")
    return found
outcome.read = reading
scrapy.cmdline.execute(sys.argv)
"""


class LongFirst(Faulty):
    """An outlet that has a long box of other things on the page of the article that is asked first."""

    first = None

    def answer(self, path):
        """Answer as the outlet does, that article longer."""
        answer, encoded = super().answer(path)
        if not ARTICLE.match(path) or self.first not in (None, path):
            return answer, encoded
        self.first = path
        box = "<p>Autre chose.</p>" * (LONG // 19 + 1)
        long = Answer(text=encoded[0].decode().replace("</body>", f"<aside>{box}</aside></body>"))
        return long, long.encoded()


@pytest.mark.row("F-OUT-16")
def test_other_articles_are_read_while_a_long_one_is(tmp_path):
    """The reading of the article that is asked first goes on until another one was read; both are in the archive."""
    with LongFirst() as outlet:
        project = Project(tmp_path, outlet.url)
        done = project.run_by(WAITING, *project.crawl_words("-a", "limit=4", "--json"))

    assert "AssertionError" not in done.stderr
    assert done.returncode == 14, done.stderr
    versions = project.rows("versions")
    assert len(versions) == 4
    assert ARTICLE.match(outlet.first)[1] in {row["article_id"] for row in versions}


def test_long_listings_and_articles_are_found_as_short_ones(project, outlet):
    """A front page, listings and an article that are long bring the same articles; none is left out."""
    long = f"{'<!-- rien -->' * (LONG // 13 + 1)}</body>"
    for path in ("/", "/Section/33013", "/rss.xml"):
        text = outlet.answer(path)[1][0].decode()
        outlet.instead[path] = Answer(text=text.replace("</body>", long))
    report = project.report()

    assert (report["exit"], report["articles"]) == (0, {"new": 60})
    assert all(walk["complete"] for walk in report["sections"].values())


def gathered(output):
    """Return what `resolved` yields of a callback's output."""

    async def gather():
        return [found async for found in resolved(output)]

    return asyncio.run(gather())


def where():
    """Return the thread that asks."""
    return threading.current_thread().name


def test_only_what_is_long_is_read_in_the_thread():
    def callback():
        yield (yield from apart(LONG - 1, where))
        yield (yield from apart(LONG, where))

    short, long = gathered(callback())
    assert short == threading.main_thread().name
    assert long.startswith("long-page")


def test_a_callback_hears_of_what_its_task_raised():
    def callback():
        try:
            yield from apart(LONG, lambda: 1 / 0)
        except ZeroDivisionError:
            yield "caught"
        yield from apart(LONG, lambda: {}["none"])

    output = resolved(callback())

    async def walk():
        found = [await anext(output)]
        with pytest.raises(KeyError):
            await anext(output)
        return found

    assert asyncio.run(walk()) == ["caught"]


def test_nobody_else_sees_what_a_callback_waits_for():
    assert not any(isinstance(found, Apart) for found in gathered(apart(LONG, where)))
