"""What a capture made by others goes through before the archive is asked: scope, whole, usable, look.

Each step is a function of what it is given and of nothing else, so that they can run wherever the capture is. What is
left to the intake needs the archive: whether it is known, what it is held against, and the batch.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from archive.facts.canonical import digest
from archive.facts.items import Capture, Check
from archive.facts.outcomes import TAKEN_OVER, Outcome, Read
from archive.warc.exchanges import END, WarcRecord, capture_of, date_of, parted
from archive.warc.warc import Revisit
from crawler.backfill.bounds import Bounds
from crawler.backfill.fitness import altered, holds_markup, is_page, speaks_otherwise
from crawler.backfill.neighbours import Judgement
from crawler.backfill.revisits import agrees, forms
from crawler.backfill.sources import Provenance
from crawler.backfill.tally import Refusal, Skip
from crawler.editions.edition import Edition
from crawler.net.wrapped import unwrapped
from crawler.pages.outcome import is_doubtful, refused
from crawler.pages.wholeness import not_whole
from crawler.reread.chains import Chain
from crawler.reread.endings import is_unbounded
from crawler.reread.stored import bare_look, look_of
from pipelines.look import Look

_TAKEN = frozenset({200, 404, 410})
_NO_EXCHANGE = frozenset({"resource", "conversion"})
_EXCHANGES = frozenset({"response", "revisit"})
_ABOUT = frozenset({"warcinfo", "request", "metadata", "continuation"})
UNUSABLE: frozenset[Outcome | Read] = frozenset({"http_error", "challenge", "not_observed"})
_LOCATION = b"location"


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A capture as a WARC has it: the digest stated for its payload, and whether a replay rewrote its links."""

    capture: Capture
    digest: str
    rewritten: bool


def met(response: WarcRecord, request: WarcRecord | None) -> Met:
    """Return the capture of a response or revisit, at the address and time that a replay's address wraps.

    Raises IntegrityError for a WARC-Date that is none.
    """
    url, at, rewritten = unwrapped(response.uri)
    capture = capture_of(response, request, None)
    capture = replace(
        capture, url=url, captured_at=at or capture.captured_at, unbounded=is_unbounded(capture),
        segment=None, offset=0, length=0,
    )  # fmt: skip
    return Met(capture=capture, digest=response.fields.get("warc-payload-digest", ""), rewritten=rewritten)


def passed_over(record: WarcRecord, bounds: Bounds) -> Skip | None:
    """Return why a record that is no exchange is passed over; None for one about others, and for an exchange.

    That is its kind, an address that is none of the web, or that it is no page but a text or a file.
    """
    if record.kind in _ABOUT:
        return None
    if record.kind not in _NO_EXCHANGE | _EXCHANGES:
        return "other_record"
    if not record.uri.lower().startswith(("http:", "https:")):
        return "no_address"
    return (scope(unwrapped(record.uri)[0], bounds) or "no_exchange") if record.kind in _NO_EXCHANGE else None


def is_saved_page(record: WarcRecord, bounds: Bounds) -> bool:
    """Return whether a record is the page of an article that was saved as a file."""
    return record.kind == "resource" and bounds.article(unwrapped(record.uri)[0]) is not None and holds_markup(record)


def saved(record: WarcRecord) -> Met:
    """Return the capture that a resource record is: a page as a file, of which no exchange is known.

    It stands as the page that was answered with 200. Raises IntegrityError for a WARC-Date that is none.
    """
    url, at, rewritten = unwrapped(record.uri)
    kind = record.fields.get("content-type", "")
    capture = Capture(
        url=url, captured_at=at or date_of(record), status=HTTPStatus.OK.value, body=record.block,
        payload=digest(record.block), truncated=record.fields.get("warc-truncated", ""),
        response_headers=((b"Content-Type", kind.encode("latin-1", "replace")),) if kind else (),
    )  # fmt: skip
    return Met(capture=capture, digest=record.fields.get("warc-payload-digest", ""), rewritten=rewritten)


def scope(url: str, bounds: Bounds) -> Skip | None:
    """Return why a capture of that address is passed over, None for an article's."""
    if not bounds.ours(url):
        return "other_host"
    return "other_page" if bounds.article(url) is None else None


def torn(found: Met, response: WarcRecord) -> tuple[Refusal, str] | None:
    """Return why a capture can't be believed as it lies in its WARC, a word and what exactly; None where it can."""
    if found.rewritten:
        return "replay", "rewritten by a replay: fetch it with id_ behind the time in its address"
    if isinstance(found.capture, Revisit):
        return None
    if cut := cut_short(found.capture):
        return cut
    # A maker who knows of no interim answers takes all behind the first one for the payload.
    naive = response.block.partition(END)[2]
    if not agrees(found.digest, *forms(found.capture, parted(response.block)[1]), naive, response.block):
        return "digest", f"its payload is not the one that {found.digest} names"
    return None


def cut_short(capture: Capture) -> tuple[Refusal, str] | None:
    """Return why a capture is refused that is not whole (`crawler/pages/wholeness.py`), None for one that is."""
    reason, why = not_whole(capture)
    return (reason, f"not whole: {why}") if reason else None


def referred(revisit: Revisit) -> str:
    """Return in words what a revisit repeats."""
    if revisit.not_modified:
        return "not modified"
    return f"payload of the capture of {revisit.refers_to_date}" if revisit.refers_to_date else "a revisit"


def is_asked_plainly(capture: Capture) -> bool:
    """Return whether a capture answers a GET: what a form or a HEAD is answered is no look at what stands there."""
    return capture.method in ("GET", "")


def is_sight(capture: Capture) -> bool:
    """Return whether a capture shows what stands at its address: the answer to a GET, with a payload of its own."""
    return is_asked_plainly(capture) and not isinstance(capture, Revisit)


def usable(capture: Capture) -> Skip | None:
    """Return why a capture says nothing of an article by its status and type; redirects are yet to be seen."""
    if 300 <= capture.status < 400:
        return None
    if capture.status not in _TAKEN:
        return "unusable"
    return None if is_page(capture) else "resource"


def unfit(capture: Capture, bounds: Bounds, now: datetime) -> tuple[Refusal, str] | None:
    """Return why a capture is refused by its time or its page, as a kind and in words; `now` is aware UTC."""
    why = altered(capture)
    return bounds.untimely(capture, now) or (("replay", why) if why else None)


def look(chain: Chain, bounds: Bounds) -> Look | Skip:
    """Return the look that captures of one ask stand for, or why they are passed over (`crawler/pages/outcome.py`).

    A notice that the host was seized or parked is a look, too, though nothing of it is stored but what it teaches.
    """
    found = look_of((*chain[:-1], _led_plainly(chain[-1])), bounds.edition)
    if found is None or (300 <= chain[-1].status < 400 and found.outcome != "soft_404"):
        return "redirect"
    settled = found.reason in TAKEN_OVER or is_doubtful(found, known=False)
    if found.outcome in UNUSABLE and not settled:
        return "unusable"
    return replace(found, capture=chain[-1])


def notice(capture: Capture, edition: Edition) -> Look | None:
    """Return the look at a page that says its host was seized or parked; None for any other page."""
    bare = bare_look(capture, edition)
    told = refused(bare, edition) if capture.status == HTTPStatus.OK else bare
    return told if told.reason in TAKEN_OVER else None


def foreign_language(found: Look, bounds: Bounds) -> str:
    """Return why an article is refused by its language, or an empty string."""
    return speaks_otherwise(found.article, bounds.edition) if found.article is not None else ""


def _led_plainly(capture: Capture) -> Capture:
    # A replay wraps the address that a redirect leads to, as it does the page's own.
    headers = tuple(
        (name, unwrapped(value.decode("latin-1"))[0].encode("latin-1") if name.lower() == _LOCATION else value)
        for name, value in capture.response_headers
    )
    return replace(capture, response_headers=headers)


def check_of(look: Look, judged: Judgement, provenance: Provenance, detail: str) -> Check:
    """Return the check that a look leaves; `detail` says what is known of its capture, else the look says it."""
    assert look.capture is not None
    return Check(
        at=look.capture.captured_at, url=look.capture.url, kind="article", outcome=judged.outcome,
        article_id=look.article_id, status=look.capture.status, detail=detail or look.detail, reason=look.reason,
        confirms=judged.confirms, payload=look.capture.payload, answered=look.answered, source=provenance.line(),
    )  # fmt: skip
