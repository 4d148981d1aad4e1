"""Records: canonical bytes (RFC 8785), the comparison form, and the digests over it."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from archive.ids import stamp
from archive.items import Article, Capture, Moment

SCHEMA = "presstv.record/1"
Record = dict[str, Any]
APART = " | "
"""Between several texts of one clock."""
_PRINTED_AT = ("item-date", "time", "generic:date", "generic:printed")

_encoder = msgspec.json.Encoder(order="sorted")
_decode = msgspec.json.Decoder().decode
# Zero-width, soft hyphen, bidi marks and isolates: they never make an edit (UAX #9, UTS #39).
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


def canonical(value: Any) -> bytes:
    """Encode strings, integers, booleans, None, lists and dicts with ASCII keys as RFC 8785 bytes.

    No floats: RFC 8785's number form is not this encoder's. Raises ValueError or TypeError.
    """
    return _encoder.encode(value)


def parse(data: bytes | str) -> Any:
    """Decode JSON bytes. Raises ValueError for what is not JSON."""
    return _decode(data)


def digest(data: bytes) -> str:
    """Return `sha256:` and 64 hex digits over these bytes; the one maker of digests."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def comparison_form(text: str) -> str:
    """Return text for comparing: NFC, every run of any white space one space, invisible marks out, ends stripped.

    Quote marks, dashes, case and digits stay: a change of one is an edit. Idempotent, never longer than the NFC.
    """
    seen = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    # str.split parts at every white space of Unicode, no-break ones included.
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def text_digest(parts: Iterable[str]) -> str:
    """Return the digest over the comparison form of each part, each ended by one line feed, in UTF-8."""
    return _lines_digest(map(comparison_form, parts))


def _lines_digest(forms: Iterable[str]) -> str:
    return digest("".join(f"{form}\n" for form in forms).encode())


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
        "headline": _lines_digest([told["headline"]]),
        "text": _lines_digest([told["lead"], *told["body"]]),
        "version": digest(canonical(told)),
    }


def beside_identity(record: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what, when it differs, is written as a record without beginning a version: sections, images, tags."""
    modified = record.get("modified") or {}
    return (record["sections"], record["images"], record["tags"], record["byline"], modified.get("utc"))
