"""What an edition's template prints around every article, as the cleaner must know it; the edition hands it in.

The page objects ask here, too: a caption that is the template's own, a title that is but the outlet's name.
"""

import re
import unicodedata
from dataclasses import dataclass

from archive.languages.language import NOTHING

_SHORTEST = 320
"""Characters from which on a text holds more than the placeholder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """The caption that the template shows with any article."""

    start: str
    """How it begins: ASCII words in lower case, single spaces."""
    other_start: re.Pattern[str]
    """Begins a text that no folding makes the placeholder of: most texts, so this is asked first."""
    text: re.Pattern[str]
    """The whole of it wherever it stands, in all its prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The template's own words; every pattern is matched against one line."""

    lines: re.Pattern[str] = NOTHING
    """A line that is the template's, whole."""
    source_line: re.Pattern[str] = NOTHING
    """The line that names the source, whole."""
    related: re.Pattern[str] = NOTHING
    """How a line that links to another article begins."""
    article_link: re.Pattern[str] = NOTHING
    """Stands in the address of any article."""
    site: re.Pattern[str] = NOTHING
    """A title that is but the outlet's name, whole."""
    site_before: re.Pattern[str] = NOTHING
    """The outlet's name in front of a title, with what parts the two."""
    site_behind: re.Pattern[str] = NOTHING
    """The outlet's name behind a title."""
    placeholder: Placeholder | None = None
    boilerplate: tuple[str, ...] = ()
    """Blocks, word for word, that `scrapy layouts --recurring` proposed and a person accepted: they are taken out of
    every text. A new one raises `crawler.pages.REVISION` (docs/add-a-layout.md)."""

    def begins_with_placeholder(self, text: str) -> bool:
        """Tell whether a text begins with the template's own caption, whatever its spaces, marks and case."""
        if self.placeholder is None or self.placeholder.other_start.match(text):
            return False
        near = unicodedata.normalize("NFKC", text[:200]).casefold()
        return " ".join(re.findall(r"[a-z0-9]+", near)).startswith(self.placeholder.start)

    def is_placeholder(self, text: str) -> bool:
        """Tell whether a text is the template's own caption and nothing else, cut short or whole."""
        return len(text) < _SHORTEST and self.begins_with_placeholder(text)

    def is_own(self, line: str) -> bool:
        """Tell whether a line is the template's."""
        return bool(self.lines.fullmatch(line)) or self.is_placeholder(line)

    def without_placeholder(self, text: str) -> str:
        """Return text without the template's own caption, wherever it stands in it."""
        return self.placeholder.text.sub("", text) if self.placeholder else text

    def is_site_name(self, title: str) -> bool:
        """Tell whether a title says nothing but the outlet's name."""
        return not title.strip() or self.site.fullmatch(title.strip()) is not None

    def without_site_name(self, title: str) -> str:
        """Return a headline from <title> or og:title without the outlet's name before or behind it."""
        bare = self.site_behind.sub("", self.site_before.sub("", title)).strip()
        return bare or title
