r"""Text made safe for a terminal: what it would obey, and what it would hide, is written out, as `\x1b` or `\u202e`."""

from collections.abc import Iterable

# Controls, line separators, bidi marks and isolates (UAX #9).
_OBEYED = (
    *range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A),
)  # fmt: skip
# Soft hyphen, zero-width and format marks, lone surrogates, tag characters.
_HIDDEN = (
    0xAD, 0x180E, *range(0x200B, 0x200E), *range(0x2060, 0x2066), *range(0x206A, 0x2070), 0xFEFF,
    *range(0xFFF9, 0xFFFC), *range(0xD800, 0xE000), *range(0xE0000, 0xE0080),
)  # fmt: skip
_LAYOUT = frozenset(map(ord, "\t\n"))


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _escapes(codes: Iterable[int]) -> dict[int, str]:
    return {code: _escape(code) for code in codes}


def _in_json(code: int) -> str:
    # Past the first plane as two surrogates (RFC 8259, section 7).
    units = chr(code).encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))


_STEERING = _escapes(code for code in _OBEYED if code not in _LAYOUT)
_SHOWN = _STEERING | _escapes(_HIDDEN)
_UNSEEN = _escapes((*_OBEYED, *_HIDDEN))
# In JSON these stand in strings only, where the escape means the same; JSON itself escapes what is below a space.
_IN_JSON = {code: _in_json(code) for code in _SHOWN if code > 0x7E}


def printable(text: str) -> str:
    """Return text for people: what a terminal would obey (but tab and line feed) or hide is made visible."""
    return text.translate(_SHOWN)


def visible(text: str) -> str:
    """Return one text of a page with all that is not seen made visible, tabs and line feeds, too."""
    return text.translate(_UNSEEN)


def printable_json(text: str) -> str:
    """Return a JSON document with what a terminal would obey or hide as JSON's own escapes; it means the same."""
    return text.translate(_IN_JSON)
