"""What the archive holds at its head: counts, the last crawl, what waits, how far each section was walked."""

from typing import Any

from archive.catalog import articles, crawls
from archive.catalog.catalog import Catalog
from archive.catalog.suspects import suspects


def state_of(catalog: Catalog) -> dict[str, Any]:
    """Return the head, the counts, the last finished crawl, suspect crawls and each section's last walk, JSON-ready."""
    db, head = catalog.db, catalog.head()
    return {
        "head": {"seq": head.seq, "digest": head.digest},
        "counts": articles.counts(db),
        "last_crawl": crawls.last_crawl(db),
        "suspect": suspects(db),
        "sections": crawls.walks(db),
    }
