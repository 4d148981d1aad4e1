"""An article: its life, its text as of any version, how to cite it, where it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from archive.catalog import articles
from archive.catalog.articles import Version
from archive.catalog.history import history_of, parts_of
from archive.catalog.life import LookRow
from archive.catalog.mirrors import MirrorText, mirrored
from archive.catalog.naming import named_version
from archive.catalog.teasers import runs_of
from archive.catalog.words import texts_of
from archive.exporters.citing import cited as cited_version
from archive.facts.outcomes import ROTATING
from archive.facts.record import Record
from archive.trust.beside import vouched
from browse.asking import Ask, NotThere, as_json
from browse.pages.compare import MIRROR, address
from browse.pages.lists import section_name
from browse.pages.memento import headers_of
from browse.queries import lists, provenance
from browse.shown import changes, life
from browse.shown import cited as said
from browse.shown.bare import bare_words
from browse.shown.timeline import sights, timeline

_SHOWN = 12
"""Versions that the list shows at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version in the list of them."""

    number: int
    at: str
    """What names it in an address behind the article's number."""
    captured_at: str
    last_at: str
    source: str | None
    silent: bool
    what: str
    words: str
    """How many words came and went, in words."""
    cite: str
    compared: str
    """Where it is held against the one before; empty of the first."""


def version_of(ask: Ask) -> Version | None:
    """Return the version that the address names; None of an article that was never read.

    Raises NotThere where the archive does not have it.
    """
    name = ask.place("version")
    row = articles.article_row(ask.db, name.partition("@")[0])
    if not row.versions:
        return None
    version = named_version(ask.db, name, ask.tongue.zone)
    if version.article_id != row.article_id:
        raise NotThere(name)
    return version


def read_version(ask: Ask) -> Version:
    """Return the version that the address names. Raises NotThere where there is none."""
    version = version_of(ask)
    if version is None:
        row = articles.article_row(ask.db, ask.place("version").partition("@")[0])
        raise NotThere(ask.textless(row.last_seen))
    return version


def article(ask: Ask) -> Response:
    """Show an article as of a version."""
    version, tongue = version_of(ask), ask.tongue
    number = ask.place("version").partition("@")[0]
    parts = parts_of(ask.db, number)
    history, looks, begun = history_of(ask.db, number, parts=parts), parts.looks, parts.begun
    told, more = life.clauses(tongue, history)
    unheld = _unheld(ask, number, looks)
    line = timeline(tongue, looks, begun, unheld)
    common: dict[str, Any] = {
        "number": number, "unheld": len(unheld), "history": history, "life": told, "more": more, "line": line,
        "spans": _events(ask, history),
        "teasers": [(section_name(ask, run.section), run) for run in runs_of(ask.db, int(number))],
        "sections": [(key, section_name(ask, key)) for key in lists.sections_of(ask.db, number)],
    }  # fmt: skip
    common["mirrored"] = _mirrored(ask, number, begun)
    if version is None:
        return ask.render("unread.html", **common)
    record = version.record
    cited = cited_version(version, ask.outlet.name, ask.base())
    return ask.render(
        "article.html",
        headers=headers_of(ask, version, parts.versions),
        version=version,
        record=record,
        published=life.published(tongue, record["published"]),
        shown=_SHOWN,
        versions=_lines(ask, history, parts.versions, sights(looks, begun, unheld)),
        cite=cited,
        linked=said.linked_data(cited, version),
        citation=said.sentence,
        indexed=_indexed(ask, record),
        both={code: ask.site.tongue(code) for code in ("fr", "en")},
        **_provenance(ask, version),
        clocks=changes.clock_names(tongue),
        **common,
    )


def _indexed(ask: Ask, record: Record) -> str:
    """Return what the index of pages that are files is told besides the text; empty where the page is not in it."""
    if not ask.site.written or _is_named(ask):
        return ""
    return bare_words(" ".join(texts_of(record))) or "-"


def _provenance(ask: Ask, version: Version) -> dict[str, Any]:
    """Return what a template tells of where a version comes from, as far as the source holds it."""
    record, db = version.record, ask.db
    commit = None if ask.site.alone else provenance.commit_of(db, record)
    log = ask.site.reader.archive.log
    return {
        "commit": commit,
        "look": provenance.look_of(db, record),
        "robots": commit and not version.source and provenance.robots_of(db, commit.crawl, record["captured_at"]),
        "vouched": commit and vouched(log, db, commit.seq),
    }


def _unheld(ask: Ask, number: str, looks: Sequence[LookRow]) -> list[str]:
    """Return the instants of looks that read a text which exported files don't hold."""
    if ask.site.alone is None:
        return []
    rows = ask.db.execute("SELECT captured_at FROM records WHERE article_id = ?", (int(number),))
    held = {at for (at,) in rows}
    return [
        look["at"]
        for look in looks
        if look["outcome"] in ("new", "changed") and look["kind"] == "article" and look["at"] not in held
    ]


def _mirrored(ask: Ask, number: str, begun: Sequence[Mapping[str, Any]]) -> list[tuple[MirrorText, str]]:
    """Return each text of a mirror, with the address that holds it against the version in force then."""
    if not begun:
        return []
    told = []
    for text in mirrored(ask.db, number):
        before = [each for each in begun if each["captured_at"] <= text.captured_at]
        own = (before or begun[:1])[-1]["captured_at"]
        told.append((text, ask.link(address(number, own, f"{MIRROR}{text.captured_at}"))))
    return told


def _events(ask: Ask, history: Mapping[str, Any]) -> list[tuple[str, str, tuple[str, str], Mapping[str, Any]]]:
    """Return what each event is called, when it was, and what more is told of it, in which language."""
    tongue, outlet = ask.tongue, ask.outlet.language
    changed = {each["captured_at"]: each["change"] for each in history["versions"] if each["change"]}
    return [
        (
            life.event_name(tongue, each["event"]),
            life.span(tongue, each["not_before"], each["not_after"]),
            life.detail(tongue, each, outlet, changed),
            each,
        )
        for each in (*history["events"], *history["remarks"])
    ]


def _is_named(ask: Ask) -> bool:
    return "@" in ask.place("version")


def _lines(
    ask: Ask, history: dict[str, Any], versions: Sequence[Version], seen: dict[int, tuple[str, str]]
) -> list[VersionLine]:
    found: list[VersionLine] = []
    before = ""
    for each, version in zip(history["versions"], versions, strict=True):
        change = each["change"]
        first, last = seen.get(each["version"], (each["captured_at"], each["captured_at"]))
        found.append(
            VersionLine(
                number=version.number, at=version.at, captured_at=first, last_at=last, source=each["source"],
                silent=bool(change and change["silent"] and change["noise"] not in ROTATING),
                what=changes.summary(ask.tongue, change) if change else "",
                words=changes.counted(ask.tongue, change) if change else "", cite=version.cite,
                compared=ask.link(address(version.article_id, before, version.at)) if before else "",
            )
        )  # fmt: skip
        before = version.at
    return found[::-1]


def article_json(ask: Ask) -> Response:
    """Answer an article's history, and the version that the address names, as JSON."""
    version = version_of(ask)
    history = history_of(ask.db, ask.place("version").partition("@")[0])
    told = None
    if version:
        told = {"version": version.number, "cite": version.cite, "source": version.source, "record": version.record}
    return as_json({**history, "shown": told})
