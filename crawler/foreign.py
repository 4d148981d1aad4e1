"""Captures made by others, understood: whose address it was, when it was captured, whether the page was altered."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from archive.exchanges import Headers
from archive.items import Article, Capture
from archive.record import digest
from crawler import decoding
from crawler.edition import FRENCH, article_id

REPLAYS = ("web.archive.org", "wayback.archive.org", "www.web.archive.org")
"""Hosts that serve others' captures below `/web/<14 digits><modifier>/<address>`."""
_REPLAYED = re.compile(
    r"https?://([^/]+)/(?:[\w-]+/)?([0-9]{4,14})([a-z]{2}_)?/(https?:/{1,2}[^/].*)", re.IGNORECASE | re.DOTALL
)
_UNALTERED = "id_"
_ORIGINAL = b"x-archive-orig-"
_KEPT = frozenset({b"content-type", b"content-encoding", b"content-language", b"last-modified", b"etag"})
_EARLIEST = "19940101000000"
_DIGITS = re.compile("[0-9]{4,14}")
_PORTS = {"http": 80, "https": 443}
SHARED = {"www.presstv.com": "/DetailFr/"}
"""Hosts that serve other languages as well, by the path that is this edition's: article numbers are shared."""
_ALTERED = re.compile(
    rb"BEGIN WAYBACK TOOLBAR INSERT|FILE ARCHIVED ON \d|/_static/js/(?:bundle-playback|wombat)|"
    rb"<!-- WB Insert|_WBWombat|\bwbinfo\s*=|wombat(?:\.bundle)?\.js|archive\.org/includes/(?:analytics|athena)|"
    # An article may well link to a page of a replay; its own links and its parts are never below one.
    rb"(?:href|src)\s*=\s*[\"']?/(?:[\w-]+/)?\d{4,14}(?:[a-z]{2}_)?/https?:|"
    rb"(?:href|src)\s*=\s*[\"']?(?:https?:)?//web\.archive\.org/web/\d{4,14}(?:im|cs|js)_/",
    re.IGNORECASE,
)


def moment(digits: str) -> datetime:
    """Return the instant (UTC) that 4 to 14 digits name; what is missing is the earliest. Raises ValueError."""
    if not _DIGITS.fullmatch(digits):
        raise ValueError(f"{digits[:20]!r} is no time of 4 to 14 digits")
    if len(digits) in (5, 7):
        # A month or a day that is cut in two: 2 goes on to 20, and 0 to 01.
        digits += "1" if digits[-1] == "0" else "0"
    return datetime.strptime(digits + _EARLIEST[len(digits) :], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def unwrapped(url: str) -> tuple[str, datetime | None, bool]:
    """Return the address that a capture is of, when it was made, and whether its links were rewritten.

    A replay's address is taken apart; any other one is its own, and the time is None.
    """
    match = _REPLAYED.fullmatch(url)
    if match is None or match[1].lower().partition(":")[0] not in REPLAYS:
        return _plain(url), None, False
    try:
        at = moment(match[2])
    except ValueError:
        return _plain(url), None, False
    scheme, _, rest = match[4].partition(":")
    return _plain(f"{scheme}://{rest.lstrip('/')}"), at, (match[3] or "").lower() != _UNALTERED


def _plain(url: str) -> str:
    """Return an address without its scheme's own port and its fragment, scheme and host small; the rest as it was."""
    bare = url.partition("#")[0]
    scheme, colon, rest = bare.partition("://")
    host, slash, path = rest.partition("/")
    port = _PORTS.get(scheme.lower())
    if port is None or "@" in host or "?" in host:
        return bare
    return f"{scheme.lower()}{colon}{host.lower().removesuffix(f':{port}')}{slash}{path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Which addresses are the outlet's."""

    bases: Collection[str] = ()
    """Origins (`http://127.0.0.1:8800`) that stand for the outlet besides its own hosts."""

    def ours(self, url: str) -> bool:
        """Return whether an address is on one of the edition's hosts, or of the bases."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return False
        if f"{parts.scheme}://{parts.netloc}" in self.bases:
            return True
        # A user in an address is somebody's secret, and never the outlet's.
        known = parts.scheme in _PORTS and port in (None, _PORTS[parts.scheme]) and "@" not in parts.netloc
        host = (parts.hostname or "").lower()
        return known and host in FRENCH.hosts and parts.path.startswith(SHARED.get(host, ""))

    def article(self, url: str) -> str | None:
        """Return the number of the article that an address of the outlet is of, or None."""
        return article_id(url) if self.ours(url) else None


def altered(capture: Capture) -> str:
    """Return why a page is not as the outlet sent it, or an empty string: a replay's toolbar, its rewritten links."""
    try:
        body = decoding.content(capture.body, decoding.codings(capture))
    except decoding.DecodingError:
        return ""
    found = _ALTERED.search(body)
    return f"rewritten by a replay: it holds {found[0].decode('latin-1')!r}" if found else ""


def is_page(capture: Capture) -> bool:
    """Return whether a capture says that it is an HTML page, or does not say what it is."""
    kind = (capture.header("content-type") or "").partition(";")[0].strip().lower()
    return kind in ("", "text/html", "application/xhtml+xml", "text/plain", "application/octet-stream", "unk")


def speaks_otherwise(article: Article) -> str:
    """Return why an article is not this edition's, or an empty string: its page states another language."""
    stated = article.language.lower().partition("-")[0]
    return "" if stated in ("", FRENCH.language) else f"not this edition's: its language is {article.language[:20]!r}"


def cut_short(capture: Capture, fields: "dict[str, str] | None" = None) -> str:
    """Return why a capture's body is not whole, or an empty string; `fields` are its WARC record's."""
    if fields and (why := fields.get("warc-truncated")):
        return f"cut by who captured it ({why})"
    names = {name.lower() for name, _ in capture.response_headers}
    stated = capture.header("content-length") or ""
    whole = b"transfer-encoding" in names or not stated.isdecimal() or len(stated) > 15
    if not whole and int(stated) > len(capture.body):
        return f"{len(capture.body)} bytes of {stated}"
    return ""


def replayed(url: str, at: datetime, status: int, headers: Headers, body: bytes) -> Capture:
    """Return the capture that a replay answered with: the outlet's headers where it repeats them, no others."""
    lines = tuple((n[len(_ORIGINAL) :], v) for n, v in headers if n.lower().startswith(_ORIGINAL))
    own = {name.lower() for name, _ in lines}
    lines += tuple((n, v) for n, v in headers if n.lower() in _KEPT - own)
    capture = Capture(
        url=url, captured_at=at, status=status, response_headers=lines, body=body, payload=digest(body)
    )  # fmt: skip
    try:
        decoding.content(body, decoding.codings(capture))
    except (decoding.Truncated, decoding.UnknownCoding):
        # The replay undid the coding and repeats its name all the same.
        lines = tuple(line for line in lines if line[0].lower() != b"content-encoding")
        return replace(capture, response_headers=lines)
    except decoding.TooLarge:
        # Reading it says so, as of any page.
        return capture
    return capture
