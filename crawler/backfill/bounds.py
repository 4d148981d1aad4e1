"""Captures made by others, understood: whose address it was, when it was captured, whether the page was altered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

from archive.facts.items import Capture
from archive.facts.names import stamp
from archive.log.chain import CLOCK_TOLERANCE
from crawler.backfill.tally import Refusal
from crawler.editions.edition import Edition
from crawler.net.origins import PORTS

_AHEAD_OF_ITS_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Which addresses are the edition's."""

    edition: Edition
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
        known = parts.scheme in PORTS and port in (None, PORTS[parts.scheme]) and "@" not in parts.netloc
        host = (parts.hostname or "").lower()
        return known and host in self.edition.hosts and parts.path.startswith(self.edition.below(host))

    def article(self, url: str) -> str | None:
        """Return the number of the article that an address of the outlet is of, or None."""
        return self.edition.article_id(url) if self.ours(url) else None

    def untimely(self, capture: Capture, now: datetime) -> tuple[Refusal, str] | None:
        """Return why a capture can't have been made when it says, as a kind and in words; None where it can.

        `now` is our clock (aware UTC). An address has the day of the outlet's own zone, so that a capture may be of the
        day before it, and no earlier.
        """
        at, day = capture.captured_at, self.edition.article_day(capture.url)
        if at > now + CLOCK_TOLERANCE:
            return "future", f"it says that it was made in the future: by our clock it is {stamp(now)}"
        if at < self.edition.began:
            began = self.edition.began
            return "before_edition", f"it says that it was made before {self.edition.name} began, {began:%Y-%m-%d}"
        if day is not None and at < datetime.combine(day, time(), UTC) - _AHEAD_OF_ITS_DAY:
            return "before_its_day", f"it says that it was made more than a day before the day in its address, {day}"
        return None
