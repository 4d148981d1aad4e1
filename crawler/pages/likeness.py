"""Soft 404s told by comparison: a page that says no more than the answer to a made-up address is no article.

The older way of the two, beside the words of `notices.gone` (Bar-Yossef et al., Sic transit gloria telae, WWW 2004).
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from archive.facts.items import Capture
from crawler.editions.edition import Edition
from crawler.pages import decoding
from crawler.pages.notices import visible_text
from crawler.pages.page import Page

ALIKE = "a made-up address is answered alike"
"""The detail of a look that is `soft_404` by comparison."""
_WORD = re.compile(r"[^\W\d_]+")
_OWN_WORDS, _OWN_SHARE = 6, 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    """How an address that no article has was answered."""

    is_known: bool = True
    """Whether the outlet gave an answer at all: a page, or a status that says that nothing is there."""
    words: Counter[str] = field(default_factory=Counter)
    """The page's, none where there was none."""


NO_ANSWER = MadeUp(is_known=False)


def words_of(capture: Capture, edition: Edition) -> Counter[str]:
    """Return a page's words, none where it can't be read.

    Numbers are left out: addresses, dates and tickers differ from one request to the next.
    """
    try:
        markup, _ = decoding.html(capture, decoding.PAGE_LIMIT)
        page = Page(capture.url, markup, edition)
    except decoding.DecodingError:
        return Counter()
    text = f"{page.title} {visible_text(page)}" if page else ""
    return Counter(_WORD.findall(text.casefold()))


def says_no_more(words: Counter[str], made_up: Counter[str]) -> bool:
    """Return whether a page has next to no words that the answer to a made-up address lacks; False where one has none."""
    own = (words - made_up).total()
    return bool(words and made_up) and own <= max(_OWN_WORDS, _OWN_SHARE * words.total())
