"""The item on its way through the steps: one look at one address, filled in as it goes."""

from dataclasses import dataclass
from datetime import datetime

from archive.facts.items import Article, Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at one address on its way through the pipeline; what each step finds is filled in."""

    url: str
    """The address first asked; the capture's own may differ after redirects."""
    kind: str
    at: datetime
    outcome: str
    """`article` until the version step has judged what was read; else the outcome of the look."""
    detail: str = ""
    status: int | None = None
    article_id: str | None = None
    capture: Capture | None = None
    article: Article | None = None
    section: str | None = None
    page: int | None = None
    listed: tuple[str, ...] = ()
    confirms: str | None = None
    answered: str | None = None
    """The address that answered, where a redirect led to another one."""
    feed_date: str | None = None
    """The date that the outlet's feed gives for the article, raw, where it was read in this crawl."""
    hops: tuple[Capture, ...] = ()
    """Redirects and retried answers that came before `capture`."""
