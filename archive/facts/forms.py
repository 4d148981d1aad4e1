"""The comparison form of texts, and the digests over it."""

import re
import unicodedata
from collections.abc import Iterable

from archive.facts.canonical import digest

# Zero-width, soft hyphen, bidi marks and isolates: they never make an edit (UAX #9, UTS #39).
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


def comparison_form(text: str) -> str:
    """Return text for comparing: NFC, every run of any white space one space, invisible marks out, ends stripped.

    Quote marks, dashes, case and digits stay: a change of one is an edit. Idempotent, never longer than the NFC.
    """
    text = unicodedata.normalize("NFC", text)
    # Of the marks and the white space that are regulated here only these two are printable.
    if text.isprintable() and "\u034f" not in text and "  " not in text:
        return text.strip()
    seen = _INVISIBLE.sub("", text)
    # str.split parts at every white space of Unicode, no-break ones included.
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def lines_digest(forms: Iterable[str]) -> str:
    """Return the digest over texts that are in comparison form already, each ended by one line feed, in UTF-8."""
    return digest("".join(f"{form}\n" for form in forms).encode())
