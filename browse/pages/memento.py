"""Memento (RFC 7089): the archive's versions under the outlet's own addresses and instants."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from archive.catalog import articles
from archive.catalog.articles import Version
from archive.facts import httpdates
from archive.facts.names import instant
from browse.asking import Ask, NotThere, Unfit, as_json

_URL_SAFE = ":/?#[]@!$&'()*+,;=%-._~"
_LINKS = "application/link-format"


def http_date(at: str) -> str:
    """Return an instant as HTTP has it (RFC 9110, 5.6.7), to the second."""
    return format_datetime(instant(at).replace(microsecond=0).astimezone(UTC), usegmt=True)


def _plain(url: str) -> str:
    return quote(url, safe=_URL_SAFE)


def _link(address: str, relation: str, **more: str) -> str:
    told = "".join(f'; {name}="{value}"' for name, value in more.items())
    return f'<{address}>; rel="{relation}"{told}'


def headers_of(ask: Ask, version: Version, known: Sequence[Version]) -> dict[str, str]:
    """Return the headers of one of an article's versions that its address names, as of a memento.

    Of the newest, which an address without an instant names, they are links alone.
    """
    url = version.record["url"]
    links = [*_around(ask, version.article_id, url), *_neighbours(ask, known, version)]
    if "@" not in ask.place("version"):
        return {"link": ", ".join(links)}
    return {"memento-datetime": http_date(version.record["captured_at"]), "link": ", ".join(links)}


def _around(ask: Ask, number: str, url: str) -> list[str]:
    base = ask.base()
    return [
        _link(_plain(url), "original"),
        _link(f"{base}/timegate/{_plain(url)}", "timegate"),
        _link(f"{base}/timemap/{number}.link", "timemap", type=_LINKS),
        _link(f"{base}/timemap/{number}.json", "timemap", type="application/json"),
    ]


def _neighbours(ask: Ask, known: Sequence[Version], version: Version) -> list[str]:
    """Return links to the first and last memento and to those beside one (RFC 7089, 2.2.4)."""
    ordinals = {"first": 1, "prev": version.number - 1, "next": version.number + 1, "last": len(known)}
    relations: dict[int, list[str]] = {}
    for relation, ordinal in ordinals.items():
        if 1 <= ordinal <= len(known):
            relations.setdefault(ordinal, []).append(relation)
    return [_memento(ask, known[ordinal - 1], *named) for ordinal, named in sorted(relations.items())]


def _memento(ask: Ask, version: Version, *relations: str) -> str:
    at = http_date(version.record["captured_at"])
    return _link(f"{ask.base()}/a/{version.cite}", " ".join([*relations, "memento"]), datetime=at)


def _named(ask: Ask) -> tuple[str, str]:
    """Return (article number, address) of the outlet's address in the path."""
    url = ask.place("url") + (f"?{ask.request.url.query}" if ask.request.url.query else "")
    return articles.article_row(ask.db, ask.article_at(url)[0]).article_id, url


def timegate(ask: Ask) -> Response:
    """Lead to the version in force at Accept-Datetime, by default the newest."""
    number, url = _named(ask)
    known = list(articles.versions(ask.db, number))
    if not known:
        raise NotThere(ask.textless(articles.article_row(ask.db, number).last_seen))
    at = _accepted(ask)
    before = [version for version in known if at is None or instant(version.captured_at) <= at]
    version = before[-1] if before else known[0]
    links = [*_around(ask, number, url), *_neighbours(ask, known, version)]
    headers = {"vary": "accept-datetime", "link": ", ".join(links)}
    return RedirectResponse(f"{ask.base()}/a/{version.cite}", 302, headers=headers)


def _accepted(ask: Ask) -> datetime | None:
    text = ask.request.headers.get("accept-datetime", "")
    if not text:
        return None
    at = httpdates.http_date(text)
    if at is None:
        raise Unfit(ask.tongue.say("“%(day)s” is no date of HTTP.", day=text[:60]))
    return at


def timemap(ask: Ask) -> Response:
    """Give all versions of an article as link-format (RFC 6690)."""
    return _as_links(ask, articles.article_row(ask.db, ask.place("number")).article_id)


def timemap_json(ask: Ask) -> Response:
    """Give all versions of an article as JSON."""
    return _as_json(ask, articles.article_row(ask.db, ask.place("number")).article_id)


def timemap_of(ask: Ask) -> Response:
    """Give all versions of the article of an address, as link-format."""
    return _as_links(ask, _named(ask)[0])


def timemap_json_of(ask: Ask) -> Response:
    """Give all versions of the article of an address, as JSON."""
    return _as_json(ask, _named(ask)[0])


def _as_links(ask: Ask, number: str) -> Response:
    row, known = articles.article_row(ask.db, number), list(articles.versions(ask.db, number))
    span = {name: http_date(known[place].record["captured_at"]) for name, place in _ENDS} if known else {}
    lines = [
        _link(_plain(row.url), "original"),
        _link(f"{ask.base()}/timegate/{_plain(row.url)}", "timegate"),
        _link(f"{ask.base()}/timemap/{number}.link", "self", type=_LINKS, **span),
    ]
    last = len(known) - 1
    lines += [
        _memento(ask, version, *(["first"] * (place == 0)), *(["last"] * (place == last)))
        for place, version in enumerate(known)
    ]
    return Response(",\n".join(lines) + "\n", media_type=_LINKS)


_ENDS = (("from", 0), ("until", -1))


def _as_json(ask: Ask, number: str) -> Response:
    row, known = articles.article_row(ask.db, number), list(articles.versions(ask.db, number))
    told = [{"datetime": version.record["captured_at"], "uri": f"{ask.base()}/a/{version.cite}"} for version in known]
    base = f"{ask.base()}/timemap/{number}"
    mementos: dict[str, Any] = {"list": told}
    if told:
        mementos |= {"first": told[0], "last": told[-1]}
    return as_json(
        {
            "original_uri": row.url, "self": f"{base}.json", "timegate_uri": f"{ask.base()}/timegate/{_plain(row.url)}",
            "timemap_uri": {"link_format": f"{base}.link", "json_format": f"{base}.json"}, "mementos": mementos,
        }
    )  # fmt: skip
