"""Step 7: put what was judged into the open batch; full batches are committed by the writer's own thread."""

from dataclasses import replace
from typing import Any, Self

from archive.catalog.memory import LastLook, confirmed
from archive.facts.items import Check
from archive.facts.names import stamp
from archive.facts.outcomes import Keep
from archive.warc.warc import target_uri
from pipelines.look import Look
from pipelines.version import Judged, Verdict
from pipelines.writer import Writer


def check_of(look: Look, verdict: Verdict) -> Check:
    """Return the check that a look leaves, whatever else it left."""
    capture = look.capture
    answered = capture is not None and capture.status == 200
    return Check(
        at=look.at,
        url=look.url,
        kind=look.kind,
        outcome=verdict.outcome,
        article_id=look.article_id,
        status=look.status,
        detail=verdict.detail or look.detail,
        reason=look.reason,
        confirms=verdict.confirms,
        payload=capture.payload if capture else None,
        etag=capture.header("etag") if capture and answered else None,
        last_modified=capture.header("last-modified") if capture and answered else None,
        section=look.section,
        page=look.page,
        listed=look.listed,
        onward=look.onward,
        teasers=() if verdict.repeats else look.teasers,
        teasers_digest=verdict.shows if verdict.repeats else None,
        answered=look.answered,
    )


def last_look_after(judged: Judged) -> LastLook:
    """Return what a look leaves to be known of its address."""
    look, verdict, before = judged.look, judged.verdict, judged.last or LastLook(outcome=None)
    if look.status == 304:
        return replace(before, outcome=verdict.outcome)
    check, capture = check_of(look, verdict), look.capture
    seen = replace(
        before,
        outcome=verdict.outcome,
        payload=check.payload,
        etag=check.etag,
        last_modified=check.last_modified,
        listed=check.listed,
        onward=check.onward,
        teasers=verdict.shows,
        confirms=confirmed(check.outcome, check.confirms, stamp(check.at)) if check.article_id else None,
    )
    if capture is None or verdict.keep == "drop":
        return seen
    proved = replace(seen, proved_at=capture.captured_at)
    if verdict.keep == "revisit":
        return proved
    url = target_uri(capture.url)
    return replace(proved, kept_at=capture.captured_at, kept_url=url, kept_payload=capture.payload)


class Export:
    """Hand each judged look to the writer."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        """Make the step with the crawl's own writer."""
        return cls(crawler.spider.writer)

    def process_item(self, item: Judged) -> Judged:
        """Take in one judged look; its earlier hops are kept as they came."""
        verdict = item.verdict
        if verdict.superseding is not None:
            self.writer.supersede(verdict.superseding, item.look)
        for hop in item.look.hops:
            self.writer.decide(hop, _hop_fate(item))
        self.writer.add(
            item.look,
            check_of(item.look, verdict),
            record=verdict.record,
            last=last_look_after(item),
            keep=verdict.keep,
        )
        return item


def _hop_fate(item: Judged) -> Keep:
    # A redirect or a retried error is part of what its look saw: kept when the look itself is news.
    return "capture" if item.verdict.keep == "capture" else "drop"
