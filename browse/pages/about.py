"""What the archive covers, and what it promises and what not."""

from starlette.responses import Response

from archive.catalog import crawls
from archive.catalog.suspects import suspects
from browse.asking import Ask, as_csv, as_json
from browse.pages.front import head_json, known_counts, strip
from browse.pages.lists import section_name
from browse.pages.untold import unknown

_WALK = ("section", "at", "pages", "complete")


def coverage(ask: Ask) -> Response:
    """Show how far each section was walked, how the last crawl went, what waits."""
    walks = [(walk, section_name(ask, walk["section"])) for walk in crawls.walks(ask.db)]
    return ask.render(
        "coverage.html", walks=walks, counts=known_counts(ask), last=crawls.last_crawl(ask.db),
        suspects=suspects(ask.db), head=ask.head, strip=strip(ask, ask.site.clock()),
        behind=ask.site.reader.behind, unknown=unknown(ask),
    )  # fmt: skip


def coverage_json(ask: Ask) -> Response:
    """Answer the same as JSON."""
    return as_json(
        {
            "schema": "presstv.coverage/1", "head": head_json(ask), "counts": known_counts(ask),
            "last_crawl": crawls.last_crawl(ask.db), "suspect": suspects(ask.db), "sections": crawls.walks(ask.db),
            "behind": ask.site.reader.behind,
        }
    )  # fmt: skip


def walks_csv(ask: Ask) -> Response:
    """Give how far each section was walked as CSV."""
    rows = crawls.walks(ask.db)
    return as_csv(_WALK, ([walk[name] for name in _WALK] for walk in rows))


def about(ask: Ask) -> Response:
    """Say what the archive promises and not, how to cite it, how to check a proof."""
    return ask.render("about.html", head=ask.head)


def about_json(ask: Ask) -> Response:
    """Answer whose archive this is, up to which commit, and where programs find the rest, as JSON."""
    alone = ask.site.alone
    return as_json(
        {
            "schema": "presstv.about/1", "outlet": ask.outlet.name, "edition": ask.outlet.edition,
            "language": ask.outlet.language, "zone": ask.outlet.zone, "head": head_json(ask),
            "files": list(alone.names) if alone else None, "interface": "/openapi.json",
        }
    )  # fmt: skip
