"""Citations and what they lead to: one or a set, each checked against what this copy of the archive reads there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from starlette.responses import Response

from archive.catalog import articles
from archive.catalog.articles import Version
from archive.catalog.naming import named_version
from archive.catalog.packing import whole
from archive.errors import UsageError
from archive.exporters.citing import Cited
from browse.asking import Ask, as_json, redirect
from browse.pages.references import as_bibtex, as_csl, as_ris, cited
from browse.shown.cited import sentence

Answer = Literal["good", "superseded", "wrong", "missing"]
MOST = 100
_SHORTEST = 8
TIME = r"[0-9](?:[0-9T:.+-]{0,40}[0-9Z])?(?:/[1-9][0-9]{0,5})?"
ONE = rf"[1-9][0-9]{{0,11}}@{TIME}-[0-9a-f]{{1,64}}"
_IN_TEXT = re.compile(rf"(?<![0-9A-Za-z@])({ONE})(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One citation, and what this copy of the archive says to it."""

    key: str
    answer: Answer
    version: Version | None = None
    revision: int | None = None
    """Of the earlier reading that was cited, where the capture was read anew since."""
    nearest: str = ""
    """What lies nearest to a capture that is not here, as a citation without a digest."""


def _checked(ask: Ask, key: str) -> Checked:
    name, _, digits = key.rpartition("-")
    try:
        version = named_version(ask.db, name, ask.tongue.zone)
    except UsageError:
        return Checked(key=key, answer="missing", nearest=_nearest(ask, name))
    record = version.record
    if len(digits) >= _SHORTEST and record["digests"]["version"].removeprefix("sha256:").startswith(digits):
        return Checked(key=key, answer="good", version=version)
    rows = ask.db.execute(
        "SELECT revision, version FROM records WHERE article_id = ? AND captured_at = ? ORDER BY revision DESC",
        (int(record["article_id"]), record["captured_at"]),
    )
    for revision, digest in rows:
        if len(digits) >= _SHORTEST and whole(digest).removeprefix("sha256:").startswith(digits):
            return Checked(key=key, answer="superseded", version=version, revision=revision)
    return Checked(key=key, answer="wrong", version=version)


def _nearest(ask: Ask, name: str) -> str:
    try:
        known = list(articles.versions(ask.db, articles.article_row(ask.db, name.partition("@")[0]).article_id))
    except UsageError:
        return ""
    return known[0].cite if known else ""


def _asked(ask: Ask) -> list[Checked]:
    return [_checked(ask, key) for key in dict.fromkeys(ask.place("keys").split(","))]


def cite(ask: Ask) -> Response:
    """Lead from one citation to the version, where what is read there has the digest that was cited; else say so.

    A set is answered with a page of all.
    """
    found = _asked(ask)
    if len(found) == 1 and found[0].answer == "good" and found[0].version:
        return redirect(ask.link(f"/a/{found[0].version.cite}"))
    there = all(each.version for each in found) and not any(each.answer == "wrong" for each in found)
    return ask.render(
        "cites.html", 200 if there else 404, found=found, cited=[_cited(ask, each) for each in found],
        citation=sentence, keys=ask.place("keys"), both={code: ask.site.tongue(code) for code in ("fr", "en")},
    )  # fmt: skip


def _cited(ask: Ask, checked: Checked) -> Cited | None:
    good = checked.answer == "good" and checked.version
    return cited(ask, good) if good else None


def _good(ask: Ask) -> Iterator[Cited]:
    yield from (told for each in _asked(ask) if (told := _cited(ask, each)))


def cite_json(ask: Ask) -> Response:
    """Answer what each citation of a set comes to, as JSON."""
    found = _asked(ask)
    rows = [_row(each) for each in found]
    return as_json(
        {"schema": "presstv.cited/1", "citations": rows}, 200 if all(each.version for each in found) else 404
    )


def _row(each: Checked) -> dict[str, Any]:
    version = each.version
    return {
        "key": each.key, "answer": each.answer, "revision": each.revision, "nearest": each.nearest or None,
        "cite": version.cite if version else None,
        "digest": version.record["digests"]["version"] if version else None,
        "headline": version.record["headline"] if version else None,
    }  # fmt: skip


def cite_bib(ask: Ask) -> Response:
    """Give the citations of a set that hold as BibTeX."""
    return as_bibtex(_good(ask))


def cite_ris(ask: Ask) -> Response:
    """Give the citations of a set that hold as RIS."""
    return as_ris(_good(ask))


def cite_csl(ask: Ask) -> Response:
    """Give the citations of a set that hold as CSL-JSON."""
    return as_csl(_good(ask))


def check(ask: Ask) -> Response:
    """Find citations in any text, as of a bibliography, and lead to what they come to."""
    text = ask.word("text")
    keys = list(dict.fromkeys(_IN_TEXT.findall(text)))[:MOST]
    if keys:
        return redirect(ask.link(f"/cite/{','.join(keys)}"))
    return ask.render("cite.html", text=text)
