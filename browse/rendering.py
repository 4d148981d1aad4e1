"""Templates made into pages: everything is escaped, and what an archived text hides is written out."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from archive.catalog.snippets import END_MARK, MARK
from archive.texts.changes import lookalikes
from archive.texts.terminal import visible
from browse.tongue import Tongue

TEMPLATES = Path(__file__).parent / "templates"
# Lossless: what could begin markup, and what a terminal or an editor obeys or hides.
_ESCAPED = (
    *map(ord, "<>&\u061c\ufeff"),
    *range(0x7F, 0xA0),
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
)
_IN_JSON = {char: f"\\u{char:04x}" for char in _ESCAPED}
_WORDS = re.compile(r"\w+|\W+")
_LATIN = re.compile("[A-Za-zÀ-ÿ]")
_SPACE = re.compile(r"\s+")
_UNSEEN = Markup('<span class="unseen">{}</span>')


def archived(text: str) -> Markup:
    """Return archived text for a page: nothing in it is markup, and what is not seen stands there as `U+202E`."""
    if visible(text) == text:
        return escape(text)
    return Markup().join(_UNSEEN.format(f"U+{ord(char):04X}") if visible(char) != char else char for char in text)


def alike(text: str) -> Markup:
    """Return archived text in which a letter of another script within a Latin word has its code behind it."""
    parts = (
        Markup().join(archived(c) + _UNSEEN.format(f"U+{ord(c):04X}") if lookalikes(c) else archived(c) for c in word)
        if lookalikes(word) and _LATIN.search(word)
        else archived(word)
        for word in _WORDS.findall(text)
    )
    return Markup().join(parts)


def spaces(text: str) -> Markup:
    """Return archived text with each space that is no plain one written out, too."""
    parts = (
        _UNSEEN.format(f"U+{ord(char):04X}") if char.isspace() and char != " " else archived(char) for char in text
    )
    return Markup().join(parts)


def marked(snippet: str) -> Markup:
    """Return a snippet of a search with the words that were found in `<mark>`."""
    first, *found = _SPACE.sub(" ", snippet).split(MARK)
    parts = [archived(first.replace(END_MARK, ""))]
    for each in found:
        word, _, rest = each.partition(END_MARK)
        parts += [Markup("<mark>{}</mark>").format(archived(word)), archived(rest.replace(END_MARK, ""))]
    return Markup().join(parts)


def defanged(url: str) -> str:
    """Return an address that no program takes for one: `french.presstv[.]ir/Detail/…`."""
    scheme, colon, rest = url.partition("://")
    host, slash, path = (rest if colon else scheme).partition("/")
    return visible(host.replace(".", "[.]") + slash + path)


def followed(url: str) -> str:
    """Return an address that a link may lead to: http and https alone, else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""


def in_markup(value: Any) -> str:
    """Return JSON that stays text wherever it is put: what could begin markup is escaped."""
    return json.dumps(value, ensure_ascii=False, indent=1).translate(_IN_JSON)


def data_block(value: Any) -> Markup:
    """Return JSON for a data block of a page, which no browser runs."""
    return Markup(in_markup(value))  # noqa: S704 - nothing in it can end the block


@lru_cache(maxsize=16)
def environment(tongue: Tongue) -> Environment:
    """Return the templates in a language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(tongue.translations, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        archived=archived, marked=marked, spaces=spaces, plain=visible, defanged=defanged, followed=followed,
        alike=alike, data_block=data_block,
        number=tongue.number, day=_timed(tongue.day), short_day=_timed(tongue.short_day),
        moment=_timed(tongue.moment), long_day=_timed(tongue.long_day), time=_timed(tongue.time), listed=tongue.listed,
    )  # fmt: skip
    return made


def _timed(shown: Callable[[str], str]) -> Callable[[str | datetime | date], Markup]:
    def told(at: str | datetime | date) -> Markup:
        stated = at if isinstance(at, str) else at.isoformat()
        return Markup('<time datetime="{}">{}</time>').format(stated, shown(at))  # type: ignore[arg-type]

    return told
