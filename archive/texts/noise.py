"""Kinds of difference that say nothing new: spaces, typography, a repaired encoding, lines of the template, links.

A digit is never noise: no fold here adds, drops or changes one.
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from archive.facts.forms import comparison_form
from archive.languages.language import Language
from archive.languages.vocabulary import Vocabulary

Texts = Sequence[str]
LONGEST = 200_000
"""Characters in which noise is looked for: a difference of more is not the template's doing."""

_QUOTES = dict.fromkeys(map(ord, "«»“”„‟‹›‘’‚‛`´ʼ'"), '"')  # noqa: RUF001 - that is what is folded
_DASHES = dict.fromkeys([0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212], "-")
_LIGATURES = {0xFB00 + n: text for n, text in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))}
# Full-width forms of ASCII signs (U+FF01 …), not of its digits and letters.
_WIDE = {0xFEE0 + n: chr(n) for n in range(0x21, 0x7F) if not chr(n).isalnum()}
_TABLE: dict[int, str] = {**_QUOTES, **_DASHES, **_LIGATURES, **_WIDE, 0x2026: "..."}
_TABLE |= {ord(c): text for c, text in (("œ", "oe"), ("Œ", "oe"), ("æ", "ae"), ("Æ", "ae"))}
_PAIRED = re.compile(r"[oO][eE]|[aA][eE]")
_LOOSE_SPACE = re.compile(r' ?" ?| (?=[;:!?%)\]])|(?<=[(\[]) ')

_AS_BYTE = {bytes([n]).decode("cp1252", "ignore") or chr(n): n for n in range(0x80, 0x100)}
_AS_BYTE |= {chr(n): n for n in range(0x80, 0xA0)}
# Two or more characters that are a UTF-8 sequence when each is a byte of cp1252: `Ã©` for é.
_MOJIBAKE = re.compile(f"[Â-ô][{''.join(map(re.escape, (c for c, n in _AS_BYTE.items() if n < 0xC0)))}]{{1,3}}")
_NUMBER = re.compile(r"\d+")
_ADDRESS = re.compile(r"(?:https?://|pic\.twitter\.com/|www\.|t\.me/)\S+", re.IGNORECASE)


def classify(old: Sequence[Texts], new: Sequence[Texts], vocabulary: Vocabulary, titles: Collection[str] = ()) -> str:
    """Return the class of noise that all of a difference falls in: space, typography, encoding, template or related.

    Each side holds the raw texts of each field that differs; `titles` are those of the links to other articles, in
    comparison form. Empty for a real change, for none, and for more than LONGEST characters. Where the comparison
    forms are equal what is left is spaces and invisible marks (`space`), or the form of accents (`encoding`).
    """
    if old == new or sum(len(text) for texts in (*old, *new) for text in texts) > LONGEST:
        return ""
    if _joined(old, _nfc) == _joined(new, _nfc):
        return "encoding"
    if _joined(old, comparison_form) == _joined(new, comparison_form):
        return "space"
    # The strongest fold first: for a real change it is the only one tried.
    if _joined(old, _repaired_plain) == _joined(new, _repaired_plain):
        return "typography" if _joined(old, plain) == _joined(new, plain) else "encoding"
    if _own(old, vocabulary, None) == _own(new, vocabulary, None):
        return "template"
    return "related" if _own(old, vocabulary, titles) == _own(new, vocabulary, titles) else ""


def digits(texts: Iterable[str]) -> Counter[str]:
    """Return every number of some texts with how often it stands there."""
    return Counter(number for text in texts for number in _NUMBER.findall(text))


def _repaired_plain(text: str) -> str:
    return plain(repaired(text))


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _joined(fields: Sequence[Texts], form: Callable[[str], str]) -> list[str]:
    # Paragraphs joined: a break alone is a space too.
    return [form("\n".join(texts)) for texts in fields]


def _own(fields: Sequence[Texts], vocabulary: Vocabulary, titles: Collection[str] | None) -> list[list[str]]:
    compared = [[comparison_form(text) for text in texts] for texts in fields]
    return [[text for text in texts if not _is_noise(text, vocabulary, titles)] for texts in compared]


def _is_noise(line: str, vocabulary: Vocabulary, titles: Collection[str] | None) -> bool:
    if is_template(line, vocabulary):
        return True
    return titles is not None and is_related(line, vocabulary.language, titles)


def is_template(line: str, vocabulary: Vocabulary) -> bool:
    """Tell whether a line is like the template's own (share line, subscription).

    A line with a digit outside of an address never is.
    """
    return bool(vocabulary.template.fullmatch(line)) and not re.search(r"\d", _ADDRESS.sub("", line))


def is_related(line: str, language: Language | None, titles: Collection[str] = ()) -> bool:
    """Tell whether a line is but a link to another article: `Lire aussi : …`, or one of the known links' `titles`.

    A line with a digit outside of an address never is.
    """
    linked = line in titles or bool(language and language.related_line.fullmatch(line))
    return linked and not re.search(r"\d", _ADDRESS.sub("", line))


def plain(text: str) -> str:
    """Return text with quotes, dashes, ellipses, ligatures and full-width signs of one kind, spaces beside them out.

    A quote mark is never dropped: « terroristes » and terroristes differ.
    """
    folded = _PAIRED.sub(lambda pair: pair[0].lower(), comparison_form(text).translate(_TABLE))
    return _LOOSE_SPACE.sub(lambda found: found[0].strip(), folded)


def repaired(text: str) -> str:
    """Return text with HTML entities and mojibake (UTF-8 read as cp1252) undone, each at most twice."""
    for _ in range(2):
        text = _MOJIBAKE.sub(_decoded, html.unescape(text))
    return comparison_form(text)


def _decoded(found: re.Match[str]) -> str:
    data = bytes(_AS_BYTE[c] for c in found[0])
    if any(c.isdigit() for c in found[0]):
        return found[0]  # `Ã²` may be a broken `ò`, but a digit is never taken for noise
    for length in range(len(data), 1, -1):
        try:
            return data[:length].decode() + found[0][length:]
        except UnicodeDecodeError:
            continue
    return found[0]
