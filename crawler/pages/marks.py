"""What an element says of itself by its tag, class, id and itemprop: a box or a word, a caption, a lead, a share line."""

import re
from functools import lru_cache

from crawler.pages.boxes import RELATED, SHARE, TALK, called
from crawler.pages.shown import BLOCKS, Element

DROPPED = frozenset(
    (
        "script", "style", "noscript", "template", "form", "iframe", "svg", "button", "select", "input", "textarea",
        "object", "video", "audio", "canvas", "map", "head", "embed", "math", "nav", "footer", "dialog",
    )
)  # fmt: skip
"""Elements whose content is no text of the article."""
_BLOCK_PROPS = frozenset(("headline", "alternativeHeadline", "description", "articleBody", "caption"))
_ROLES = {
    "blockquote": "quote",
    "li": "list",
    "figure": "caption",
    "figcaption": "caption",
    "caption": "caption",
    **{f"h{n}": "heading" for n in range(1, 7)},
}
_CAPTION_CLASS = re.compile(
    r"(?:^|[\s_-])(?:fig)?(?:caption|captions|legend|legende|légende|cutline|img-desc|image-desc|photo-desc|photo-text"
    r"|photo-credit|image-credit|img-credit|credit|credits)(?:$|[\s_-])|captiontext|caption-?text",
    re.IGNORECASE,
)
_RELATED_CLASS = called(*RELATED)
_BOX_CLASS = called(*SHARE, *TALK)
_TALK_CLASS = called(*TALK)
LEAD_CLASS = called(
    "lead", "lede", "chapo", "chapeau", "summary", "sommaire", "intro", "introduction", "standfirst", "abstract",
    "excerpt", "sous-?titre", "subtitle", "teaser", "dek", "accroche", "resume", "résumé", "description",
)  # fmt: skip
KICKER_CLASS = re.compile(
    r"(?:^|[\s_-])(?:kicker|rotitr|ro-?titr|surtitre|sur-titre|overline|eyebrow|uptitle|pre-?title|supertitle|"
    r"top-?title)(?:$|[\s_-])",
    re.IGNORECASE,
)
_LEAD_TAGS = frozenset(("p", "span", "div", "strong", "b", "em", "font", "td", "section"))
_NO_CAPTION = frozenset(("body", "html", "article", "main"))


def own_name(element: Element) -> str:
    """Return an element's tag where it is one of the site's own making (`x-caption`), else an empty string."""
    return element.tag if "-" in element.tag else ""


def marks(element: Element) -> str:
    """Return what an element calls itself: class, or a tag of the site's own making, id and itemprop."""
    return f"{element.get('class') or own_name(element)} {element.get('id') or ''} {element.get('itemprop') or ''}"


def short_name(element: Element) -> str:
    """Return an element's tag and first class as a selector has them, `div.text`."""
    classes = (element.get("class") or "").split()
    return f"{element.tag}.{classes[0]}" if classes else str(element.tag)


def is_block(element: Element) -> bool:
    """Tell whether an element is a box of its own, and not a word inside a line."""
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


def role_of(element: Element) -> str:
    """Return the role that an element gives to the text inside: a block's, `related` or `lead`; empty for none."""
    role = _ROLES.get(element.tag, "")
    told = element.get("class") or element.get("itemprop") or own_name(element)
    return _named_role(told, element.tag) if told and not role else role


@lru_cache(maxsize=4096)
def _named_role(told: str, tag: str) -> str:
    if _CAPTION_CLASS.search(told) and tag not in _NO_CAPTION:
        return "caption"
    if _RELATED_CLASS.search(told):
        return "related"
    return "lead" if (tag in _LEAD_TAGS or "-" in tag) and LEAD_CLASS.search(told) else ""


def is_box(element: Element) -> bool:
    """Tell whether an element is by its class or id a share line, comments, a newsletter or an advertisement."""
    told = _called(element)
    return told != " " and _names_box(told)


@lru_cache(maxsize=4096)
def _names_box(told: str) -> bool:
    return _BOX_CLASS.search(told) is not None


def is_talk(element: Element) -> bool:
    """Tell whether an element is by its class or id its readers' comments."""
    return _TALK_CLASS.search(_called(element)) is not None


def _called(element: Element) -> str:
    return f"{element.get('class') or own_name(element)} {element.get('id') or ''}"
