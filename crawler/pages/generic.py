"""A layout never seen before: headline by the page's own titles, text by where it is dense, marks by common names.

Written for one outlet's articles, so it may lean on what its pages share whatever the template: the placeholder
caption stands among the captions, the share line ends the text, the section names stand in the menu too.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from archive.facts.items import Block, Caption, DateTexts
from crawler.pages import breadcrumb, fields
from crawler.pages.asides import Asides
from crawler.pages.captions import mark_captions
from crawler.pages.headline import find_headline
from crawler.pages.menuline import menu_names, named_line
from crawler.pages.metadata import Metadata
from crawler.pages.page import Page, css, fold, text_of
from crawler.pages.shown import Element
from crawler.pages.story import Story, cut
from crawler.pages.units import units


class Generic:
    """The reading of a page of unknown markup; methods return (value, source) as the layouts do.

    A row of passes, each a function of those before it: headline, boxes aside, units, captions, story, fields. None
    is run before a field asks, for a known layout leaves few of them to ask.
    """

    name = "generic"

    def __init__(self, page: Page, metadata: Metadata) -> None:
        self.page = page
        self.metadata = metadata
        self._asides = Asides(page)

    @cached_property
    def _headline(self) -> Element | None:
        return find_headline(self.page, self.metadata.titles(), self._asides)

    @cached_property
    def story(self) -> Story:
        """The article's text among all that the page shows."""
        body = next(iter(css("body")(self.page.root)), self.page.root)
        read = units(body, self.page, self._asides.besides(self._headline))
        shown = mark_captions(read, self.page, self._headline)
        return cut(shown, headline=self._headline, root=self.page.root, description=self.metadata.description())

    @cached_property
    def _menu_names(self) -> list[str]:
        return menu_names(self.page)

    def is_menu_name(self, text: str) -> bool:
        """Tell whether a text is the name of a section in the page's menu."""
        return fold(text) in map(fold, self._menu_names)

    def is_front(self) -> bool:
        """Tell whether the page shows links to several other articles outside of side boxes, as front pages do."""
        return fields.is_front(self.story.units, self.page)

    def is_dated_below(self) -> bool:
        """Tell whether a date is printed right below the headline, or marked anywhere below it."""
        return fields.is_dated_below(self.story, self.page, self._asides, self._headline)

    def headline(self) -> tuple[str, str]:
        """Return the headline as the page shows it."""
        node = self._headline
        return (text_of(node), f"generic:{node.tag}") if node is not None else ("", "")

    def kicker(self) -> tuple[str, str]:
        """Return the line above the headline where its class says so."""
        return fields.pick_kicker(self.story)

    def byline(self) -> tuple[str, str]:
        """Return the author where the page marks one."""
        return fields.pick_byline(self.page, self._asides)

    def lead(self) -> tuple[str, str]:
        """Return the summary: marked by its class, told in the head too, or a bold first paragraph."""
        return fields.pick_lead(self.story)

    def blocks(self) -> tuple[tuple[Block, ...], str]:
        """Return the body's blocks, or nothing for a listing."""
        return fields.pick_blocks(self.story, self.page, self.headline()[0])

    def captions(self) -> tuple[tuple[Caption, ...], str]:
        """Return the captions near the headline and inside the text."""
        return fields.pick_captions(self.story, self.page.edition.template)

    def images(self) -> tuple[tuple[str, ...], str]:
        """Return the pictures of the text and of the boxes that hold a caption."""
        return fields.pick_images(self.story, self.page, self._asides)

    def source_line(self) -> tuple[str, str]:
        """Return the line `SOURCE: …`."""
        return fields.pick_source_line(self.story.units)

    def tags(self) -> tuple[tuple[str, ...], str]:
        """Return the names of links marked as tags."""
        return fields.pick_tags(self.page)

    def sections(self) -> tuple[tuple[str, ...], str]:
        """Return the breadcrumb's names by its class or label, JSON-LD, or as a line of names from the menu."""
        headline = self.headline()[0]
        names, source = breadcrumb.classed(self.page, headline)
        if not names:
            names, source = self.metadata.breadcrumb()
        return (names, source) if names else named_line(self.story, self._menu_names, headline)

    def dates(self) -> tuple[DateTexts, DateTexts]:
        """Return (published, modified) texts: one printed near the headline, then marked ones; never from the text."""
        return fields.pick_dates(self.story, self.page, self._asides, self._headline)


def with_trafilatura(page: Page) -> tuple[tuple[Block, ...], str]:
    """Return the body as trafilatura's fast mode reads it, one block a line; for pages where all else found nothing."""
    import trafilatura  # noqa: PLC0415 - half a second of imports, for the last resort

    document: Any = trafilatura.bare_extraction(page.markup, fast=True, include_comments=False, with_metadata=False)
    lines: Iterable[str] = document.text.split("\n") if document is not None and document.text else ()
    return tuple(Block(text=line.strip()) for line in lines if line.strip()), "generic:trafilatura"
