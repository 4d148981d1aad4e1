"""What a crawl says of itself when it ends: the same numbers for a person, for `--json` and for the last commit."""

import time
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from archive.facts.outcomes import Outcome
from archive.texts.amounts import amount, amounts, duration
from crawler.crawl.session import Session

_SHOWN_FAILURES = 3
_SHOWN_FIELDS = 2
_SHOWN_KINDS = 5
_DRIFTED = 6
_READ_OR_NONE: frozenset[Outcome] = frozenset({"listed", "gone"})


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
        "noise": len(session.patterns.noise()),
        "sections": summary["sections"],
        "passed_over": ledger.passed_over_by_kind(),
        "feed": [{"url": u, "outcome": o, "detail": d} for u, o, d in ledger.ends("feed")],
        "sitemaps": dict(ledger.sitemaps),
        "refused_sitemaps": [
            {"url": u, "outcome": o, "detail": d} for u, o, d in ledger.ends("sitemap") if o not in _READ_OR_NONE
        ],
        "suspect": ledger.brake.pulled,
        "brake": ledger.brake.report(),
        "left_by_limit": ledger.left_by_limit,
        "commits": len(session.writer.commits),
        "head": session.writer.commits[-1].seq if session.writer.commits else session.archive.catalog.head().seq,
        "bytes": sum(s.bytes for c in session.writer.commits for s in c.segments),
        "adopted": session.adopted,
        "seconds": round(time.monotonic() - session.began),
        "failures": [{"url": u, "outcome": o, "detail": d} for u, o, d in ledger.failures()],
        "closed_by": ledger.closed_by,
        "exit": ledger.exit_code(),
    }


def lines_of(report: Mapping[str, Any], emptied: Collection[str] = ()) -> Iterator[str]:
    """Yield the report as at most seventeen lines, and up to six more where the brake was pulled or the layout drifted.

    `emptied` are the sections that list nothing though a complete walk saw articles there.
    """
    articles = ", ".join(f"{count} {outcome}" for outcome, count in report["articles"].items()) or "none asked for"
    took = f" in {duration(report['seconds'])}" if "seconds" in report else ""
    early = "" if report["closed_by"] == "finished" else f", ended early: {report['closed_by']}"
    yield f"crawl {report['crawl']} into {report['archive']}: {amount(report['requests'], 'request')}{took}{early}"
    noise = f" ({report['noise']} of them only where pages read otherwise at each look)" if report["noise"] else ""
    yield f"  articles: {articles}{noise}"
    for section, walk in list(report["sections"].items())[:4]:
        state = "complete" if walk["complete"] else f"not complete ({walk['ended']})"
        yield f"  section {section}: {state}, {amounts(page=walk['pages'], article=walk['articles'])}{_depth(walk)}"
    if len(report["sections"]) > 4:
        rest = list(report["sections"].values())[4:]
        whole = sum(bool(walk["complete"]) for walk in rest)
        yield f"  {amount(len(rest), 'more section')}: {whole} complete, {len(rest) - whole} not"
    if report.get("adopted"):
        yield f"  adopted: {amount(report['adopted'], 'capture')} that a crawl which died had fetched"
    yield f"  stored: {amounts(commit=report['commits'], byte=report['bytes'])}; head {report['head']}"
    yield from _alarm(report, emptied)
    yield from _missed(report)
    failures = report["failures"]
    for failure in failures[:_SHOWN_FAILURES]:
        yield f"  {failure['outcome']}: {failure['url']} {failure['detail']}".rstrip()
    if len(failures) > _SHOWN_FAILURES:
        yield f"  … and {len(failures) - _SHOWN_FAILURES} more that could not be looked at; --json lists them"


def _depth(walk: Mapping[str, Any]) -> str:
    deep = walk.get("deep")
    if not deep or deep["page"] <= walk["pages"]:
        return ""
    told = f"; deep walk down to page {deep['page']}"
    if "url" in deep:
        return told
    return f"{told}, the listing's end" if deep["ended"] == "end" else f"{told}, cut short ({deep['ended']})"


def _missed(report: Mapping[str, Any]) -> Iterator[str]:
    if kinds := report["passed_over"]:
        told = ", ".join(f"{count} {kind}…" for kind, count in list(kinds.items())[:_SHOWN_KINDS])
        yield f"  passed over in the listings, for they are no articles' addresses: {told}"
    if maps := report["sitemaps"]:
        left = f", {maps['left']} of them left to the next crawls" if maps.get("left") else ""
        told = f"{amount(maps.get('articles', 0), 'article')}, {maps.get('new', 0)} new{left}"
        more = f"; {amount(maps['files_left'], 'file')} left" if maps.get("files_left") else ""
        yield f"  sitemaps: {amount(maps.get('files', 0), 'file')}, {told}{more}"
    if refused := report["refused_sitemaps"]:
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        yield f"  sitemap not read{more}: {refused[0]['outcome']}: {refused[0]['detail'] or refused[0]['url']}"
    failed = {failure["url"] for failure in report["failures"]}
    for look in report["feed"]:
        if look["outcome"] not in _READ_OR_NONE and look["url"] not in failed:
            yield f"  feed not read: {look['outcome']}: {look['detail'] or look['url']}"


def _alarm(report: Mapping[str, Any], emptied: Collection[str]) -> Iterator[str]:
    brake = report["brake"]
    if report["suspect"]:
        told = ", ".join(f"{count} {outcome}" for outcome, count in brake["rechecked"].items())
        yield f"  SUSPECT: too many re-checks at once found another text or none ({told}); no edit, no removal is"
        yield f"    derived from them until: scrapy accept {report['crawl']}, or a new layout and scrapy replay"
        if lately := brake.get("lately"):
            told = ", ".join(f"{count} {outcome}" for outcome, count in lately.items())
            yield f"  of the articles looked at in the last 48 hours, by all crawls: {told}"
    if emptied and report["exit"] == _DRIFTED:
        yield f"  no article listed any more: {', '.join(key for key in report['sections'] if key in emptied)}"
    if report["suspect"] or report["exit"] == _DRIFTED:
        layouts = ", ".join(f"{layout} {count}" for layout, count in brake["layouts"].items()) or "none"
        yield f"  pages read by layout: {layouts}"
        for name, count in list(brake["fields"].items())[:_SHOWN_FIELDS]:
            strategies = next(iter(brake["strategies"][name]))
            yield f"  {name}: {count} differ, mostly {strategies}"
