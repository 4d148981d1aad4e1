"""What travels from URL to object: a capture, what was read from it, a check. Times are aware UTC, bytes are bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archive.facts.outcomes import Kind, Outcome, Reason
from archive.facts.teasers import Teaser


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One HTTP exchange as it came over the wire, transfer coding removed, content coding kept."""

    url: str
    """The address that was asked, query included."""
    captured_at: datetime
    """When the answer was whole, aware UTC, microseconds."""
    status: int
    request_headers: tuple[tuple[bytes, bytes], ...] = ()
    """As given by the client; order and case only as far as it gives them."""
    response_headers: tuple[tuple[bytes, bytes], ...] = ()
    """Every line, repeated names repeated."""
    body: bytes = field(default=b"", repr=False)
    """The payload with its content coding (gzip, br …) still on."""
    payload: str = ""
    """`sha256:…` over `body` (WARC 1.1, section 5.9)."""
    method: str = "GET"
    protocol: str = "HTTP/1.1"
    reason: str = ""
    """The reason phrase; empty where the client does not give it."""
    truncated: str = ""
    """Why its body is not whole by the word of who captured it (`length`, `time`, `disconnect`); else empty."""
    unbounded: bool = False
    """Whether nothing but the end of the connection told where its body ends."""
    server_address: str | None = None
    """The server's IP address where known."""
    segment: str | None = None
    """The key of the WARC segment that holds it, once stored."""
    offset: int = 0
    length: int = 0

    def header(self, name: str) -> str | None:
        """Return the first response header of that name (any case) as latin-1 text, or None."""
        wanted = name.lower().encode("latin-1")
        return next((v.decode("latin-1") for k, v in self.response_headers if k.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of text of a page, in the page's order, before cleaning."""

    text: str
    """NFC as the outlet wrote it; no-break spaces kept, other runs of white space may be raw."""
    links: tuple[tuple[str, str], ...] = ()
    """(link text, absolute address) of each link inside."""
    role: str = "paragraph"
    """paragraph, heading, lead, caption, quote or list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """A picture's caption; `text` is whole as printed, `credit` the name after ©, @ or in brackets."""

    text: str
    credit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A link to another article that the page offers beside its text."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DateText:
    """A date as the page gives it."""

    text: str
    source: str
    """Where it stood: `item-date`, `time[datetime]`, `DC.Date.Created`, `json-ld`, `url` …"""


DateTexts = tuple[DateText, ...]
"""Candidates for one date, the likeliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date of the page, read."""

    utc: datetime | None
    """Aware UTC; None where the text can't be believed (see issue)."""
    raw: str
    zone: str = ""
    """IANA name or offset; `… (assumed)` where the page does not state one."""
    precision: str = ""
    """second, minute, hour or day."""
    source: str = ""
    issue: str = ""
    """Why utc is None, or what was odd: future, before_outlet, unreadable, gap, ambiguous, sources_disagree …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a page object read from one capture; the clean and dates steps fill what they own."""

    article_id: str
    url: str
    headline: str
    kicker: str = ""
    byline: str = ""
    lead: str = ""
    blocks: tuple[Block, ...] = field(default=(), repr=False)
    """The page's body before cleaning."""
    body: tuple[str, ...] = field(default=(), repr=False)
    """Paragraphs after cleaning (step 4)."""
    captions: tuple[Caption, ...] = ()
    images: tuple[str, ...] = ()
    """Absolute addresses."""
    sections: tuple[str, ...] = ()
    """The names in the article's own breadcrumb, in its order."""
    tags: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    language: str = ""
    source_line: str = ""
    published_texts: DateTexts = ()
    """Every candidate for the publication instant, first choice first."""
    modified_texts: DateTexts = ()
    published: Moment | None = None
    """Set by the dates step (step 5)."""
    modified: Moment | None = None
    layout: str = ""
    """The page object that read it: classic, modern, metadata, generic, voted."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Field to the strategy that read it."""
    issues: tuple[str, ...] = ()
    """What went wrong while reading: `cleaner_stopped`, `replacement_chars` …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One look at one URL and its outcome."""

    at: datetime
    url: str
    kind: Kind
    outcome: Outcome
    article_id: str | None = None
    status: int | None = None
    detail: str = ""
    """What was found, in words."""
    reason: Reason = ""
    """What the outcome came from, as far as the program asks."""
    confirms: str | None = None
    """The captured_at of the capture of this URL or article that the look confirms, as `stamp` writes it."""
    payload: str | None = None
    """Payload digest of an answer that had a body."""
    etag: str | None = None
    last_modified: str | None = None
    section: str | None = None
    """The section's key for a listing."""
    page: int | None = None
    listed: tuple[str, ...] = ()
    """Article ids of a listing in the order of their rank."""
    onward: str | None = None
    """The address of a listing's next page, as the page names it."""
    teasers: tuple[Teaser, ...] = ()
    """What the listing shows of each of them, where that is not what the last look found."""
    teasers_digest: str | None = None
    """The digest of the teasers that the last look found, where this one found them again."""
    answered: str | None = None
    """The address that answered, where a redirect led to another one."""
    source: str = ""
    """Whose capture it is, where not our own: the file's name, its digest, the operator."""
