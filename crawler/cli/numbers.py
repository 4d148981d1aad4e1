"""The number of the article, and the name of the version, that a person or a program means."""

from collections.abc import Callable
from datetime import tzinfo
from functools import partial

from archive.catalog.articles import Db
from archive.catalog.naming import named_version, seen_at, whole_number
from archive.errors import UsageError
from archive.facts.names import dated
from crawler.crawl.clock import present
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


def name_of(db: Db, number: str, time: str, zone: tzinfo) -> str:
    """Return `ID`, or `ID@TIME` with the day for `today` and `yesterday`.

    Raises UsageError with the word that was given, where there is no version by the day that it means.
    """
    if not time:
        return number
    name = f"{number}@{dated(time, present(), zone)}"
    if name != f"{number}@{time}":
        try:
            named_version(db, name, zone)
        except UsageError as error:
            raise UsageError(f"{time!r}: {error}") from error
    return name
