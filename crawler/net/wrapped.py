"""Addresses of replay services: the address and the instant that they wrap."""

import re
from datetime import UTC, datetime

from crawler.net.origins import PORTS

REPLAYS = ("web.archive.org", "wayback.archive.org", "www.web.archive.org")
"""Hosts that serve others' captures below `/web/<14 digits><modifier>/<address>`."""
_REPLAYED = re.compile(
    r"https?://([^/]+)/(?:[\w-]+/)?([0-9]{4,14})([a-z]{2}_)?/(https?:/{1,2}[^/].*)", re.IGNORECASE | re.DOTALL
)
_UNALTERED = "id_"
_EARLIEST = "19940101000000"
_DIGITS = re.compile("[0-9]{4,14}")


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
    port = PORTS.get(scheme.lower())
    if port is None or "@" in host or "?" in host:
        return bare
    return f"{scheme.lower()}{colon}{host.lower().removesuffix(f':{port}')}{slash}{path}"
