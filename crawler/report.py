"""What a crawl says of itself when it ends: the same numbers for a person, for `--json` and for the last commit."""

from collections.abc import Iterator, Mapping
from typing import Any

from crawler.session import Session

_SHOWN_FAILURES = 3


def report_of(session: Session, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report of a finished crawl, JSON-ready."""
    ledger = session.ledger
    articles = ledger.counts("article")
    return {
        "schema": "presstv.crawl/1",
        "crawl": session.crawl,
        "archive": session.archive.store.uri,
        "requests": ledger.scheduled(),
        "outcomes": dict(ledger.counts()),
        "articles": dict(articles),
        "sections": summary["sections"],
        "left_by_limit": ledger.left_by_limit,
        "commits": len(session.writer.commits),
        "head": session.writer.commits[-1].seq if session.writer.commits else session.archive.catalog.head().seq,
        "bytes": sum(s.bytes for c in session.writer.commits for s in c.segments),
        "failures": [{"url": u, "outcome": o, "detail": d} for u, o, d in ledger.failures()],
        "closed_by": ledger.closed_by,
        "exit": ledger.exit_code(),
    }


def lines_of(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the report as at most twelve lines."""
    articles = ", ".join(f"{count} {outcome}" for outcome, count in report["articles"].items()) or "none asked for"
    early = "" if report["closed_by"] == "finished" else f", ended early: {report['closed_by']}"
    yield f"crawl {report['crawl']} into {report['archive']}: {report['requests']} requests{early}"
    yield f"  articles: {articles}"
    for section, walk in list(report["sections"].items())[:4]:
        state = "complete" if walk["complete"] else f"not complete ({walk['ended']})"
        yield f"  section {section}: {state}, {walk['pages']} pages, {walk['articles']} articles"
    if len(report["sections"]) > 4:
        rest = list(report["sections"].values())[4:]
        whole = sum(bool(walk["complete"]) for walk in rest)
        yield f"  {len(rest)} more sections: {whole} complete, {len(rest) - whole} not"
    yield f"  stored: {report['commits']} commits, {report['bytes']} bytes; head {report['head']}"
    failures = report["failures"]
    for failure in failures[:_SHOWN_FAILURES]:
        yield f"  {failure['outcome']}: {failure['url']} {failure['detail']}".rstrip()
    if len(failures) > _SHOWN_FAILURES:
        yield f"  … and {len(failures) - _SHOWN_FAILURES} more that could not be looked at; --json lists them"
