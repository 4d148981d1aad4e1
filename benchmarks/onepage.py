"""One page of any outlet as the pipeline reads it: no layout, no article's number, no line of a template is known.

For measuring the reader of unknown layouts on pages that nobody here wrote; nothing is asserted.
"""

import re
from datetime import UTC, datetime
from typing import Any

from archive.facts.items import Capture
from crawler.editions.edition import Edition
from crawler.pages import read as read_page
from pipelines.clean import clean
from pipelines.dates import dates
from pipelines.template import Template

ANY_OUTLET = Edition(
    name="any",
    language="fr",
    zone="UTC",
    began=datetime(1995, 1, 1, tzinfo=UTC),
    hosts=(),
    aliases=(),
    article=re.compile(r"(?!)()()()()"),
    feed_path="",
    sections=(),
    default_sections=(),
    home_names=frozenset({"accueil", "home"}),
    side_names=frozenset(),
    template=Template(),
)
"""An outlet of which nothing is known."""


def read(url: str, crawled_at: datetime, body: bytes) -> dict[str, Any]:
    """Return what is read from a page's bytes (HTML, no content coding) at an aware instant.

    `published` is RFC 3339 in UTC or None, `precision` and `zone` are as in a record. A page that is no article has
    empty fields, and what it is instead stands among its `issues`.
    """
    capture = Capture(
        url=url,
        captured_at=crawled_at,
        status=200,
        response_headers=((b"Content-Type", b"text/html"),),
        body=body,
    )
    reading = read_page(capture, ANY_OUTLET)
    if reading.article is None:
        empty = dict.fromkeys(("headline", "lead", "precision", "zone", "byline"), "")
        return {**empty, "body": [], "published": None, "issues": [reading.outcome, reading.detail]}
    article = clean(reading.article, ANY_OUTLET.template)
    article = dates(article, captured_at=crawled_at, calendar=ANY_OUTLET.calendar)
    moment = article.published
    return {
        "headline": article.headline,
        "lead": article.lead,
        "body": list(article.body),
        "published": moment.utc.isoformat() if moment and moment.utc else None,
        "precision": moment.precision if moment else "",
        "zone": moment.zone if moment else "",
        "byline": article.byline,
        "issues": list(article.issues),
    }
