"""Bytes as text: in the charset that they really are in, whatever is said of them, without what no text may hold."""

import codecs
import re
from collections.abc import Sequence

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"^\s*<\?xml[^>]{1,100}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
# UTF-7 and the codecs that are no charsets are left out on purpose: labels come from the network.
_CHARSETS = re.compile(
    r"utf-8|utf-16(-[lb]e)?|cp125\d|cp1256|iso8859-\d+|koi8-[ru]|gb18030|gbk|gb2312|big5|euc_jp|euc_kr|shift_jis"
)
# Browsers read these labels as windows-1252 (WHATWG Encoding, section 4.2).
_AS_CP1252 = {"ascii", "iso8859-1", "cp1252"}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_CONTROLS = bytes(b for b in range(0x20) if b not in b"\t\n\r") + b"\x7f"
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10}));?")
# All but decimal references from 32 to 119 and 160 to 9999, by which some servers write every accent: those stay.
_RARE_REFERENCE = re.compile(
    r"&#(?:[xX]|(?!(?:3[2-9]|[4-9][0-9]|1(?:[01]|[6-9])[0-9]|[2-9][0-9]{2}|[1-9][0-9]{3})(?![0-9]))[0-9])"
)
# Each begins with a fixed character, and is looked for only where its rarest character stands on the page.
_MOJIBAKE = (
    ("Ã", re.compile("Ã[\u0080-\u00bf\u0152-\u0192\u2013-\u2122]")),
    ("Â", re.compile("Â[\u00a0-\u00bf]")),
    ("€", re.compile("â€")),
)


def _charset(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    if name in _AS_CP1252:
        return "cp1252"
    return name if _CHARSETS.fullmatch(name) else None


def _labels(body: bytes, content_type: str | None) -> list[str]:
    start = body[:4096]
    header = _HEADER_CHARSET.search(content_type or "")
    found = [header[1]] if header else []
    for pattern in (_META_CHARSET, _XML_CHARSET):
        match = pattern.search(start)
        if match:
            # A page whose meta says UTF-16 could not have been read as far as that: it is UTF-8 (WHATWG HTML).
            label = match[1].decode("ascii", "ignore")
            found.append("utf-8" if label.lower().startswith("utf-16") else label)
    return found


def _strictly(body: bytes, charset: str) -> str | None:
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        return None


def _mostly_utf8(body: bytes) -> str | None:
    damaged = body.decode("utf-8", "replace")
    bad = damaged.count("\ufffd")
    good = sum(len(run) for run in re.findall(r"[^\x00-\x7f\ufffd]+", damaged))
    return damaged if bad <= good else None


def _decode(body: bytes, as_utf8: str | None, labels: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    charsets = [c for c in map(_charset, labels) if c]
    issues = ("unknown_charset",) if labels and not _charset(labels[0]) else ()
    for charset in charsets:
        # Multi-byte UTF-8 is never valid by accident, while any bytes at all pass for a single-byte charset.
        text = as_utf8 if as_utf8 is not None and not charset.startswith("utf-16") else _strictly(body, charset)
        if text is not None:
            wrong = charset != "utf-8" and text is as_utf8 and not body.isascii()
            return text, (*issues, "charset_mismatch") if wrong or charset != charsets[0] else issues
    if as_utf8 is not None:
        return as_utf8, issues
    text = _mostly_utf8(body) or body.decode("cp1252", "replace")
    return text, (*issues, "charset_mismatch") if charsets else issues


def printable(text: str) -> str:
    """Return text without NUL, C0 and C1 controls (tab and line ends stay), lone surrogates and non-characters."""
    data = text.encode("utf-8", "ignore")
    return data.decode() if _is_printable(data) else _UNPRINTABLE.sub("", text)


def _is_printable(data: bytes) -> bool:
    # Searches that begin with one fixed byte cost a tenth of others, one for a single byte a hundredth.
    return (
        len(data) == len(data.translate(None, _CONTROLS))
        and not re.search(rb"\xc2[\x80-\x9f]", data)
        and not (b"\xef" in data and any(mark in data for mark in _NO_CHARACTERS))
    )


def _kept(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    if 0x80 <= code <= 0x9F:
        # Old pages write ’ as &#146;, its place in windows-1252, and browsers read it so (HTML, section 13.2.5.80).
        return bytes((code,)).decode("cp1252", "ignore")
    is_control = (code < 0x20 and code not in (9, 10, 13)) or code == 0x7F
    is_none = 0xD800 <= code <= 0xDFFF or code > 0x10FFFF or code in (0xFFFE, 0xFFFF)
    return "" if is_control or is_none else reference[0]


def _is_mojibake(text: str) -> bool:
    return any(mark in text and pattern.search(text) for mark, pattern in _MOJIBAKE)


def text(body: bytes, content_type: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Decode a page: byte order mark, declared charset, meta, strict UTF-8, windows-1252; never UTF-7.

    Returns the text and issues: `charset_mismatch`, `unknown_charset`, `replacement_chars` (bytes were lost),
    `mojibake_suspect` (it was decoded wrongly before it was sent; nothing is mended). Controls and references to
    NUL or surrogates are out.
    """
    issues: tuple[str, ...] = ()
    as_utf8 = None
    for mark, charset in BOMS:
        if body.startswith(mark):
            decoded = body[len(mark) :].decode(charset, "replace")
            break
    else:
        as_utf8 = _strictly(body, "utf-8")
        decoded, issues = _decode(body, as_utf8, _labels(body, content_type))
    # Most pages are UTF-8 as they came, so that their own bytes tell; what comes of a reference is printable.
    is_printable = decoded is as_utf8 and _is_printable(body)
    if _RARE_REFERENCE.search(decoded):
        decoded = _REFERENCE.sub(_kept, decoded)
    if not is_printable:
        decoded = printable(decoded)
    if "\ufffd" in decoded:
        issues = (*issues, "replacement_chars")
    if _is_mojibake(decoded):
        issues = (*issues, "mojibake_suspect")
    return decoded, issues
