"""Step 3, read: a capture in, an article out, or why there is none.

The same function reads in a crawl, a replay and a backfill; it depends on the capture and REVISION alone. Layouts of
the outlet come first, then the page's own metadata, then a generic reading; each field falls back by itself, and
`sources` says which strategy gave it. No Scrapy, no store, no clock.
"""

from crawler.pages.feed import FeedItem, read_feed
from crawler.pages.likeness import ALIKE, says_no_more, words_of
from crawler.pages.reading import REVISION, Reading, is_known, is_whole, read
from crawler.pages.section import ListedLink, Listing, MenuEntry, read_language, read_listing, read_menu

__all__ = [
    "ALIKE",
    "REVISION",
    "FeedItem",
    "ListedLink",
    "Listing",
    "MenuEntry",
    "Reading",
    "is_known",
    "is_whole",
    "read",
    "read_feed",
    "read_language",
    "read_listing",
    "read_menu",
    "says_no_more",
    "words_of",
]
