"""Step 4, clean: the template's own lines out of what was read, links to other articles aside, spaces regular.

What is the template's the edition says (`pipelines/template.py`); quotes, apostrophes, no-break spaces and marks
such as `[Persique]` or NDLR are the outlet's words and stay. A new rule raises `crawler.pages.REVISION`.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cache
from typing import Any, Self

from archive.facts.forms import comparison_form
from archive.facts.items import Article, Block, Caption, Related
from pipelines.escapes import undone
from pipelines.look import Look
from pipelines.template import Template

MOST_REMOVED = 0.6
_Links = tuple[tuple[str, str], ...]
"""(text, address)."""
_TWEET_RESIDUE = re.compile(r"[ \t\n]*pic\.twitter\.com/[A-Za-z0-9]{4,20}")
_ASCII_SPACES = re.compile(r"[ \t\r\n\f\v]+")


def regular(text: str) -> str:
    """Return text with runs of ASCII white space as one space, ends stripped; no-break spaces inside are kept."""
    # Most texts have single spaces only: a quarter of the substitution's time, and of a loop's half.
    if "  " in text or "\n" in text or "\t" in text or "\r" in text or "\f" in text or "\v" in text:
        text = _ASCII_SPACES.sub(" ", text)
    return text.strip()


def _own_lines(text: str, template: Template) -> list[str]:
    bare = template.without_placeholder(text)
    if "pic.twitter.com/" in bare:
        bare = _TWEET_RESIDUE.sub("", bare)
    lines = [regular(line) for line in bare.split("\n")]
    return [line for line in lines if line and not template.is_own(line)]


def _address(title: str, links: Iterable[tuple[str, str]]) -> str:
    wanted = regular(title)
    for text, url in links:
        if text and (regular(text) in wanted or wanted in regular(text)):
            return url
    return ""


def _related(line: str, links: _Links, template: Template) -> Related | None:
    """Return the link of a line such as `Lire aussi : …`; its title is empty where the line is only the words."""
    start = template.related.match(line)
    if not start:
        return None
    title = regular(line[start.end() :])
    return Related(title=title, url=_address(title or line, links))


def _is_link_only(line: str, links: _Links, template: Template) -> bool:
    return any(regular(text) == line and template.article_link.search(url) for text, url in links)


def _without_tail_link(line: str, links: _Links, template: Template) -> tuple[str, Related | None]:
    # The outlet sometimes puts the link at the end of a paragraph: `… a-t-il dit. Lire aussi : …`.
    for text, _ in links:
        at = line.rfind(regular(text))
        start = (
            re.search(r"(?:^|(?<=[\s.!?»]))\(?" + f"(?:{template.related.pattern})$", line[:at], re.IGNORECASE)
            if at > 0
            else None
        )
        inner = _related(regular(text), links, template) if at > 0 else None
        if start or inner:
            cut = start.start() if start else at
            title = inner.title if inner else regular(text)
            return line[:cut].rstrip(), Related(title=title, url=_address(regular(text), links))
    return line, None


def _part(blocks: Iterable[Block], template: Template) -> tuple[list[str], list[Related], str]:
    """Part blocks into paragraphs, related links and the source line."""
    body: list[str] = []
    related: list[Related] = []
    source, introduced = "", False
    for block in blocks:
        kept = []
        for line in _own_lines(block.text, template):
            link = _related(line, block.links, template)
            if link is None and introduced and _is_link_only(line, block.links, template):
                link = Related(title=line, url=_address(line, block.links))
            elif link is None:
                introduced = False
            if link is not None:
                introduced = introduced or not link.title
                related += [link] if link.title else []
            elif template.source_line.fullmatch(line):
                source = source or line
            else:
                own, tail = _without_tail_link(line, block.links, template)
                related += [tail] if tail else []
                kept += [own] if own else []
        body += [" ".join(kept)] if kept else []
    return body, related, source


def _captions(captions: Iterable[Caption], template: Template) -> tuple[Caption, ...]:
    kept = []
    for caption in captions:
        text = " ".join(_own_lines(caption.text, template))
        if text and not _related(text, (), template):
            kept.append(Caption(text=text, credit=regular(caption.credit)))
    return tuple(kept)


def _size(texts: Iterable[str]) -> int:
    return sum(len(regular(text)) for text in texts)


def _distinct(related: Iterable[Related]) -> tuple[Related, ...]:
    return tuple(dict.fromkeys(Related(title=regular(r.title), url=r.url) for r in related))


def clean(article: Article, template: Template) -> Article:
    """Return the article with `body` filled, boilerplate out and links to other articles in `related`.

    Cleaning twice is cleaning once. Where the rules would take more than 60 % of a text, they are wrong for this
    page: the text stays whole and the issue `cleaner_stopped` is added. Captions go through the same list of lines.
    """
    blocks = article.blocks or tuple(Block(text=text) for text in article.body)
    body, related, source = _part(blocks, template)
    boilerplate = _forms(template.boilerplate)
    body = _without(body, boilerplate)
    taken_aside = sum(len(r.title) + 12 for r in related)
    size = _size(b.text for b in blocks)
    issues = article.issues
    if size and _size(body) + taken_aside < (1 - MOST_REMOVED) * size:
        body = [text for b in blocks if (text := regular(b.text))]
        related, source = [], ""
        issues = tuple(dict.fromkeys((*issues, "cleaner_stopped")))
    lead = "".join(_without([" ".join(_own_lines(article.lead, template))], boilerplate))
    if lead and body and body[0] == lead:
        body = body[1:]
    whole = replace(
        article,
        headline=regular(template.without_site_name(article.headline) if _from_head(article) else article.headline),
        kicker=regular(article.kicker),
        byline=regular(article.byline),
        lead=lead,
        body=tuple(body),
        captions=tuple(c for c in _captions(article.captions, template) if _without([c.text], boilerplate)),
        related=_distinct((*article.related, *related)),
        source_line=regular(article.source_line) or source,
        issues=issues,
    )
    return _undone(whole)


def _undone(article: Article) -> Article:
    """Return the article with references undone that its page escaped twice, and the issue that says so."""
    captions, related = article.captions, article.related
    texts = (article.headline, article.kicker, article.byline, article.lead, *article.body)
    if not any("&" in text for text in (*texts, *(c.text + c.credit for c in captions), *(r.title for r in related))):
        return article
    mended = replace(
        article,
        headline=undone(article.headline),
        kicker=undone(article.kicker),
        byline=undone(article.byline),
        lead=undone(article.lead),
        body=tuple(map(undone, article.body)),
        captions=tuple(Caption(text=undone(c.text), credit=undone(c.credit)) for c in article.captions),
        related=tuple(Related(title=undone(r.title), url=r.url) for r in article.related),
    )
    return (
        article
        if mended == article
        else replace(mended, issues=tuple(dict.fromkeys((*article.issues, "escaped_twice"))))
    )


@cache
def _forms(boilerplate: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(comparison_form, boilerplate))


def _without(texts: list[str], boilerplate: Collection[str]) -> list[str]:
    return [text for text in texts if comparison_form(text) not in boilerplate] if boilerplate else texts


def _from_head(article: Article) -> bool:
    """Tell whether the headline came from <title> or a meta line, which carry the outlet's name."""
    return any(mark in article.sources.get("headline", "") for mark in ("title>", "og:", "twitter:", "meta"))


class Clean:
    """The pipeline step."""

    def __init__(self, template: Template) -> None:
        """Take what the edition's template prints."""
        self.template = template

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        """Make the step with the template of the crawl's edition."""
        return cls(crawler.spider.plan.edition.template)

    def process_item(self, item: Look) -> Look:
        """Return the look with its article cleaned."""
        return item if item.article is None else replace(item, article=clean(item.article, self.template))
