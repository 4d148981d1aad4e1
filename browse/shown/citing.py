"""Citations of a version: in words (French and English), BibTeX, RIS and CSL-JSON.

Each names the outlet's own address, the archive's name of the version with the instant of its capture, and the first
eight digits of the version's digest, so that any copy of the archive can answer for it.
"""

from dataclasses import dataclass
from typing import Any

from archive.catalog.articles import Version
from archive.facts.names import instant
from archive.texts.terminal import visible
from browse.tongue import Tongue

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "$": r"\$",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
_DIGITS = 8


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
    """Of the version in the archive that was asked."""
    language: str


def digest_of(version: Version) -> str:
    """Return the digits of a version's digest that a citation has."""
    return version.record["digests"]["version"].removeprefix("sha256:")[:_DIGITS]


def cited(version: Version, publisher: str, base: str) -> Cited:
    """Return what a citation of a version says; `base` is the origin of the archive's pages."""
    record = version.record
    published = record["published"]
    key = f"{version.cite}-{digest_of(version)}"
    return Cited(
        key=key,
        publisher=publisher,
        headline=_line(record["headline"]) or version.article_id,
        byline=_line(record["byline"]),
        published=published["utc"] if published else None,
        captured_at=record["captured_at"],
        url=_line(record["url"]),
        address=f"{base}/cite/{key}",
        language=record["language"] or "fr",
    )


def _line(text: str) -> str:
    return visible(" ".join(text.split()))


def sentence(told: Cited, tongue: Tongue) -> str:
    """Return a citation in words."""
    parts = [f"{told.byline}, " if told.byline else "", tongue.say("“%(headline)s”", headline=told.headline)]
    day = tongue.long_day(told.published) if told.published else tongue.say("no date")
    return "".join(parts) + tongue.say(
        ", %(publisher)s, %(day)s, %(url)s. Archived version of %(captured)s, %(key)s, %(address)s.",
        publisher=told.publisher, day=day, url=told.url, captured=tongue.utc(told.captured_at), key=told.key,
        address=told.address,
    )  # fmt: skip


def bibtex(told: Cited) -> str:
    """Return a citation as BibTeX, `@online` as biblatex has it."""
    fields = {
        "title": f"{{{_latex(told.headline)}}}",
        "author": _latex(told.byline) if told.byline else f"{{{_latex(told.publisher)}}}",
        "organization": _latex(told.publisher),
        "date": told.published[:10] if told.published else "",
        "url": told.url,
        "urldate": told.captured_at[:10],
        "langid": {"fr": "french", "en": "english"}.get(told.language, told.language),
        "note": _latex(f"Archived version {told.key}: {told.address}"),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    number = told.key.partition("@")[0]
    return f"@online{{presstv-{number}-{_compact(told.captured_at)},\n{lines}}}\n"


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


def csl(told: Cited) -> list[dict[str, Any]]:
    """Return a citation as CSL-JSON, as Zotero and pandoc read it."""
    item: dict[str, Any] = {
        "id": told.key, "type": "article-newspaper", "title": told.headline, "container-title": told.publisher,
        "publisher": told.publisher, "URL": told.url, "archive": told.address, "archive_location": told.key,
        "language": told.language, "accessed": _parts(told.captured_at),
    }  # fmt: skip
    if told.published:
        item["issued"] = _parts(told.published)
    if told.byline:
        item["author"] = [{"literal": told.byline}]
    return [item]


def _parts(at: str) -> dict[str, list[list[int]]]:
    day = instant(at)
    return {"date-parts": [[day.year, day.month, day.day]]}


def linked_data(told: Cited, version: Version) -> dict[str, Any]:
    """Return a version as schema.org has it (JSON-LD): what reference managers and catalogues read from the page."""
    record = version.record
    modified = record["modified"]
    found: dict[str, Any] = {
        "@context": "https://schema.org", "@type": "NewsArticle", "@id": told.address, "identifier": told.key,
        "headline": told.headline, "url": told.url, "archivedAt": told.address, "inLanguage": told.language,
        "publisher": {"@type": "Organization", "name": told.publisher}, "version": version.number,
        "datePublished": told.published, "dateModified": modified["utc"] if modified else None,
        "description": visible(record["lead"]), "articleSection": [visible(each) for each in record["sections"]],
        "keywords": [visible(each) for each in record["tags"]],
        "author": {"@type": "Person", "name": told.byline} if told.byline else None,
        "sdDatePublished": told.captured_at,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value not in (None, "", [])}
