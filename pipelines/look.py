"""The item on its way through the steps: one look at one address, filled in as it goes."""

from dataclasses import dataclass
from datetime import datetime

from archive.facts.items import Article, Capture
from archive.facts.outcomes import Kind, Outcome, Read, Reason
from archive.facts.teasers import Teaser


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at one address on its way through the pipeline; what each step finds is filled in."""

    url: str
    """The address first asked; the capture's own may differ after redirects."""
    kind: Kind
    at: datetime
    outcome: Outcome | Read
    """`article` until what was read is judged; else the outcome of the look."""
    detail: str = ""
    reason: Reason = ""
    status: int | None = None
    article_id: str | None = None
    capture: Capture | None = None
    article: Article | None = None
    section: str | None = None
    page: int | None = None
    listed: tuple[str, ...] = ()
    onward: str | None = None
    """The address of a listing's next page."""
    teasers: tuple[Teaser, ...] = ()
    """What a listing shows of each article in `listed`; none of a 304."""
    confirms: str | None = None
    answered: str | None = None
    """The address that answered, where a redirect led to another one."""
    feed_date: str | None = None
    """The date that the outlet's feed gives for the article, raw, where it was read in this crawl."""
    hops: tuple[Capture, ...] = ()
    """Redirects and retried answers that came before `capture`."""

    @property
    def ended(self) -> Outcome:
        """How a look ended that no article was read from. Raises ValueError for one that is not judged yet."""
        if self.outcome == "article":
            raise ValueError(f"an article was read from {self.url}, and nobody judged it yet")
        return self.outcome
