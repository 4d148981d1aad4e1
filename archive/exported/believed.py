"""What rows say of an article that is more than can be derived of the lines: believed where no line tells."""

from collections.abc import Mapping
from itertools import islice
from typing import Annotated, cast

import msgspec
from msgspec.structs import replace

from archive.catalog.articles import ArticleRow
from archive.catalog.catalog import Catalog
from archive.catalog.fold import write_beside
from archive.catalog.rows import due
from archive.catalog.tables import Tables
from archive.errors import ConfigurationError
from archive.exported.spool import ArticleWords, LineSpool
from archive.facts.names import ARTICLE_ID
from archive.facts.outcomes import State

_MANY = 2_000


class _Unread(msgspec.Struct, kw_only=True):
    """A row of the view articles, as far as it tells of one that was never read."""

    article_id: Annotated[str, msgspec.Meta(pattern=rf"^{ARTICLE_ID.pattern}$")]
    url: str
    state: State
    first_seen: str
    last_seen: str | None
    last_look: str
    last_outcome: str
    versions: int

    def as_row(self) -> ArticleRow:
        """Return it as the catalog has it."""
        return due(
            ArticleRow(
                article_id=self.article_id, url=self.url, state=self.state, headline="", published=None,
                first_seen=self.first_seen, last_seen=self.last_seen, last_look=self.last_look,
                last_outcome=self.last_outcome, versions=0, edited_at=None, latest=None,
            )
        )  # fmt: skip


def take_word(catalog: Catalog, spool: LineSpool) -> None:
    """Take from an article's row what the lines don't show: when it was first seen, and without a look its state."""
    with catalog.writing():
        words = spool.words()
        while part := list(islice(words, _MANY)):
            _put(catalog, {int(each.article_id): each for each in part})
        # A look that found the article is no listing alone, though what it read is not in the files.
        seen = catalog.db.execute("SELECT article_id FROM articles WHERE state = 'unread' AND last_seen IS NOT NULL")
        _put(catalog, {number: _FOUND for (number,) in seen.fetchall()})
        _add_unread(catalog, spool)


_FOUND = ArticleWords("", None, "live", None, None)


def _put(catalog: Catalog, told: Mapping[int, ArticleWords]) -> None:
    tables = Tables(catalog.db, searched=False)
    for number, row in tables.rows("articles", told).items():
        words = told[number]
        first, last = words.first_seen or row.first_seen, words.last_seen if words.away else None
        new = replace(
            row, first_seen=min(first, row.first_seen), state=cast("State", words.away or row.state),
            last_seen=last or row.last_seen, absent_from=words.absent_from if words.away else row.absent_from,
        )  # fmt: skip
        if new != row:
            tables.put("articles", new, row)
    write_beside(catalog.db, tables, catalog.vocabulary)


def _add_unread(catalog: Catalog, spool: LineSpool) -> None:
    """Add the articles that were seen and never read, where no look tells of them."""
    tables = Tables(catalog.db, searched=False)
    added = set[str]()
    for line in spool.unplaced("article"):
        try:
            row = msgspec.json.decode(line.data, type=_Unread)
            unread = row.as_row()
        except (ValueError, OverflowError) as error:
            raise ConfigurationError(f"{line.place}: it is no article: {error}; export it again") from error
        if not row.versions and row.article_id not in added and tables.row("articles", int(row.article_id)) is None:
            added.add(row.article_id)
            tables.put("articles", unread, None)
    write_beside(catalog.db, tables, catalog.vocabulary)
