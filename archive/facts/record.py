"""Records: canonical bytes (RFC 8785), the comparison form, and the digests over it."""

from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

from archive.facts.canonical import canonical, digest
from archive.facts.forms import comparison_form, lines_digest
from archive.facts.items import Article, Capture, Moment
from archive.facts.names import instant, stamp

SCHEMA = "presstv.record/1"


class CaptionFields(TypedDict):
    """A picture's caption, whole as printed, and whose picture it is."""

    text: str
    credit: str


class RelatedFields(TypedDict):
    """A link to another article beside the text."""

    title: str
    url: str


class MomentFields(TypedDict):
    """A date of the page, read: `utc` is RFC 3339 or None where the text can't be believed (see issue)."""

    utc: str | None
    raw: str
    zone: str
    precision: str
    source: str
    issue: str


class ClockFields(TypedDict):
    """What each of the outlet's clocks said, as printed."""

    visible: str | None
    meta: str | None
    feed: str | None
    last_modified: str | None


class HttpFields(TypedDict):
    """What the answer's head said."""

    status: int
    etag: str | None
    last_modified: str | None
    date: str | None


class PlaceFields(TypedDict):
    """Where the capture lies, and whose it is where it is not our own."""

    segment: str
    """Its key; empty until it is stored."""
    offset: int
    length: int
    payload_sha256: str
    http: HttpFields
    source: NotRequired[dict[str, str]]


class ExtractionFields(TypedDict):
    """Who read it, and how: revision, layout, field to strategy, what went wrong."""

    revision: int
    layout: str
    sources: dict[str, str]
    issues: list[str]


class DigestFields(TypedDict):
    """`sha256:…` each; DATA_FORMAT.md says over what."""

    payload: str
    headline: str
    text: str
    version: str


class Record(TypedDict):
    """What an extractor of a stated revision read from one capture, as it is stored (DATA_FORMAT.md)."""

    schema: str
    article_id: str
    url: str
    mirror: str
    byline: str
    captured_at: str
    headline: str
    kicker: str
    lead: str
    body: list[str]
    captions: list[CaptionFields]
    images: list[str]
    sections: list[str]
    tags: list[str]
    related: list[RelatedFields]
    language: str
    source_line: str
    published: MomentFields | None
    modified: MomentFields | None
    clocks: ClockFields
    capture: PlaceFields
    extraction: ExtractionFields
    digests: DigestFields


class Identity(TypedDict):
    """What makes a version: texts in comparison form, and the instant of publication."""

    headline: str
    kicker: str
    lead: str
    body: list[str]
    captions: list[str]
    published: str | None


APART = " | "
"""Between several texts of one clock."""
_PRINTED_AT = ("item-date", "time", "generic:date", "generic:printed")


def check_instants(record: Record) -> None:
    """Raise ValueError where an instant of a record is none that the calendar has."""
    instant(record["captured_at"])
    for moment in (record["published"], record["modified"]):
        if moment and moment["utc"]:
            instant(moment["utc"])


def source_line(source: Mapping[str, str]) -> str:
    """Return whose a capture is as one line: the file's name, its digest, the operator in brackets; empty for ours.

    `source` is what a record's `capture.source` says.
    """
    name, sha256, operator = (source.get(part, "") for part in ("name", "sha256", "operator"))
    return " ".join(part for part in (name, sha256, operator and f"({operator})") if part)


def utc_of(moment: MomentFields | None) -> str | None:
    """Return the instant (RFC 3339) of a stored date, or None where there is none that can be believed."""
    return moment.get("utc") if moment else None


def identity(record: Record) -> Identity:
    """Return what makes a version: headline, kicker, lead, body, captions in comparison form, and the instant."""
    return {
        "headline": comparison_form(record["headline"]),
        "kicker": comparison_form(record["kicker"]),
        "lead": comparison_form(record["lead"]),
        "body": [comparison_form(p) for p in record["body"]],
        "captions": [comparison_form(c["text"]) for c in record["captions"]],
        "published": utc_of(record.get("published")),
    }


def _moment(moment: Moment | None) -> MomentFields | None:
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


def clock_of(source: str) -> Literal["visible", "meta"]:
    """Return which clock a date text of that source belongs to: `visible` or `meta`; the address counts as visible."""
    return "visible" if source in ("", "url") or source.startswith(_PRINTED_AT) else "meta"


def _clocks(article: Article, capture: Capture, feed: str | None) -> ClockFields:
    texts = [text for text in (*article.published_texts, *article.modified_texts) if text.source != "url"]
    told: dict[str, dict[str, None]] = {"visible": {}, "meta": {}}
    for text in texts:
        told[clock_of(text.source)][text.text] = None
    return {
        "visible": APART.join(told["visible"]) or None,
        "meta": APART.join(told["meta"]) or None,
        "feed": feed or None,
        "last_modified": capture.header("last-modified"),
    }


def feed_of(record: Record) -> str | None:
    """Return what the outlet's feed said of an article when a record's capture was made; None where it said nothing."""
    clocks: ClockFields | None = record.get("clocks")
    return clocks["feed"] if clocks else None


def with_feed(record: Record, feed: str | None) -> Record:
    """Return a reading with what the feed said when its capture was made: no later reading finds that on the page."""
    if not feed or feed_of(record) or not record.get("clocks"):
        return record
    return record | {"clocks": record["clocks"] | {"feed": feed}}


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
        "digests": {"payload": capture.payload, "headline": "", "text": "", "version": ""},
    }
    return {**record, "digests": _digests(record)}


def _place(capture: Capture) -> PlaceFields:
    return {
        "segment": capture.segment or "",
        "offset": capture.offset,
        "length": capture.length,
        "payload_sha256": capture.payload.removeprefix("sha256:"),
        "http": {
            "status": capture.status,
            "etag": capture.header("etag"),
            "last_modified": capture.header("last-modified"),
            "date": capture.header("date"),
        },
    }


def _digests(record: Record) -> DigestFields:
    told = identity(record)
    return {
        "payload": record["digests"]["payload"],
        "headline": lines_digest([told["headline"]]),
        "text": lines_digest([told["lead"], *told["body"]]),
        "version": digest(canonical(told)),
    }


def beside_identity(record: Record) -> tuple[list[str] | str | None, ...]:
    """Return what, when it differs, is written as a record without beginning a version: sections, images, tags."""
    return (record["sections"], record["images"], record["tags"], record["byline"], utc_of(record.get("modified")))


def differ(old: Record, new: Record) -> bool:
    """Return whether two readings say something different: another version, or else beside it."""
    return old["digests"]["version"] != new["digests"]["version"] or beside_identity(old) != beside_identity(new)
