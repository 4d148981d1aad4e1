"""What a request is for, and what befell it on its way: the two things of ours in its meta, under `ask` and `way`.

Both stay with a request through redirects and retries, since Scrapy copies the meta. Of Scrapy's own names there we
read `redirect_urls`, `retry_times`, `dont_redirect` and `dont_retry`.
"""

from dataclasses import dataclass, field

from scrapy import Request
from scrapy.http import Response

from archive.facts.items import Capture
from archive.facts.outcomes import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One address to ask for, and what for."""

    url: str
    """The address first asked; the request's own changes with each redirect."""
    kind: Kind
    article_id: str | None = None
    """The number of the article that is looked for, of an article or a mirror's."""
    section: str | None = None
    """The key of the section whose listing it is."""
    page: int | None = None
    """Which page of the listing, from 1."""
    base: str = ""
    """The origin that is put to the test, of a front page or a parity look."""
    patient: bool = True
    """Whether it is asked again after a failure."""
    once_more: bool = False
    """Whether it was answered before in this crawl, by a listing without a link."""

    @property
    def seed(self) -> bool:
        """Whether nothing is reached without it: a front page, or the first page of a listing."""
        return self.kind == "front" or (self.kind == "section" and self.page == 1)


@dataclass(slots=True, kw_only=True)
class Way:
    """What befell a request until its answer; the middlewares write it."""

    hops: list[Capture] = field(default_factory=list)
    """Its exchanges in their order, that of the answer last: redirects, answers tried again, the answer itself."""
    led_home: bool = False
    """Whether the answer is a redirect to the front page, which is not followed."""
    not_before: float = 0.0
    """When it may be tried again, in seconds of the monotonic clock."""


def ask_of(sent: Request | Response) -> Ask:
    """Return what a request, or that of a response, is for. Raises KeyError where it is none of the spider's."""
    ask: Ask = sent.meta["ask"]
    return ask


def way_of(sent: Request | Response) -> Way:
    """Return what befell a request, or that of a response, so far; a blank one is noted where there is none."""
    way: Way = sent.meta.setdefault("way", Way())
    return way


def for_robots(request: Request) -> bool:
    """Return whether a request is for an origin's robots.txt, which no callback waits for."""
    ask: Ask | None = request.meta.get("ask")
    return ask is not None and ask.kind == "robots"
