"""The number of the article that a person, or a program, means."""

from collections.abc import Callable
from functools import partial

from archive.catalog.articles import Db
from archive.catalog.naming import seen_at, whole_number
from crawler.crawl.named import article_named
from crawler.editions.edition import Edition


def number_of(db: Db, edition: Edition, article: str, tell: Callable[[str], object]) -> str:
    """Return an article's number by its address, its number or first digits of that; `tell` is told what was guessed.

    It need not be one of the archive. Raises UsageError for what names no article, or several.
    """
    hosts_of = partial(seen_at, db)
    named = article_named(article, edition, lambda number, host: host in hosts_of(number))
    number = whole_number(db, named)
    if number != named:
        tell(f"note: {named} is taken for {number}, the only article whose number begins so")
    return number
