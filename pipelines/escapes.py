"""References that a page escaped twice, so that a reader sees `&eacute;` where `é` was meant: undone."""

import html
import re
from html.entities import html5

_REFERENCE = re.compile(r"&(?:(?:amp|#38|#x26);)*(#[0-9]{2,7};|#x[0-9a-f]{2,6};|[a-z]{2,31}[0-9]{0,2};)", re.IGNORECASE)
_SHOWN = frozenset("<>")
"""What a text about markup shows by its name."""


def undone(text: str) -> str:
    """Return text with its references undone, but for those to signs that are none of a text: `<`, controls."""
    before = ""
    # What was escaped three times comes out as well; one pass takes any number of `amp;` at once.
    while "&" in text and text != before:
        before, text = text, _REFERENCE.sub(_undone, text)
    return text


def _undone(found: re.Match[str]) -> str:
    name = found[1]
    meant = html.unescape(f"&{name}") if name[0] == "#" else html5.get(name, "")
    fits = meant and (meant.isprintable() or meant == "\xa0") and not _SHOWN.intersection(meant)
    return meant if fits else found[0]
