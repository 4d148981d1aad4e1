"""The order of the strategies: each field from the first that has it, and what the page is when no article is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from archive.facts.items import Article, Block, Capture, DateText, DateTexts, Related
from archive.facts.outcomes import Read, Reason
from crawler.editions.edition import Edition
from crawler.pages import decoding, notices
from crawler.pages.article import ERAS, Layout
from crawler.pages.build import Build
from crawler.pages.dateline import has_clock
from crawler.pages.generic import VOTED, Generic, with_trafilatura
from crawler.pages.loss import loses_text
from crawler.pages.metadata import Metadata, language
from crawler.pages.onward import is_script_only, refreshed
from crawler.pages.page import Page
from crawler.pages.work import PageTooLarge, bounded

REVISION = 2
"""The extractor's revision: raise it with any change of what is read or cleaned, then replay."""
_MOST_REPLACED = 0.001
_SHORTEST_RESORT, _LONGEST_NOTICE = 250, 500
_LONG_HEADLINE = 20
_LOST = "paragraphs_lost"
_ABSENT = frozenset({404, 410})
_UNKNOWN = ("generic", VOTED)
PageOutcome = (
    Read
    | Literal[
        "soft_404", "challenge", "empty", "parse_incomplete", "extract_failed", "too_large", "truncated", "not_observed"
    ]
)
_OUTCOMES: dict[type, PageOutcome] = {
    decoding.Truncated: "truncated",
    decoding.TooLarge: "too_large",
    PageTooLarge: "too_large",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one look at a page's bytes came to."""

    outcome: PageOutcome
    article: Article | None = None
    """Set exactly when the outcome is `article`."""
    reason: Reason = ""
    detail: str = ""
    """Why there is no article, in words."""
    onward: str = ""
    """Where the page leads at once by a meta refresh, absolute."""


def read(
    capture: Capture,
    edition: Edition,
    *,
    body: bytes | None = None,
    limit: int = decoding.PAGE_LIMIT,
    doubts: bool = True,
) -> Reading:
    """Read the article of a capture of an edition's page, or say what the page is instead.

    The status is not judged: a wall is a wall under 200, 403 and 503; under 404 and 410 by its words alone, since some
    guards put a script into every page. Dates are raw candidates, the text is not
    cleaned. `body` is the capture's with its content codings undone (`decoding.unpack`), where that was done before;
    the reading is the same without it. `limit` is in bytes of the decoded page. Without `doubts` a page that is built
    as an article is one, whatever its headline says (`Vidéo supprimée`): a crawl knows by a made-up address how the
    outlet answers where nothing is. Raises nothing for what a page may hold.
    """
    if cause := notices.header_wall(capture):
        return Reading(outcome="challenge", reason="wall", detail=cause)
    try:
        markup, issues = decoding.html(capture, limit, body)
        if "replacement_chars" in issues and markup.count("\ufffd") > _MOST_REPLACED * len(markup):
            return Reading(outcome="parse_incomplete", detail="more than 0.1 % of the characters can't be decoded")
        with bounded(len(markup)):
            page = Page(capture.url, markup, edition)
            return (
                _Strategies(page, doubts=doubts, marks=capture.status not in _ABSENT).read(issues)
                if page
                else Reading(outcome="empty", detail="no markup")
            )
    except decoding.DecodingError as error:
        return Reading(outcome=_OUTCOMES.get(type(error), "parse_incomplete"), detail=str(error))


def is_known(layout: str) -> bool:
    """Return whether a layout's name is that of one of the outlet's own, and not of a fallback."""
    return any(era.name == layout for era in ERAS)


def is_whole(article: Article) -> bool:
    """Return whether one of the outlet's own layouts read an article, and no text of its page was lost."""
    return is_known(article.layout) and _LOST not in article.issues


def is_told(article: Article) -> bool:
    """Return whether one of the outlet's own layouts read a whole article with a text and a date that the page gives."""
    dated = any(text.source != "url" for text in article.published_texts)
    return is_whole(article) and bool(article.headline and article.blocks) and dated


class _Strategies:
    """The strategies over one page, in order, and the fields that they found."""

    def __init__(self, page: Page, *, doubts: bool, marks: bool) -> None:
        self.page = page
        self.doubts, self.marks = doubts, marks
        self.metadata = Metadata(page)
        self.eras: list[Layout] = [era(page) for era in ERAS]
        self.generic = Generic(page, self.metadata)
        self.sources: dict[str, str] = {}

    def field(self, name: str, strategies: Sequence[Any]) -> Any:
        """Return a field's value from the first strategy that has it, and note which."""
        empty: Any = ""
        for strategy in strategies:
            method = getattr(strategy, name, None)
            if method is None:
                continue
            value, source = method()
            if value:
                self.sources[name] = source
                return value
            empty = value
        return empty

    def read(self, issues: tuple[str, ...]) -> Reading:
        era = self.era
        blocks: tuple[Block, ...] = ()
        if era is not None:
            blocks = self.field("blocks", [era])
        # A page of the outlet's own that holds the text shows the article, wherever it leads its reader next.
        if not blocks and (instead := self._led() or self._refused()):
            return instead
        headline = self.field("headline", [*self.eras, self.generic, self.metadata])
        layout = era.name if era and blocks else ""
        if not blocks:
            blocks, layout = self._fallback_blocks()
        known = era is not None and layout == era.name
        lead = self.field("lead", [era] if known and era else [*self.eras, self.generic])
        return self._judge(headline, lead, blocks, layout, era, issues)

    @cached_property
    def era(self) -> Layout | None:
        """The outlet's own layout that has a headline on the page."""
        return next((e for e in self.eras if e.headline()[0]), None)

    @cached_property
    def build(self) -> Build:
        """What of an article's build the page shows."""
        return Build(self.page, self.metadata, self.generic, self.era)

    def _refused(self) -> Reading | None:
        text = notices.visible_text(self.page)
        if not text and not self.page.title and not self.metadata.node:
            return Reading(outcome="empty", detail="the page has no text")
        return self._walled(text)

    def _walled(self, text: str) -> Reading | None:
        reason, cause = notices.refusal(self.page, text, self.build.headline, marks=self.marks)
        return Reading(outcome="challenge", reason=reason, detail=cause) if reason else None

    def _led(self) -> Reading | None:
        onward = refreshed(self.page)
        if not onward or notices.gone(self.page):
            return None
        led = Reading(outcome="not_observed", detail=f"leads on at once to {onward}", onward=onward)
        return self._walled(notices.visible_text(self.page)) or led

    def _fallback_blocks(self) -> tuple[tuple[Block, ...], str]:
        blocks, source, layout = self.generic.text()
        if blocks:
            self.sources["blocks"] = source
            return blocks, layout
        return self._last_resort()

    def _last_resort(self) -> tuple[tuple[Block, ...], str]:
        if not notices.is_article(self.metadata) or self.build.is_home():
            return (), ""
        blocks, source = with_trafilatura(self.page)
        if sum(len(b.text) for b in blocks) < _SHORTEST_RESORT:
            return (), ""
        self.sources["blocks"] = source
        return blocks, "generic"

    def _judge(
        self,
        headline: str,
        lead: str,
        blocks: tuple[Block, ...],
        layout: str,
        era: Layout | None,
        issues: tuple[str, ...],
    ) -> Reading:
        characters = len(lead) + sum(len(b.text) for b in blocks)
        if notice := self._notice(headline, characters):
            return notice
        dated = era is not None and any(era.dates()[0])
        if not headline or not (characters or dated or self.build.shows_film()):
            return self._nothing(headline, characters)
        if not layout:
            layout, issues = era.name if era else "generic", (*issues, "no_text")
        if layout in _UNKNOWN and (
            instead := self._calls_itself_home(characters) or self._sliver(headline, lead, blocks)
        ):
            return instead
        return Reading(outcome="article", article=self._article(headline, lead, blocks, layout, issues))

    def _sliver(self, headline: str, lead: str, blocks: tuple[Block, ...]) -> Reading | None:
        characters = len(lead) + sum(len(block.text) for block in blocks)
        texts = (headline, lead, *(block.text for block in blocks))
        if not 0 < characters < _SHORTEST_RESORT or not self.generic.leaves_more(texts):
            return None
        detail = f"headline {headline!r}, {characters} characters of a page that holds more"
        return Reading(outcome="extract_failed", detail=detail)

    def _calls_itself_home(self, characters: int) -> Reading | None:
        told = "the page calls itself the front page"
        if self.build.is_home():
            return Reading(outcome="soft_404", detail=told)
        # A headline and a date may stand on a front page, too, but no long text below them.
        short = self.doubts and not self.build.is_named and characters < _SHORTEST_RESORT
        return _doubted(told) if short and notices.points_home(self.page) else None

    def _notice(self, headline: str, characters: int) -> Reading | None:
        """Return the reading of a notice that the article is gone, doubtful where the page is built as an article.

        A headline may say as much of its subject; a page without an article's build that says it of itself is none.
        """
        edition = self.page.edition
        if characters >= _LONGEST_NOTICE or (self.build.headline and not self.doubts):
            return None
        if self.build.headline:
            # In the outlet's own layouts such words below a headline are a player's, or a quotation.
            doubtful = headline if notices.is_notice(headline, edition) else not self.era and notices.gone(self.page)
            return _doubted(doubtful) if doubtful else None
        if notices.is_notice(headline, edition):
            return Reading(outcome="soft_404", detail=headline)
        if characters >= _SHORTEST_RESORT:
            return None
        if words := notices.gone(self.page):
            return Reading(outcome="soft_404", detail=words)
        unlike = self.era is None and not self.metadata.is_article
        return _doubted(words) if unlike and (words := notices.mentions_gone(self.page)) else None

    def _nothing(self, headline: str, characters: int) -> Reading:
        is_front = self.generic.is_front()
        if not is_front and is_script_only(self.page):
            return Reading(outcome="not_observed", detail="nothing but a script that leads elsewhere or fills the page")
        like_article = self.build.is_article()
        home = self.build.is_home() or (is_front and not (self.build.is_named and like_article))
        remains = like_article or notices.is_article(self.metadata) or self._has_remains(headline, characters)
        # A removal may follow from a soft 404, so what may be an article unread is not called one.
        if not home and remains:
            found = f"{characters} characters" if characters else "no text"
            return Reading(outcome="extract_failed", detail=f"headline {headline!r}, {found}")
        told = "no article on the page: menus and boxes only"
        # A gate, a server's word of its own trouble or an empty frame leads to no articles, as what stands for them does.
        leads = home or is_front or self.generic.leads_on()
        return Reading(outcome="soft_404", detail=told) if leads else _doubted("nothing of an article")

    def _has_remains(self, headline: str, characters: int) -> bool:
        return characters > 0 or (len(headline) > _LONG_HEADLINE and not self.generic.is_menu_name(headline))

    def _article(
        self, headline: str, lead: str, blocks: tuple[Block, ...], layout: str, issues: tuple[str, ...]
    ) -> Article:
        known = [e for e in self.eras if e.name == layout]
        rest = [self.metadata, self.generic] if not known else [self.metadata]
        published, modified = self._dates(known)
        values = {n: self.field(n, [*(known or self.eras), *rest]) for n in ("kicker", "source_line", "images")}
        byline = self.field("byline", [*(known or self.eras), *([self.metadata] if known else [self.generic])])
        captions = self.field("captions", [*(known or self.eras), *([] if known else [self.generic, self.metadata])])
        related = self.field("related", known)
        self.sources["language"] = language(self.page)[1]
        told = (headline, lead, *(b.text for b in blocks), *(c.text for c in captions or ()))
        if loses_text(self.page, (*told, *(title for title, _ in related or ()))):
            issues = (*issues, _LOST)
        return Article(
            article_id=self.page.edition.article_id(self.page.url) or "",
            url=self.page.url,
            headline=headline,
            lead=lead,
            blocks=blocks,
            captions=captions or (),
            sections=self.field("sections", [*(known or self.eras), self.generic, self.metadata]),
            tags=self.field("tags", [self.metadata, *([] if known else [self.generic])]),
            related=tuple(Related(title=title, url=url) for title, url in related or ()),
            byline=byline,
            language=language(self.page)[0],
            published_texts=published,
            modified_texts=modified,
            layout=layout,
            sources={k: v for k, v in self.sources.items() if v},
            issues=tuple(dict.fromkeys((*issues, *self.page.issues))),
            **values,
        )

    def _dates(self, known: list[Layout]) -> tuple[DateTexts, DateTexts]:
        seen = [layout.dates() for layout in known or self.eras]
        if not any(pair[0] for pair in seen):
            seen.append(self.generic.dates())
        stated = self.metadata.dates()
        visible = [text for pair in seen for text in pair[0]]
        # A bare day as printed says less than an instant in the head.
        published = [d for d in visible if has_clock(d)] + list(stated[0]) + [d for d in visible if not has_clock(d)]
        modified = [text for pair in (*seen, stated) for text in pair[1]]
        if day := self.page.edition.article_day(self.page.url):
            published.append(DateText(text=f"/{day.year}/{day.month}/{day.day}/", source="url"))
        if published:
            self.sources["published"] = published[0].source
        return tuple(dict.fromkeys(published)), tuple(dict.fromkeys(modified))


def _doubted(words: str) -> Reading:
    return Reading(outcome="not_observed", reason="doubtful_notice", detail=words)
