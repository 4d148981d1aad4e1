"""Lists as Atom feeds (RFC 4287)."""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote

from starlette.responses import Response

from archive.catalog import crawls
from archive.catalog.articles import ArticleRow
from archive.catalog.snippets import marked
from archive.exporters.atom import FeedEntry, FeedHead, feed_of
from browse.asking import FEED_ROWS, Ask
from browse.pages import lists as pages
from browse.pages.searching import answer_of, hits, sought
from browse.queries import lists


def happened(ask: Ask) -> Response:
    """Give a list as a feed: the last thirty days, or since a day."""
    about = pages.asked(ask)
    name = about.name
    part = pages.found(ask, about).rows[:FEED_ROWS]
    entries = [
        FeedEntry(
            key=f"{name}:{told.row.key}", title=_title(told.row.article), updated=told.row.not_after,
            link=_link(ask, told.row), summary=f"{told.when}. {told.what}".strip(),
        )
        for told in pages.told(ask, name, part)
    ]  # fmt: skip
    title = " · ".join(filter(None, (pages.titles(ask)[name][0], about.section)))
    return _feed(ask, title, ":".join(filter(None, ("list", name, quote(about.section)))), entries)


def _link(ask: Ask, row: lists.Happened) -> str:
    number = row.article.article_id
    if row.change:
        return ask.link(f"/a/{number}/diff/{row.change['from']}..{row.change['to']}")
    return ask.link(f"/a/{number}")


def section(ask: Ask) -> Response:
    """Give what a section lists as a feed."""
    key = ask.place("key")
    _, rows = lists.section_rows(ask.db, key, 1, FEED_ROWS)
    entries = [
        FeedEntry(key=f"section:{key}:{row.article_id}", title=_title(row), link=ask.link(f"/a/{row.article_id}"),
              updated=row.edited_at or row.first_seen, summary="")
        for row in rows
    ]  # fmt: skip
    return _feed(ask, pages.section_name(ask, key), f"section:{key}", entries)


def search(ask: Ask) -> Response:
    """Give what a search finds as a feed."""
    question = sought(ask)
    entries = [
        FeedEntry(key=f"found:{hit.article.article_id}@{hit.version}", title=_title(hit.article),
              link=ask.link(f"/a/{hit.article.article_id}"), updated=hit.article.edited_at or hit.article.first_seen,
              summary=marked(hit.snippet, "", ""))
        for hit in hits(ask, question, answer_of(ask, question), FEED_ROWS)
    ]  # fmt: skip
    title = ask.tongue.say("Search: %(words)s", words=ask.word("q"))
    return _feed(ask, title, f"search:{ask.request.url.query}", entries)


def _title(article: ArticleRow) -> str:
    return article.headline or article.url


def _feed(ask: Ask, title: str, key: str, entries: Iterable[FeedEntry]) -> Response:
    last = crawls.last_crawl(ask.db)
    about = FeedHead(
        edition=ask.outlet.edition, key=key, title=f"{ask.outlet.name}: {title}",
        author=ask.tongue.say("Archive of %(outlet)s", outlet=ask.outlet.name), language=ask.tongue.code,
        address=ask.base() + ask.here(), updated=last["at"] if last else "1970-01-01T00:00:00Z",
    )  # fmt: skip
    told = (replace(entry, link=ask.base() + entry.link) for entry in entries)
    return Response(feed_of(about, told), media_type="application/atom+xml")
