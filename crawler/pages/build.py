"""What of an article's build a page shows by itself, whatever its template claims on every page.

`og:url`, a canonical link or `og:type` may say the same of all; a headline with a date below it may not.
"""

from functools import cached_property

from crawler.pages import notices
from crawler.pages.article import Layout
from crawler.pages.generic import Generic
from crawler.pages.metadata import Metadata
from crawler.pages.page import Page, fold

_SHORTEST_NAME = 2


class Build:
    """One page's; `era` is the outlet's own layout that has a headline on it."""

    def __init__(self, page: Page, metadata: Metadata, generic: Generic, era: Layout | None) -> None:
        self.page = page
        self.metadata = metadata
        self.generic = generic
        self.era = era

    @cached_property
    def _shown(self) -> str:
        return (self.era or self.generic).headline()[0]

    @cached_property
    def headline(self) -> str:
        """The headline of a page that has a date with it, not the outlet's name; else empty."""
        if self.page.edition.template.is_site_name(self._shown):
            return ""
        dated = (self.era is not None and any(self.era.dates()[0])) or any(self.metadata.dates()[0])
        return self._shown if dated or self.generic.is_dated_below() else ""

    @cached_property
    def is_named(self) -> bool:
        """Whether the head names the page by the headline that it shows, as a front page's does not."""
        headline, titles = fold(self._shown), map(fold, self.metadata.titles())
        return len(headline) > _SHORTEST_NAME and any(headline in title or title in headline for title in titles)

    def is_home(self) -> bool:
        """Tell whether the page calls itself the front page, and shows nothing that denies it."""
        return notices.points_home(self.page) and not (self.is_named or self.headline)

    def is_article(self) -> bool:
        """Tell whether it is built as an article, and not as a section's page with dated teasers."""
        return bool(self.headline) and not self.generic.is_menu_name(self.headline)

    def shows_film(self) -> bool:
        """Tell whether there is a film or a recording below the headline, in place of a text."""
        player = next(self.page.root.iter("video", "audio"), None)
        return player is not None and bool(self.headline) and self.is_named
