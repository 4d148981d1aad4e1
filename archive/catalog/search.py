"""Full-text search as the command line asks it: in the newest texts, and in what was taken out."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from itertools import islice
from typing import Any, TypedDict, Unpack

from archive.catalog.articles import MOST_VERSIONS, ArticleRow, Db, Version, article_row, newest_version
from archive.catalog.found import Order, Search
from archive.catalog.matching import asked, matching
from archive.catalog.selection import EVERYTHING, Selection, Where
from archive.errors import UsageError
from archive.facts.days import day_of
from archive.languages.vocabulary import Vocabulary

MOST_FOUND = 1_000_000


class Wish(TypedDict, total=False):
    """How something is searched for."""

    removed: bool
    """In what later versions lack, not in the newest texts."""
    order: Order


def search(
    db: Db, words: str, known: Vocabulary, *, limit: int = 20, chosen: Selection = EVERYTHING, **how: Unpack[Wish]
) -> list[dict[str, Any]]:
    """Return articles whose newest text holds all the words; with `removed`, sentences that a later version lacks.

    Words are read by `archive.catalog.query` and matched in their search form: without accents, ligatures, invisible
    marks and case, in each form that the language of `known` has and the archive holds. With `removed` all the words
    stood in the sentences that were changed or taken out, and one of them at least is gone from there. Of the selection
    days are those of publication. Raises UsageError for a search without a word, and for a limit that is
    no count.
    """
    if not 1 <= limit <= MOST_FOUND:
        raise UsageError(f"a limit of {limit} can't be; give a number from 1 to {MOST_FOUND}")
    with asked(words):
        where = _chosen(chosen, removed=how.get("removed", False))
        question = Search(match=matching(db, words, known.language), where=where, **how)
        places = question.places(db, -1 if chosen.sections else limit)
    return list(islice(_found(db, question, places, chosen, known.zone), limit))


def _found(
    db: Db, question: Search, places: Iterable[tuple[int, int]], chosen: Selection, zone: tzinfo
) -> Iterator[dict[str, Any]]:  # fmt: skip
    for number, version in places:
        article, newest = article_row(db, str(number)), newest_version(db, str(number))
        if newest is not None and chosen.in_section(newest.record["sections"]):
            yield _told(article, newest) | {
                "day": day_of(newest.record["published"], zone),
                "snippet": question.snippet(db, number, version, newest.record),
                "version": version or article.versions,
            }  # fmt: skip


def _chosen(chosen: Selection, *, removed: bool) -> Where:
    where, values = chosen.articles("a.article_id")
    for at, sign in ((chosen.since.at, ">="), (chosen.until.at, "<=")):
        if at:
            where += f" AND a.published {sign} ?"
            values.append(at)
    if chosen.silent:
        where += " AND EXISTS (SELECT 1 FROM changes n WHERE n.article_id = a.article_id AND n.silent"
        where += f" AND n.number = i.rowid % {MOST_VERSIONS})" if removed else ")"
    return where, values


def _told(article: ArticleRow, newest: Version) -> dict[str, Any]:
    return {
        "article_id": article.article_id, "headline": article.headline, "published": article.published,
        "state": article.state, "state_source": article.state_source,
        "url": article.url, "sections": newest.record["sections"], "cite": newest.cite, "source": newest.source,
    }  # fmt: skip
