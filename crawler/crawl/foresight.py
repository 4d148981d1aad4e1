"""What a crawl would ask for, told without asking or writing anything: `scrapy crawl --dry-run`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from archive.catalog import articles, crawls
from archive.errors import UsageError
from archive.opened import Archive, check_edition
from archive.texts.amounts import amount
from crawler.crawl import recheck
from crawler.crawl.plan import Plan


def foreseen(plan: Plan, uri: str, archive: Archive | None, now: datetime, budget: int) -> dict[str, Any]:
    """Return what a crawl of that plan would ask for at `now` (aware UTC), JSON-ready; without an archive for a first.

    Raises UsageError for an article of `ids` that the archive lacks, ConfigurationError where it is another edition's.
    """
    told: dict[str, Any] = {
        "schema": "presstv.crawl-plan/1", "archive": uri, "new": archive is None, "outlet": list(plan.bases),
        "sections": _sections(plan, archive), "since": plan.since.isoformat() if plan.since else None,
        "recheck": plan.recheck, "limit": plan.limit,
    }  # fmt: skip
    if archive is None:
        if plan.ids:
            raise UsageError(f"no article {plan.ids[0]!r}: there is no archive yet in {uri}")
        return told | {"known": 0, "due": 0, "rechecks": []}
    check_edition(archive.log, archive.catalog.vocabulary.edition, plan.edition.name)
    db = archive.catalog.db
    rows = [articles.article_row(db, number) for number in plan.ids]
    rows = rows or list(recheck.chosen(db, plan.recheck, now, budget))
    due = recheck.backlog(db, now, budget)["due"]
    return told | {"known": articles.counts(db)["articles"], "due": due, "rechecks": [row.article_id for row in rows]}


def _sections(plan: Plan, archive: Archive | None) -> list[dict[str, Any]]:
    """Return each wanted section, `all` for the whole menu, with whether its last walk came to its end."""
    if plan.ids:
        return []
    walks = {walk["section"]: walk for walk in crawls.walks(archive.catalog.db)} if archive else {}
    names = ["all"] if plan.sections is None else [section.key for section in plan.sections]
    return [{"section": name, "walked": walks[name]["complete"] if name in walks else None} for name in names]


_WALKED = {None: "not walked yet", True: "down to what its last walk knew", False: "deeper than its last walk"}


def lines_of(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield it for a person."""
    first = ", which the crawl would make" if told["new"] else ""
    main, *others = told["outlet"]
    mirrors = f" (or {amount(len(others), 'mirror')} of it)" if others else ""
    yield f"would crawl {main}{mirrors} into {told['archive']}{first}"
    since = f", nothing older than {told['since']}" if told["since"] else ""
    for each in told["sections"]:
        walked = "every section of the menu" if each["section"] == "all" else _WALKED[each["walked"]]
        yield f"  section {each['section']}: {walked}{since}"
    if told["sections"]:
        yield "  front page, feed and sitemaps, and every article named that the archive lacks"
    again = amount(len(told["rechecks"]), "article")
    yield f"  re-checks: {again} of {told['known']} known, {told['due']} due"
    if told["limit"] is not None:
        yield f"  at most {amount(told['limit'], 'article')} in all"
    yield "nothing was asked, nothing was written"
