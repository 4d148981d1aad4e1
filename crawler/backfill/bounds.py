"""Captures made by others, understood: whose address it was, when it was captured, whether the page was altered."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.editions.edition import Edition
from crawler.net.origins import PORTS


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
