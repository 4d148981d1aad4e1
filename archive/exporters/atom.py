"""Atom feeds (RFC 4287): written here for whoever serves or exports one."""

import heapq
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from archive.catalog.selection import Selection
from archive.errors import UsageError
from archive.exporters.citations import BASE, check_base
from archive.exporters.format import Format, Option, Progress, unwatched
from archive.exporters.targets import write_to
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical, digest
from archive.facts.outcomes import EventName
from archive.opened import Archive
from archive.texts.terminal import visible

_NS = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_OF_A_HOST: frozenset[EventName] = frozenset({"mirrored", "mirror_diverged", "host_lost"})
"""Events of which several may be seen at one instant."""
_YEAR = 2026
"""In which names of this form were first given (RFC 4151)."""
_NOBODY_KNOWS = "1970-01-01T00:00:00Z"
# What XML 1.0 has no place for; controls are written out before.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry of a feed."""

    key: str
    """What names it for ever, without spaces."""
    title: str
    link: str
    updated: str
    summary: str
    via: str = ""
    """The outlet's own address, where the link is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """What stands above the entries of a feed."""

    edition: str
    key: str
    """What names it for ever, without spaces."""
    title: str
    author: str
    language: str
    address: str = ""
    """Where it is served; empty where it is not."""
    updated: str = _NOBODY_KNOWS
    """When it has no entry: since when."""


def feed_of(about: FeedHead, entries: Iterable[FeedEntry]) -> bytes:
    """Return a feed, the newest entries first."""
    told = sorted(entries, key=lambda entry: entry.updated, reverse=True)
    feed = ET.Element(f"{{{_NS}}}feed", {_LANGUAGE: about.language})
    _put(feed, "title", about.title)
    _put(feed, "id", _name(about.edition, about.key))
    _put(feed, "updated", told[0].updated if told else about.updated)
    author = ET.SubElement(feed, f"{{{_NS}}}author")
    _put(author, "name", about.author)
    _link(feed, "self", about.address)
    for entry in told:
        node = ET.SubElement(feed, f"{{{_NS}}}entry")
        _put(node, "title", entry.title)
        _put(node, "id", _name(about.edition, entry.key))
        _put(node, "updated", entry.updated)
        _link(node, "alternate", entry.link)
        _link(node, "via", entry.via)
        _put(node, "summary", entry.summary)
    ET.register_namespace("", _NS)
    data: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return data


def _name(edition: str, key: str) -> str:
    # A tag URI (RFC 4151): the same on whatever address the archive is read.
    return _clean(f"tag:{edition},{_YEAR}:{key}")


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_NS}}}{name}").text = _clean(text)


def _link(parent: ET.Element, rel: str, href: str) -> None:
    if href:
        ET.SubElement(parent, f"{{{_NS}}}link", {"rel": rel, "href": _clean(href)})


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", visible(text))


def write(
    archive: Archive, view: str, *, chosen: Selection, target: str | None, progress: Progress = unwatched, **own: str
) -> int:
    """Write a view's newest rows as a feed; count them. Raises UsageError for `base` or `entries` that can't be."""
    base, entries = check_base(own["base"]).rstrip("/"), own["entries"]
    if not (entries.isascii() and entries.isdecimal() and 0 < len(entries) <= len("100000")):
        raise UsageError(f"--entries {entries!r}: write how many of the newest, such as 100")
    db = archive.catalog.db
    told = (_entry(view, row, base) for row in progress(VIEWS[view](archive, chosen)))
    newest = heapq.nlargest(int(entries), told, key=lambda entry: (entry.updated, entry.key))
    words, outlet = archive.catalog.vocabulary, archive.catalog.vocabulary.outlet
    selected = chosen.told()
    about = FeedHead(
        edition=words.edition, key=f"export:{view}" + (f":{digest(canonical(selected))[7:15]}" if selected else ""),
        title=f"{outlet}: {view}", author=f"Archive of {outlet}", language="en",
        updated=db.execute("SELECT max(committed_at) FROM commits").fetchone()[0] or _NOBODY_KNOWS,
    )  # fmt: skip
    data = feed_of(about, newest) + b"\n"
    return write_to(target, lambda out, _: len(newest) if out.write(data) else 0)


def _entry(view: str, row: dict[str, Any], base: str) -> FeedEntry:
    number, url = row["article_id"], row["url"]
    path, at, what, key = _TOLD[view](row)
    return FeedEntry(
        key=f"{view}:{number}:{key}", title=row["headline"] or url, link=f"{base}/a/{number}{path}" if base else url,
        updated=at, summary=what, via=url if base else "",
    )  # fmt: skip


def _event(row: dict[str, Any]) -> tuple[str, str, str, str]:
    what = f"{row['event']}: {row['detail']}" if row["detail"] else row["event"]
    since = f" (after {row['not_before']})" if row["not_before"] else ""
    which = row.get("listing") or (digest(row["detail"].encode())[7:15] if row["event"] in _OF_A_HOST else "")
    return "", row["not_after"], f"{what}{since}", ":".join(filter(None, (row["event"], row["not_after"], which)))


def _change(row: dict[str, Any]) -> tuple[str, str, str, str]:
    counts = row["counts"]
    said = "silently edited" if row["silent"] else row["noise"] or "edited"
    what = f"{said}: {', '.join(row['fields'])}: +{counts['words_added']} -{counts['words_removed']} words"
    return f"/diff/{row['from']}..{row['to']}", row["to"], what, row["to"]


def _version(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return f"@{row['captured_at']}", row["captured_at"], row["lead"], row["captured_at"]


_TOLD = {"events": _event, "changes": _change, "latest": _version, "versions": _version}
FORMAT = Format(
    name="atom", views=tuple(_TOLD), write=write,
    options=(BASE, Option(name="entries", metavar="N", default="100", help="how many of the newest it holds")),
)  # fmt: skip
