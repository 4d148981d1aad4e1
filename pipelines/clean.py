"""Step 4, clean: the template's own lines out of what was read, links to other articles aside, spaces regular.

What stands here by name is boilerplate of the outlet (docs/outlet.md); quotes, apostrophes, no-break spaces and
marks such as `[Persique]` or NDLR are the outlet's words and stay. A new rule raises `crawler.pages.REVISION`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, Self

from archive.facts.forms import comparison_form
from archive.facts.items import Article, Block, Caption, Related
from pipelines.look import Look

MOST_REMOVED = 0.6
# The caption that the template shows with any article since March 2019; prints of it differ in spaces and marks.
_PLACEHOLDER_START = "us rep ilhan omar d mn l talks with speaker of the house nancy pelosi"
_PLACEHOLDER = re.compile(
    r"US\W{1,3}Rep\W{1,3}Ilhan\W+Omar\W+D\W+MN\W+L\W+talks\W+with\W+Speaker\b.{0,400}?(?:\(\s*AFP\s+photo\s*\)\W*|\n|$)",
    re.IGNORECASE | re.DOTALL,
)
_LINE = re.compile(
    r"""TV
    |(?:french\s+)?press\s?tv(?:\s+fran[cç]ais)?
    |partager\s+cet\s+article\W*
    |publicit[ée]s?
    |t[ée]l[ée]charger\W*
    |regardez\s+cette\s+vid[ée]o(?:\s+sur)?\s+youtube\W*
    |abonnez[\s-]vous\s+[àa]\s+notre\s+(?:cha[iî]ne|canal)\s+t[ée]l[ée]gram\b.{0,120}
    |(?:infos|a\s+la\s+une)(?:\s*/\s*[^/]{2,40}){2,}
    |(?:pic\.twitter\.com/\w+\s*)+""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_SOURCE_LINE = re.compile(r"SOURCE\s*:\s*(?:FRENCH\s+)?PRESS\s?TV\W*", re.IGNORECASE)
_TWEET_RESIDUE = re.compile(r"[ \t\n]*pic\.twitter\.com/[A-Za-z0-9]{4,20}")
_RELATED = re.compile(
    r"(?:[àa]\s+)?(?:lire|voir)\s+(?:aussi|[ée]galement|plus)(?:\s*:\s*|\s*$|\s+(?=[«\"A-ZÀ-Ý0-9]))"
    r"|[àa]\s+(?:lire|voir)\s*:\s*",
    re.IGNORECASE,
)
_SITE = re.compile(r"(?:french\s+)?(?:press\s?)?tv(?:\s+(?:french|fran[cç]ais|en\s+fran[cç]ais))?\W*", re.IGNORECASE)
_SITE_PREFIX = re.compile(r"^(?:(?:french\s+)?press\s?tv(?:\s+fran[cç]ais)?\s*[-\u2013\u2014|:]\s*)+", re.IGNORECASE)
_SITE_SUFFIX = re.compile(
    r"(?:\s+[-\u2013\u2014|:/\u00b7\u2022\u00bb\u203a]+\s*(?:french\s+)?press\s?tv(?:\s+fran[cç]ais)?\W*)+$",
    re.IGNORECASE,
)
# An ASCII letter but U before another ASCII character: most texts, and no folding makes the placeholder of them.
_OTHER_START = re.compile(r"[0-9A-TV-Za-tv-z][\x00-\x7f]")
_ASCII_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_ARTICLE_LINK = re.compile(r"/(?:Detail|DetailFr|Video)/\d{4}/", re.IGNORECASE)


def begins_with_placeholder(text: str) -> bool:
    """Tell whether a text begins with the template's own caption, whatever its spaces, marks and case."""
    if _OTHER_START.match(text):
        return False
    near = unicodedata.normalize("NFKC", text[:200]).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", near)).startswith(_PLACEHOLDER_START)


def is_placeholder(text: str) -> bool:
    """Tell whether a text is the template's own caption and nothing else, cut short or whole."""
    return len(text) < 320 and begins_with_placeholder(text)


def regular(text: str) -> str:
    """Return text with runs of ASCII white space as one space, ends stripped; no-break spaces inside are kept."""
    # Nothing but single spaces in it: a tenth of the substitution's time.
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _ASCII_SPACES.sub(" ", text).strip()


def is_site_name(title: str) -> bool:
    """Tell whether a title says nothing but the outlet's name."""
    return not title.strip() or _SITE.fullmatch(title.strip()) is not None


def without_site_name(title: str) -> str:
    """Return a headline from <title> or og:title without the outlet's name before or behind it."""
    bare = _SITE_SUFFIX.sub("", _SITE_PREFIX.sub("", title)).strip()
    return bare or title


def _is_boilerplate(line: str) -> bool:
    return bool(_LINE.fullmatch(line)) or is_placeholder(line)


def _own_lines(text: str) -> list[str]:
    bare = _PLACEHOLDER.sub("", text)
    if "pic.twitter.com/" in bare:
        bare = _TWEET_RESIDUE.sub("", bare)
    lines = [regular(line) for line in bare.split("\n")]
    return [line for line in lines if line and not _is_boilerplate(line)]


def _address(title: str, links: Iterable[tuple[str, str]]) -> str:
    wanted = regular(title)
    for text, url in links:
        if text and (regular(text) in wanted or wanted in regular(text)):
            return url
    return ""


def _related(line: str, links: tuple[tuple[str, str], ...]) -> Related | None:
    """Return the link of a line such as `Lire aussi : …`; its title is empty where the line is only the words."""
    start = _RELATED.match(line)
    if not start:
        return None
    title = regular(line[start.end() :])
    return Related(title=title, url=_address(title or line, links))


def _is_link_only(line: str, links: tuple[tuple[str, str], ...]) -> bool:
    return any(regular(text) == line and _ARTICLE_LINK.search(url) for text, url in links)


def _without_tail_link(line: str, links: tuple[tuple[str, str], ...]) -> tuple[str, Related | None]:
    # The outlet sometimes puts the link at the end of a paragraph: `… a-t-il dit. Lire aussi : …`.
    for text, _ in links:
        at = line.rfind(regular(text))
        start = (
            re.search(r"(?:^|(?<=[\s.!?»]))\(?" + f"(?:{_RELATED.pattern})$", line[:at], re.IGNORECASE)
            if at > 0
            else None
        )
        inner = _related(regular(text), links) if at > 0 else None
        if start or inner:
            cut = start.start() if start else at
            title = inner.title if inner else regular(text)
            return line[:cut].rstrip(), Related(title=title, url=_address(regular(text), links))
    return line, None


def _part(blocks: Iterable[Block]) -> tuple[list[str], list[Related], str]:
    """Part blocks into paragraphs, related links and the source line."""
    body: list[str] = []
    related: list[Related] = []
    source, introduced = "", False
    for block in blocks:
        kept = []
        for line in _own_lines(block.text):
            link = _related(line, block.links)
            if link is None and introduced and _is_link_only(line, block.links):
                link = Related(title=line, url=_address(line, block.links))
            elif link is None:
                introduced = False
            if link is not None:
                introduced = introduced or not link.title
                related += [link] if link.title else []
            elif _SOURCE_LINE.fullmatch(line):
                source = source or line
            else:
                own, tail = _without_tail_link(line, block.links)
                related += [tail] if tail else []
                kept += [own] if own else []
        body += [" ".join(kept)] if kept else []
    return body, related, source


def _captions(captions: Iterable[Caption]) -> tuple[Caption, ...]:
    kept = []
    for caption in captions:
        text = " ".join(_own_lines(caption.text))
        if text and not _related(text, ()):
            kept.append(Caption(text=text, credit=regular(caption.credit)))
    return tuple(kept)


def _size(texts: Iterable[str]) -> int:
    return sum(len(regular(text)) for text in texts)


def _distinct(related: Iterable[Related]) -> tuple[Related, ...]:
    return tuple(dict.fromkeys(Related(title=regular(r.title), url=r.url) for r in related))


def clean(article: Article, boilerplate: Collection[str] = ()) -> Article:
    """Return the article with `body` filled, boilerplate out and links to other articles in `related`.

    `boilerplate` holds the comparison form of blocks that are the template's word for word, beside those known here by
    name. Cleaning twice is cleaning once. Where the rules would take more than 60 % of a text, they are wrong for this
    page: the text stays whole and the issue `cleaner_stopped` is added. Captions go through the same list of lines.
    """
    blocks = article.blocks or tuple(Block(text=text) for text in article.body)
    body, related, source = _part(blocks)
    body = _without(body, boilerplate)
    taken_aside = sum(len(r.title) + 12 for r in related)
    whole = _size(b.text for b in blocks)
    issues = article.issues
    if whole and _size(body) + taken_aside < (1 - MOST_REMOVED) * whole:
        body = [text for b in blocks if (text := regular(b.text))]
        related, source = [], ""
        issues = tuple(dict.fromkeys((*issues, "cleaner_stopped")))
    lead = "".join(_without([" ".join(_own_lines(article.lead))], boilerplate))
    if lead and body and body[0] == lead:
        body = body[1:]
    return replace(
        article,
        headline=regular(without_site_name(article.headline) if _from_head(article) else article.headline),
        kicker=regular(article.kicker),
        byline=regular(article.byline),
        lead=lead,
        body=tuple(body),
        captions=tuple(c for c in _captions(article.captions) if _without([c.text], boilerplate)),
        related=_distinct((*article.related, *related)),
        source_line=regular(article.source_line) or source,
        issues=issues,
    )


def _without(texts: list[str], boilerplate: Collection[str]) -> list[str]:
    return [text for text in texts if comparison_form(text) not in boilerplate] if boilerplate else texts


def _from_head(article: Article) -> bool:
    """Tell whether the headline came from <title> or a meta line, which carry the outlet's name."""
    return any(mark in article.sources.get("headline", "") for mark in ("title>", "og:", "twitter:", "meta"))


class Clean:
    """The pipeline step."""

    def __init__(self, boilerplate: Iterable[str] = ()) -> None:
        """Take the edition's accepted blocks (`crawler/editions/edition.py`), as the pages print them."""
        self.boilerplate = frozenset(map(comparison_form, boilerplate))

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        """Make the step with the boilerplate of the crawl's edition."""
        return cls(crawler.spider.plan.edition.boilerplate)

    def process_item(self, item: Look) -> Look:
        """Return the look with its article cleaned."""
        return item if item.article is None else replace(item, article=clean(item.article, self.boilerplate))
