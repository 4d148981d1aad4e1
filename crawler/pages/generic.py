"""A layout never seen before: headline by the page's own titles, text by where it is dense, marks by common names.

Written for one outlet's articles, so it may lean on what its pages share whatever the template: the placeholder
caption stands among the captions, the share line ends the text, the section names stand in the menu too.
"""

from collections.abc import Iterable
from functools import cached_property

from archive.facts.items import Block, Caption, DateTexts
from crawler.pages import breadcrumb, fields
from crawler.pages.asides import Asides
from crawler.pages.captions import mark_captions
from crawler.pages.dateline import is_dateline
from crawler.pages.headline import find_headline, spaced
from crawler.pages.loss import lost_share
from crawler.pages.marks import is_talk
from crawler.pages.menuline import menu_names, named_line
from crawler.pages.metadata import Metadata
from crawler.pages.page import Page, fold, text_of
from crawler.pages.shown import Element
from crawler.pages.story import Story, cut
from crawler.pages.units import Unit, units
from crawler.pages.witnesses import Witness, ask, can_ask, confirmed, voted

_SOME, _MUCH, _MOST = 0.1, 0.3, 0.5
"""Shares of a page's long paragraphs that our own reading lacks: it is doubtful, it is worth little."""
VOTED = "voted"
"""The layout's name where two of three readings made the text."""
_MANY_LINES = 12
"""Lines of our own reading that are no sentence, from which it is doubtful."""


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
        body = next(iter(self.page.select("body")), self.page.root)
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

    def leads_on(self) -> bool:
        """Tell whether it is a page of the outlet's own: with a menu, and a section's heading or links to articles."""
        body, headings = self.page.root.find("body"), map(text_of, self.page.root.iter("h1"))
        led = any(map(self.page.edition.section_of, headings)) or (body is not None and self.page.held(body).links)
        return bool(self._menu_names and led)

    def is_dated_below(self) -> bool:
        """Tell whether a date is printed right below the headline, or marked anywhere below it."""
        return fields.is_dated_below(self.story, self.page, self._asides, self._headline)

    def headline(self) -> tuple[str, str]:
        """Return the headline as the page shows it."""
        node = self._headline
        if node is None:
            return "", ""
        return spaced(node, self.metadata.titles()), f"generic:{node.tag}"

    def kicker(self) -> tuple[str, str]:
        """Return the line above the headline where its class says so."""
        return fields.pick_kicker(self.story)

    def byline(self) -> tuple[str, str]:
        """Return who the page's data names, who the page shows where that is but the outlet, an organization last."""
        stated, shown = self.metadata.byline(), fields.pick_byline(self.page, self._asides)
        if stated[0] and not self.metadata.is_outlet(stated[0]):
            return stated
        return next(filter(any, (shown, stated, self.metadata.organization())), ("", ""))

    def lead(self) -> tuple[str, str]:
        """Return the summary: marked by its class, told in the head too, or a bold first paragraph."""
        return fields.pick_lead(self.story)

    @cached_property
    def _units(self) -> tuple[Unit, ...]:
        return fields.pick_units(self.story, self.page, self.headline()[0])

    def blocks(self) -> tuple[tuple[Block, ...], str]:
        """Return the body's blocks as we read them, or nothing for a listing."""
        return fields.named_blocks(self._units, self.story)

    def text(self) -> tuple[tuple[Block, ...], str, str]:
        """Return (blocks, source, layout) of the body, our own reading held against what else reads the page.

        Where JSON-LD states the same text, what the page shows of it; where our own reading is doubtful, what two of
        three readings hold; JSON-LD's where it states more than we found and what we found is little of the page.
        """
        (own, source), (stated, stated_source) = self.blocks(), self.metadata.blocks()
        data = Witness(b.text for b in stated)
        if own and data.agree(Witness(b.text for b in own)):
            return *fields.named_blocks(confirmed(self._units, data), self.story), self.name
        if stated and (not own or self._states_more(stated, own)):
            return stated, stated_source, self.metadata.name
        return self._voted(own, source)

    def _states_more(self, stated: tuple[Block, ...], own: tuple[Block, ...]) -> bool:
        # Ours may be all that a walled page shows, and an appeal to subscribe.
        cut = self.metadata.walled and 3 * _size(stated) > _size(own)
        return cut if self._lost(own) <= _MUCH else _size(stated) > _size(own)

    def _voted(self, own: tuple[Block, ...], source: str) -> tuple[tuple[Block, ...], str, str]:
        if not own or not self._is_doubtful(own) or not can_ask(self.page):
            return own, source, self.name
        seen = (u.text for u in self.story.units if u.role == "caption" or is_dateline(u))
        others = map(text_of, self._others)
        # A layout of its own: where one look was put to the vote and the next was not, only the reading differs.
        return voted(own, (self.lead()[0], *seen, *others), ask(self.page)), f"{source}, trafilatura", VOTED

    def _is_doubtful(self, own: tuple[Block, ...]) -> bool:
        """Tell whether our own reading lacks some of the page's long paragraphs, or has many lines that are no sentence."""
        return (
            sum(not u.weight() and u.role != "heading" for u in self._units) >= _MANY_LINES or self._lost(own) > _SOME
        )

    def leaves_more(self, told: Iterable[str]) -> bool:
        """Tell whether most of the page's long paragraphs, side boxes and comments left out, are in none of the texts."""
        return lost_share(self.page, told, self._beside) > _MOST

    @cached_property
    def _beside(self) -> set[Element]:
        talks = (element for element in self.page.root.iter("*") if is_talk(element))
        return {*self._asides.besides(self._headline), *talks}

    def _lost(self, own: tuple[Block, ...]) -> float:
        seen = (unit.text for unit in self.story.units if unit.role == "caption")
        return lost_share(self.page, (self.lead()[0], *(b.text for b in own), *seen), self._beside)

    @cached_property
    def _others(self) -> list[Element]:
        """The boxes left out that show other articles or ask for something."""
        return self._asides.others(self._headline)

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


def _size(blocks: Iterable[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def with_trafilatura(page: Page) -> tuple[tuple[Block, ...], str]:
    """Return the body as trafilatura reads it, one block a line; for pages where all else found nothing."""
    lines = ask(page)[0].lines if can_ask(page) else ()
    return tuple(Block(text=line) for line in lines), "generic:trafilatura"
