"""What of an element a reader sees as text: the pieces in order, words of two boxes apart, exponents told from digits."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

Element = Any
"""An lxml element."""
BLOCKS = frozenset(
    (
        "p", "div", "section", "article", "main", "aside", "header", "ul", "ol", "li", "dl", "dt", "dd", "blockquote",
        "q-block", "h1", "h2", "h3", "h4", "h5", "h6", "figure", "figcaption", "table", "thead", "tbody", "tfoot", "tr",
        "td", "th", "caption", "pre", "address", "details", "summary", "hr", "center", "body", "html", "picture",
        "fieldset", "footer", "form",
    )
)  # fmt: skip
"""Elements that are boxes of their own and not words inside a line."""
PARTING = BLOCKS | {"br", "nav", "option"}
_UNSHOWN = frozenset(("script", "style", "template", "noscript"))
_UNSEEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
# By their attributes: to look at each element for them takes five times as long.
_HIDDEN: Any = etree.XPath("//@hidden")
_STYLED: Any = etree.XPath("//@style")
_SMALL = {
    "sup": ("^", str.maketrans("0123456789+-\u2212", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")),
    "sub": ("_", str.maketrans("0123456789+-\u2212", "₀₁₂₃₄₅₆₇₈₉₊₋₋")),
}
_LEADS_SMALL = re.compile(r"\s*[+\-\u2212]?\d")
_PLAIN = re.compile("[^⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉₊₋\\s]")
_LONGEST_SMALL = 8
"""Characters of an exponent or a note's mark at most: more is text that is only printed small."""


def is_hidden(element: Element) -> bool:
    """Tell whether an element itself says that it isn't shown."""
    return element.get("hidden") is not None or _UNSEEN.search(element.get("style", "")) is not None


def is_unshown(element: Element) -> bool:
    """Tell whether what stands inside an element is code or hidden, and no text."""
    return element.tag in _UNSHOWN or is_hidden(element)


def placed(text: str, tag: str) -> str:
    """Return a piece of text that stands right inside `tag`: digits raised or lowered stay so, `10⁶` and not `106`.

    Letters are joined as they are, as in `XXe siècle`; what Unicode has no sign for is led in by `^` or `_`.
    """
    if tag not in _SMALL or not _LEADS_SMALL.match(text) or len(text.strip()) > _LONGEST_SMALL:
        return text
    sign, table = _SMALL[tag]
    small = text.translate(table)
    return sign + text.lstrip() if _PLAIN.search(small) else small


def pieces(element: Element) -> Iterator[str]:
    """Yield the text inside an element piece by piece, a blank where a box or a line ends."""
    yield element.text or ""
    if not len(element):
        return
    small: list[str] = []
    steps = etree.iterwalk(element, events=("start", "end"))
    for event, inner in steps:
        if inner is element:
            continue
        tag = inner.tag
        if tag in PARTING:
            yield " "
        if event == "end":
            if tag in _SMALL and small:
                small.pop()
            yield placed(inner.tail, small[-1] if small else "") if inner.tail else ""
        elif is_unshown(inner):
            steps.skip_subtree()
        else:
            small += [tag] if tag in _SMALL else []
            yield placed(inner.text, small[-1] if small else "") if inner.text else ""


def reveal(root: Element) -> bool:
    """Take hidden elements for shown where they hold a third or more of a page's paragraphs; tell whether so.

    Pages hide their whole text until a script has run, or behind a button.
    """
    hidden = [value.getparent() for value in (*_HIDDEN(root), *filter(_UNSEEN.search, _STYLED(root)))]
    whole = [element for element in hidden if element.tag in ("html", "body")]
    _show(whole)
    inside: set[Element] = set()
    for element in hidden:
        if element not in inside and element not in whole:
            inside.update(element.iter())
    paragraphs = _with_text(root, "p") if inside else []
    unseen = sum(p in inside for p in paragraphs)
    if not unseen or 3 * unseen < len(paragraphs):
        return False
    _show(hidden)
    return True


def _with_text(root: Element, tag: str) -> list[Element]:
    found: set[Element] = set()
    for element in root.iter("*"):
        texts = ((element, element.text), (element.getparent(), element.tail))
        for holder, text in texts:
            above = holder if text and text.strip() else None
            # What is above one that was met was met then.
            while above is not None and above not in found:
                found.add(above)
                above = above.getparent()
    return [element for element in root.iter(tag) if element in found]


def _show(elements: list[Element]) -> None:
    for element in elements:
        element.attrib.pop("hidden", None)
        element.attrib.pop("style", None)
