"""What a capture made by others goes through before the archive is asked: scope, whole, usable, look.

Each step is a function of what it is given and of nothing else, so that they can run wherever the capture is. What is
left to the intake needs the archive: whether it is known, what it is held against, and the batch.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from archive.facts.items import Capture
from archive.facts.outcomes import Outcome, Read
from archive.warc.exchanges import WarcRecord, capture_of
from archive.warc.warc import Revisit
from crawler.backfill.bounds import Bounds
from crawler.backfill.fitness import altered, cut_short, is_page, speaks_otherwise
from crawler.backfill.replays import unwrapped
from crawler.backfill.revisits import agrees, forms
from crawler.backfill.tally import Skip
from crawler.pages.outcome import is_doubtful
from crawler.reread.chains import Chain
from crawler.reread.stored import look_of
from pipelines.look import Look

_TAKEN = frozenset({200, 404, 410})
UNUSABLE: frozenset[Outcome | Read] = frozenset({"http_error", "challenge", "not_observed"})
_AHEAD = timedelta(days=1)
_WEB = datetime(1993, 4, 30, tzinfo=UTC)
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
    capture = replace(capture, url=url, captured_at=at or capture.captured_at, segment=None, offset=0, length=0)
    return Met(capture=capture, digest=response.fields.get("warc-payload-digest", ""), rewritten=rewritten)


def scope(url: str, bounds: Bounds) -> Skip | None:
    """Return why a capture of that address is passed over, None for an article's."""
    if not bounds.ours(url):
        return "other_host"
    return "other_page" if bounds.article(url) is None else None


def torn(found: Met, response: WarcRecord) -> str:
    """Return why a capture can't be believed as it lies in its WARC, or an empty string where it is whole."""
    if found.rewritten:
        return "rewritten by a replay: fetch it with id_ behind the time in its address"
    if isinstance(found.capture, Revisit):
        return ""
    if why := cut_short(found.capture, dict(response.fields)):
        return f"not whole: {why}"
    if not agrees(found.digest, *forms(found.capture, response.block.partition(b"\r\n\r\n")[2])):
        return f"its payload is not the one that {found.digest} names"
    return ""


def is_sight(capture: Capture) -> bool:
    """Return whether a capture shows what stands at its address: the answer to a GET, with a payload of its own."""
    return capture.method in ("GET", "") and not isinstance(capture, Revisit)


def usable(capture: Capture) -> Skip | None:
    """Return why a capture says nothing of an article by its method, status and type; redirects are yet to be seen."""
    if capture.method not in ("GET", ""):
        return "unusable"
    if 300 <= capture.status < 400:
        return None
    if capture.status not in _TAKEN:
        return "unusable"
    return None if is_page(capture) else "resource"


def unfit(capture: Capture, now: datetime) -> str:
    """Return why a capture is refused by its time or its page, or an empty string; `now` is aware UTC."""
    if capture.captured_at > now + _AHEAD:
        return "it says that it was made in the future"
    if capture.captured_at < _WEB:
        return "it says that it was made before there was a web: who captured it had no clock"
    return altered(capture)


def look(chain: Chain, bounds: Bounds) -> Look | Skip:
    """Return the look that captures of one ask stand for, or why they are passed over (`crawler/pages/outcome.py`)."""
    found = look_of((*chain[:-1], _led_plainly(chain[-1])), bounds.edition)
    if found is None or (300 <= chain[-1].status < 400 and found.outcome != "soft_404"):
        return "redirect"
    if found.outcome in UNUSABLE and not is_doubtful(found, known=False):
        return "unusable"
    return replace(found, capture=chain[-1])


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
