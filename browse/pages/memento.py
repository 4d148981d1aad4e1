"""Memento (RFC 7089): the archive's versions under the outlet's own addresses and instants."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from archive.catalog import articles
from archive.catalog.articles import Version
from archive.facts.names import instant
from browse.asking import Ask, NotThere, Unfit, as_json

_URL_SAFE = ":/?#[]@!$&'()*+,;=%-._~"


def http_date(at: str) -> str:
    """Return an instant as HTTP has it (RFC 9110, 5.6.7), to the second."""
    return format_datetime(instant(at).replace(microsecond=0).astimezone(UTC), usegmt=True)


def _plain(url: str) -> str:
    return quote(url, safe=_URL_SAFE)


def headers_of(ask: Ask, version: Version) -> dict[str, str]:
    """Return the headers of a version that its address names, as of a memento; of the newest one links alone."""
    number, url = version.article_id, version.record["url"]
    links = [f'<{_plain(url)}>; rel="original"', *_around(ask, number, url)]
    if "@" not in ask.place("version"):
        return {"link": ", ".join(links)}
    return {"memento-datetime": http_date(version.record["captured_at"]), "link": ", ".join(links)}


def _around(ask: Ask, number: str, url: str) -> list[str]:
    base = ask.base()
    return [
        f'<{base}/timegate/{_plain(url)}>; rel="timegate"',
        f'<{base}/timemap/{number}.link>; rel="timemap"; type="application/link-format"',
    ]


def timegate(ask: Ask) -> Response:
    """Lead to the version in force at Accept-Datetime, by default the newest."""
    url = ask.place("url") + (f"?{ask.request.url.query}" if ask.request.url.query else "")
    number = articles.article_row(ask.db, ask.article_at(url)[0]).article_id
    known = list(articles.versions(ask.db, number))
    if not known:
        raise NotThere(ask.tongue.say("This article was seen in a listing and never read."))
    at = _accepted(ask)
    before = [version for version in known if at is None or instant(version.captured_at) <= at]
    version = before[-1] if before else known[0]
    headers = {
        "vary": "accept-datetime",
        "link": ", ".join([f'<{_plain(url)}>; rel="original"', *_around(ask, number, url)]),
    }
    return RedirectResponse(f"{ask.base()}/a/{version.cite}", 302, headers=headers)


def _accepted(ask: Ask) -> datetime | None:
    text = ask.request.headers.get("accept-datetime", "")
    if not text:
        return None
    try:
        at = parsedate_to_datetime(text)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Unfit(ask.tongue.say("“%(day)s” is no date of HTTP.", day=text[:60])) from error


def _mementos(ask: Ask) -> Iterator[tuple[str, str, str]]:
    """Yield (address, date, relation) of each version of the article that the path names."""
    known = list(articles.versions(ask.db, articles.article_row(ask.db, ask.place("number")).article_id))
    for place, version in enumerate(known):
        ends = ["first"] * (place == 0) + ["last"] * (place == len(known) - 1)
        yield f"{ask.base()}/a/{version.cite}", http_date(version.record["captured_at"]), " ".join([*ends, "memento"])


def timemap(ask: Ask) -> Response:
    """Give all versions of an article as link-format (RFC 6690)."""
    row = articles.article_row(ask.db, ask.place("number"))
    lines = [
        f'<{_plain(row.url)}>; rel="original"',
        f'<{ask.base()}/timegate/{_plain(row.url)}>; rel="timegate"',
        f'<{ask.base()}{ask.request.url.path}>; rel="self"; type="application/link-format"',
    ]
    lines += [f'<{address}>; rel="{told}"; datetime="{at}"' for address, at, told in _mementos(ask)]
    return Response(",\n".join(lines) + "\n", media_type="application/link-format")


def timemap_json(ask: Ask) -> Response:
    """Give all versions of an article as JSON."""
    row = articles.article_row(ask.db, ask.place("number"))
    told = [{"uri": address, "datetime": at, "rel": rel} for address, at, rel in _mementos(ask)]
    gate = f"{ask.base()}/timegate/{_plain(row.url)}"
    return as_json({"original_uri": row.url, "timegate_uri": gate, "mementos": {"list": told}})
