"""The host that a crawl reads: the outlet's addresses, whichever of its hosts they name, as they are there."""

from collections.abc import Iterable
from dataclasses import dataclass

from crawler.crawl.plan import Plan
from crawler.net.origins import at_origin, rewrite
from crawler.pages.section import ListedLink


@dataclass(slots=True, kw_only=True)
class Host:
    """One of the edition's hosts; all that is asked for in order to be archived is asked of it."""

    plan: Plan
    base: str
    """Its origin."""

    def ours(self, url: str, *, feed: bool = False) -> str | None:
        """Return an address as it is on this host, or None where it is not the edition's.

        A link of the feed may name an alias of the edition.
        """
        edition = self.plan.edition
        aliases = edition.aliases if feed else ()
        return rewrite(url, hosts=edition.hosts, aliases=aliases, base=self.base, origins=self.plan.outlet)

    def articles(self, links: Iterable[ListedLink]) -> list[tuple[str, str]]:
        """Return (number, address on this host) of the articles that a listing links to, in its order."""
        return [(link.article_id, address) for link in links if (address := self.ours(link.url))]

    def here(self, url: str) -> str:
        """Return the address on this host of what was read on one of the others."""
        return at_origin(url, self.base)
