"""Figures over the whole archive: what happened in each section, and to which articles most."""

from collections import defaultdict

from archive.catalog import articles
from archive.catalog.articles import ArticleRow, Db
from archive.catalog.traits import EDITED, SILENT, STATE
from archive.facts.outcomes import STATES

_MOST = 20


def most_edited(db: Db) -> list[ArticleRow]:
    """Return the articles of the most versions, those of one version left out."""
    rows = db.execute(
        "SELECT * FROM articles WHERE versions > 1 ORDER BY versions DESC, article_id DESC LIMIT ?", (_MOST,)
    )
    return [articles.row_of(row) for row in rows]


def by_section(db: Db) -> list[tuple[str, int, int, int, int]]:
    """Return (section, articles, edited, edited silently, gone or removed) of each section that articles name."""
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for section, flags, number in db.execute("SELECT section, flags, number FROM tallies ORDER BY section"):
        away = STATES[flags & STATE] in ("gone", "removed")
        for place, counts in enumerate((True, flags & EDITED, flags & SILENT, away)):
            found[section][place] += number if counts else 0
    return [(section, told[0], told[1], told[2], told[3]) for section, told in found.items()]
