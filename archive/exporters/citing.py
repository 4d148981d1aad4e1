"""Citations of a version: BibTeX, RIS and CSL-JSON; the pages say them in words, too.

Each names the outlet's own address, the archive's name of the version with the instant of its capture, and the first
eight digits of the version's digest, so that any copy of the archive can answer for it.
"""

import re
from dataclasses import dataclass
from typing import Any

from archive.catalog.articles import Version
from archive.facts.names import instant
from archive.facts.record import Record
from archive.texts.terminal import visible

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "$": r"\$",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
_DIGITS = 8
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=[-_]|$)")
"""The primary tag of a language (BCP 47), at the beginning of what a page states."""
_UNBRACED = {"{": "%7B", "}": "%7D", "\\": "%5C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """What a citation says."""

    key: str
    """`ID@TIME-DIGEST`: what /cite/ answers for."""
    publisher: str
    headline: str
    byline: str
    published: str | None
    captured_at: str
    url: str
    address: str
    """Of the version in the archive that was asked; empty where nobody serves it."""
    language: str


def digits_of(record: Record) -> str:
    """Return the digits of a version's digest that a citation has."""
    return record["digests"]["version"].removeprefix("sha256:")[:_DIGITS]


def key_of(version: Version) -> str:
    """Return what a citation names a version by: `ID@TIME-DIGITS`."""
    return f"{version.cite}-{digits_of(version.record)}"


def cited(version: Version, publisher: str, base: str) -> Cited:
    """Return what a citation of a version says; `base` is the address of the archive's pages, empty without any."""
    return cited_as(key_of(version), version.record, publisher, base)


def cited_as(key: str, record: Record, publisher: str, base: str) -> Cited:
    """Return what a citation of a record says under that key; else as `cited`."""
    published, language = record["published"], _LANGUAGE.match(record["language"])
    return Cited(
        key=key,
        publisher=publisher,
        headline=_line(record["headline"]) or record["article_id"],
        byline=_line(record["byline"]),
        published=published["utc"] if published else None,
        captured_at=record["captured_at"],
        url=_line(record["url"]),
        address=f"{base.rstrip('/')}/cite/{key}" if base else "",
        language=language[0].lower() if language else "fr",
    )


def _line(text: str) -> str:
    return visible(" ".join(text.split()))


def bibtex(told: Cited) -> str:
    """Return a citation as BibTeX, `@online` as biblatex has it."""
    fields = {
        "title": f"{{{_latex(told.headline)}}}",
        "author": f"{{{_latex(told.byline or told.publisher)}}}",
        "organization": _latex(told.publisher),
        "date": told.published[:10] if told.published else "",
        "url": "".join(_UNBRACED.get(char, char) for char in told.url),
        "urldate": told.captured_at[:10],
        "langid": {"fr": "french", "en": "english"}.get(told.language, told.language),
        "note": _latex(f"Archived version {told.key}" + (f": {told.address}" if told.address else "")),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    number, digits = told.key.partition("@")[0], told.key.rpartition("-")[2]
    whose = "".join(char for char in told.publisher.lower() if char.isascii() and char.isalnum()) or "archived"
    return f"@online{{{whose}-{number}-{_compact(told.captured_at)}-{digits},\n{lines}}}\n"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(char, char) for char in text)


def _compact(at: str) -> str:
    return at[:19].replace("-", "").replace(":", "") + "Z"


def ris(told: Cited) -> str:
    """Return a citation as RIS, lines ended by CRLF."""
    lines = [
        ("TY", "NEWS"), ("TI", told.headline), ("AU", told.byline), ("PB", told.publisher), ("T2", told.publisher),
        ("DA", told.published[:10].replace("-", "/") if told.published else ""),
        ("PY", told.published[:4] if told.published else ""), ("UR", told.url), ("L2", told.address),
        ("Y2", told.captured_at[:10].replace("-", "/")), ("LA", told.language), ("M1", told.key),
    ]  # fmt: skip
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines if value) + "ER  - \r\n"


def csl(told: Cited) -> dict[str, Any]:
    """Return a citation as an item of CSL-JSON, as Zotero and pandoc read it in a list."""
    item: dict[str, Any] = {
        "id": told.key, "type": "article-newspaper", "title": told.headline, "container-title": told.publisher,
        "publisher": told.publisher, "URL": told.url, "archive": told.address or f"Archive of {told.publisher}",
        "archive_location": told.key, "language": told.language, "accessed": _parts(told.captured_at),
    }  # fmt: skip
    if told.published:
        item["issued"] = _parts(told.published)
    if told.byline:
        item["author"] = [{"literal": told.byline}]
    return item


def _parts(at: str) -> dict[str, list[list[int]]]:
    day = instant(at)
    return {"date-parts": [[day.year, day.month, day.day]]}
