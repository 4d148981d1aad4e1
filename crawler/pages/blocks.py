"""A container of a page as units of text in order: paragraphs, sub-heads, captions, quotes, list lines."""

import re
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter

from lxml import etree

from archive.facts.items import Block, Caption
from crawler.pages.page import Element, Page, tidy
from pipelines.template import Template

DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "form",
        "iframe",
        "svg",
        "button",
        "select",
        "input",
        "textarea",
        "object",
        "video",
        "audio",
        "canvas",
        "map",
        "head",
        "embed",
        "math",
        "nav",
        "footer",
        "dialog",
    ]
)
BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "aside",
        "header",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "q-block",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "figure",
        "figcaption",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "pre",
        "address",
        "details",
        "summary",
        "hr",
        "center",
        "body",
        "html",
        "picture",
        "fieldset",
    ]
)
_ROLES = {
    "blockquote": "quote",
    "li": "list",
    "figure": "caption",
    "figcaption": "caption",
    "caption": "caption",
    **{f"h{n}": "heading" for n in range(1, 7)},
}
CAPTION_CLASS = re.compile(
    r"(?:^|[\s_-])(?:fig)?(?:caption|captions|legend|legende|légende|cutline|img-desc|image-desc|photo-desc|photo-text"
    r"|photo-credit|image-credit|img-credit|credit|credits)(?:$|[\s_-])|captiontext|caption-?text",
    re.IGNORECASE,
)
RELATED_CLASS = re.compile(
    r"(?:^|[\s_-])(?:related|read-?more|lire-?aussi|a-?lire|voir-?aussi|see-?also|recommended|recommandations?|"
    r"liens?-?utiles)(?:$|[\s_-])",
    re.IGNORECASE,
)
BOX_CLASS = re.compile(
    r"(?:^|[\s_-])(?:share|sharing|partage|partager|social|socials|newsletter|subscribe|comments?|commentaires?|"
    r"addtoany|sharethis|advert|advertisement|ads?|publicite|sponsored)(?:$|[\s_-])",
    re.IGNORECASE,
)
LEAD_CLASS = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|chapo|chapeau|summary|sommaire|intro|introduction|standfirst|abstract|excerpt|sous-?titre|"
    r"subtitle|teaser|dek|accroche|resume|résumé|description)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BLOCK_PROPS = frozenset(("headline", "alternativeHeadline", "description", "articleBody", "caption"))
_LEAD_TAGS = frozenset(("p", "span", "div", "strong", "b", "em", "font", "td", "section"))
_CREDIT_LINE = re.compile(r"^(?:©|@|\(?(?:photo|crédit|credit|image)s?\b)", re.IGNORECASE)
_CREDIT = re.compile(
    r"(?:©|(?<!\w)@|\(c\)\s)\s*(?P<sign>[^©@]{1,80})$"
    r"|\((?P<end>[^()]{0,60}\b(?:photo|photos|archives?|illustration|via|crédit)\b[^()]{0,40})\)\W*$"
    r"|(?:photo|crédit|crédits|image|source des photos)\s*:\s*(?P<label>[^:]{1,60})$",
    re.IGNORECASE,
)
# Marks inside the collected text; the decoder has taken such controls out of the page itself.
_BREAK, _BOLD, _PLAIN = "\x1e", "\x1c", "\x1d"
_PARAGRAPH_BREAK = re.compile(rf"{_BREAK}\s*{_BREAK}[\s{_BREAK}]*")


@dataclass(slots=True, kw_only=True)
class Unit:
    """One unit of text while a page is read."""

    text: str
    node: Element
    """The block element that holds it."""
    role: str = "paragraph"
    """A block's role, or `related` inside a box of links to other articles."""
    links: tuple[tuple[str, str], ...] = ()
    strong: bool = False
    """Whether all of it is printed bold."""
    bold: tuple[bool, ...] = ()
    """For each line whether all of it is printed bold."""
    group: Element | None = None
    """The figure or caption element around it."""

    def parted(self) -> "list[Unit]":
        """Return the unit as several, parted where lines printed bold border on others."""
        lines = zip(self.text.split("\n"), self.bold, strict=True)
        runs = [(bold, "\n".join(text for text, _ in run)) for bold, run in groupby(lines, key=itemgetter(1))]
        return [self] if len(runs) == 1 else [replace(self, text=text, strong=bold, bold=()) for bold, text in runs]

    def linked(self) -> float:
        """Return the share of its characters that stand in links."""
        return sum(len(title) for title, _ in self.links) / max(1, len(self.text))


@dataclass(slots=True)
class _Walk:
    page: Page
    units: list[Unit] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    opened: list[tuple[Element, int]] = field(default_factory=list)
    nodes: list[Element] = field(default_factory=list)
    roles: list[tuple[Element, str]] = field(default_factory=list)
    strong: int = 0

    def add(self, text: str | None) -> None:
        if text:
            self.parts.append(f"{_BOLD}{text}{_PLAIN}" if self.strong else text)

    def start(self, element: Element) -> None:
        tag = element.tag
        if _is_block(element):
            self.flush()
            self.nodes.append(element)
        elif tag == "br":
            self.parts.append(_BREAK)
        elif tag in ("b", "strong"):
            self.strong += 1
        elif tag == "a":
            self.opened.append((element, len(self.parts)))
        role = _role(element)
        if role:
            self.flush()
            self.roles.append((element, role))
        self.add(element.text)

    def end(self, element: Element) -> None:
        tag = element.tag
        if _is_block(element):
            self.flush()
            self.nodes.pop()
        elif tag in ("b", "strong"):
            self.strong -= 1
        elif tag == "a" and self.opened:
            self._close_link()
        if self.roles and self.roles[-1][0] is element:
            self.flush()
            self.roles.pop()
        self.add(element.tail)

    def _close_link(self) -> None:
        element, at = self.opened.pop()
        title = tidy(_unmarked("".join(self.parts[at:]).replace(_BREAK, " ")))
        url = self.page.absolute(element.get("href"))
        if title and url:
            self.links.append((title, url))

    def flush(self) -> None:
        whole = "".join(self.parts)
        for piece in _PARAGRAPH_BREAK.split(whole):
            lines = [(text, _is_bold(line)) for line in piece.split(_BREAK) if (text := tidy(_unmarked(line)))]
            self._emit(lines, strong=_is_bold(piece))
        self.parts.clear()
        self.links.clear()
        self.opened = [(element, 0) for element, _ in self.opened]

    def _emit(self, lines: list[tuple[str, bool]], *, strong: bool) -> None:
        text = "\n".join(text for text, _ in lines)
        if not text:
            return
        flat = text.replace("\n", " ")
        group, role = self.roles[-1] if self.roles else (None, "paragraph")
        self.units.append(
            Unit(
                text=text,
                node=self.nodes[-1] if self.nodes else None,
                role=role,
                links=tuple(link for link in self.links if link[0] in flat),
                strong=strong,
                bold=tuple(bold for _, bold in lines),
                group=group if role == "caption" else None,
            )
        )


def _unmarked(text: str) -> str:
    return text.replace(_BOLD, "").replace(_PLAIN, "")


def _is_bold(piece: str) -> bool:
    if _BOLD not in piece:
        return False
    plain = re.sub(f"{_BOLD}[^{_PLAIN}]*{_PLAIN}|{_BREAK}", "", piece)
    return len(plain.strip()) <= 0.1 * len(_unmarked(piece).strip())


def _is_block(element: Element) -> bool:
    tag = element.tag
    if tag in BLOCKS:
        return True
    if tag == "span":
        return element.get("itemprop") in _BLOCK_PROPS
    return "-" in tag and _stands_alone(element)


def _stands_alone(element: Element) -> bool:
    # Nothing says whether an element of the site's own making is a box; text beside it says that it is a word.
    before, above = element.getprevious(), element.getparent()
    text = before.tail if before is not None else above.text if above is not None else ""
    return not (text or "").strip() and not (element.tail or "").strip()


def own_name(element: Element) -> str:
    """Return an element's tag where it is one of the site's own making (`x-caption`), else an empty string."""
    return element.tag if "-" in element.tag else ""


def _role(element: Element) -> str:
    role = _ROLES.get(element.tag, "")
    marks = element.get("class") or element.get("itemprop") or own_name(element)
    if marks and not role:
        if CAPTION_CLASS.search(marks) and element.tag not in ("body", "html", "article", "main"):
            return "caption"
        if RELATED_CLASS.search(marks):
            return "related"
        if (element.tag in _LEAD_TAGS or own_name(element)) and LEAD_CLASS.search(marks):
            return "lead"
    return role


def is_box(element: Element) -> bool:
    """Tell whether an element is by its class or id a share line, comments, a newsletter or an advertisement."""
    marks = f"{element.get('class') or own_name(element)} {element.get('id') or ''}"
    return marks != " " and BOX_CLASS.search(marks) is not None


def units(container: Element, page: Page, skip: frozenset[Element] = frozenset()) -> list[Unit]:
    """Return a container's units of text in order; scripts, forms, share boxes and the elements of `skip` are out.

    A single line break stays as a line feed inside a unit, two in a row part two units.
    """
    walk = _Walk(page=page, nodes=[container])
    steps = etree.iterwalk(container, events=("start", "end"))
    dropped: Element = None
    for event, element in steps:
        if element is dropped:
            walk.add(element.tail)
            dropped = None
        elif event == "end":
            if element is not container:
                walk.end(element)
        elif element is container:
            walk.add(element.text)
        elif element.tag in DROPPED or element in skip or is_box(element):
            dropped = element
            if _is_block(element):
                walk.flush()
            steps.skip_subtree()
        else:
            walk.start(element)
    walk.flush()
    return walk.units


def blocks(found: list[Unit]) -> tuple[Block, ...]:
    """Return the body blocks among units: captions and related links are other fields."""
    kept = [u for u in found if u.role not in ("caption", "related")]
    return tuple(Block(text=u.text, links=u.links, role=u.role if u.role != "lead" else "paragraph") for u in kept)


def credit(text: str) -> str:
    """Return the credit at a caption's end: after © or @, in brackets that name a photo, after `Photo :`."""
    match = _CREDIT.search(text)
    return next((part.strip(" .\u00a0") for part in match.groups() if part), "") if match else ""


def _caption_lines(text: str, template: Template) -> list[str]:
    lines = text.split("\n")
    printed = [line for line in lines if template.is_placeholder(line)]
    own = " ".join(line for line in lines if not template.is_placeholder(line))
    return [*printed, own] if own else printed


def captions(found: list[Unit], template: Template) -> tuple[Caption, ...]:
    """Return the captions among units, a credit line of its own joined to the caption above it."""
    texts: list[tuple[str, Element | None]] = []
    for unit in found:
        if unit.role != "caption":
            continue
        for line in _caption_lines(unit.text, template):
            if texts and texts[-1][1] is unit.group and _CREDIT_LINE.match(line) and len(line) < 60:
                texts[-1] = (f"{texts[-1][0]} {line}", unit.group)
            else:
                texts.append((line, unit.group))
    distinct = dict.fromkeys(text for text, _ in texts)
    return tuple(Caption(text=text, credit=credit(text)) for text in distinct)
