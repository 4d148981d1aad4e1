"""Records: canonical bytes (RFC 8785), the comparison form, and the digests over it."""

from collections.abc import Mapping
from typing import Any

from archive.facts.canonical import canonical, digest
from archive.facts.forms import comparison_form, lines_digest
from archive.facts.items import Article, Capture, Moment
from archive.facts.names import stamp

SCHEMA = "presstv.record/1"
Record = dict[str, Any]
APART = " | "
"""Between several texts of one clock."""
_PRINTED_AT = ("item-date", "time", "generic:date", "generic:printed")


def identity(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes a version: headline, kicker, lead, body, captions in comparison form, and the instant."""
    published = record.get("published") or {}
    return {
        "headline": comparison_form(record["headline"]),
        "kicker": comparison_form(record["kicker"]),
        "lead": comparison_form(record["lead"]),
        "body": [comparison_form(p) for p in record["body"]],
        "captions": [comparison_form(c["text"]) for c in record["captions"]],
        "published": published.get("utc"),
    }


def _moment(moment: Moment | None) -> dict[str, Any] | None:
    if moment is None:
        return None
    return {
        "utc": stamp(moment.utc).replace(".000000", "") if moment.utc else None,
        "raw": moment.raw,
        "zone": moment.zone,
        "precision": moment.precision,
        "source": moment.source,
        "issue": moment.issue,
    }


def clock_of(source: str) -> str:
    """Return which clock a date text of that source belongs to: `visible` or `meta`; the address counts as visible."""
    return "visible" if source in ("", "url") or source.startswith(_PRINTED_AT) else "meta"


def _clocks(article: Article, capture: Capture, feed: str | None) -> dict[str, str | None]:
    texts = [text for text in (*article.published_texts, *article.modified_texts) if text.source != "url"]
    told: dict[str, dict[str, None]] = {"visible": {}, "meta": {}}
    for text in texts:
        told[clock_of(text.source)][text.text] = None
    said = {name: APART.join(found) or None for name, found in told.items()}
    return {**said, "feed": feed or None, "last_modified": capture.header("last-modified")}


def build(article: Article, capture: Capture, *, mirror: str, revision: int, feed: str | None = None) -> Record:
    """Return the record of one reading of one capture (DATA_FORMAT.md); place in a segment is set when it is stored.

    `mirror` is the host that served the page, `revision` the extractor's, `feed` the date that the outlet's feed gives.
    """
    record: Record = {
        "schema": SCHEMA,
        "article_id": article.article_id,
        "url": article.url,
        "mirror": mirror,
        "byline": article.byline,
        "captured_at": stamp(capture.captured_at),
        "headline": article.headline,
        "kicker": article.kicker,
        "lead": article.lead,
        "body": list(article.body),
        "captions": [{"text": c.text, "credit": c.credit} for c in article.captions],
        "images": list(article.images),
        "sections": list(article.sections),
        "tags": list(article.tags),
        "related": [{"title": r.title, "url": r.url} for r in article.related],
        "language": article.language,
        "source_line": article.source_line,
        "published": _moment(article.published),
        "modified": _moment(article.modified),
        "clocks": _clocks(article, capture, feed),
        "capture": _place(capture),
        "extraction": {
            "revision": revision,
            "layout": article.layout,
            "sources": dict(article.sources),
            "issues": list(article.issues),
        },
    }
    return record | {"digests": _digests(record, capture.payload)}


def _place(capture: Capture) -> Record:
    http = {name: capture.header(name.replace("_", "-")) for name in ("etag", "last_modified", "date")}
    return {
        "segment": capture.segment,
        "offset": capture.offset,
        "length": capture.length,
        "payload_sha256": capture.payload.removeprefix("sha256:"),
        "http": {"status": capture.status, **http},
    }


def _digests(record: Record, payload: str) -> dict[str, str]:
    told = identity(record)
    return {
        "payload": payload,
        "headline": lines_digest([told["headline"]]),
        "text": lines_digest([told["lead"], *told["body"]]),
        "version": digest(canonical(told)),
    }


def beside_identity(record: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what, when it differs, is written as a record without beginning a version: sections, images, tags."""
    modified = record.get("modified") or {}
    return (record["sections"], record["images"], record["tags"], record["byline"], modified.get("utc"))


def differ(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether two readings say something different: another version, or else beside it."""
    return bool(old["digests"]["version"] != new["digests"]["version"] or beside_identity(old) != beside_identity(new))
