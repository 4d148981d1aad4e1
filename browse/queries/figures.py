"""Figures over the whole archive: what happened in each section, and to which articles most."""

from archive.catalog import articles
from archive.catalog.articles import ArticleRow, Db

_MOST = 20


def most_edited(db: Db) -> list[ArticleRow]:
    """Return the articles of the most versions, those of one version left out."""
    rows = db.execute(
        "SELECT * FROM articles WHERE versions > 1 ORDER BY versions DESC, article_id DESC LIMIT ?", (_MOST,)
    )
    return [articles.row_of(row) for row in rows]


def by_section(db: Db) -> list[tuple[str, int, int, int, int]]:
    """Return (listing, articles, edited, edited silently, gone or removed) of each listing."""
    return db.execute(
        "SELECT p.section, count(*), sum(a.versions > 1), sum(EXISTS (SELECT 1 FROM changes n "
        "WHERE n.article_id = a.article_id AND n.silent)), sum(a.state IN ('gone', 'removed')) "
        "FROM placements p JOIN articles a ON a.article_id = p.article_id GROUP BY p.section ORDER BY p.section"
    ).fetchall()
