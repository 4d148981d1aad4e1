"""One request as a page has it: what was asked, the catalog at one moment, the language, and how to answer."""

import csv
import hashlib
import io
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from archive.catalog.articles import Db, head_of
from archive.catalog.naming import seen_at
from archive.errors import ArchiveError
from archive.exporters.csvfile import safe
from archive.facts.names import dated, typed
from archive.texts.terminal import visible
from browse.outlet import OutletFacts
from browse.reader import Reader
from browse.rendering import environment, in_markup
from browse.tongue import CODES, Code, Tongue, chosen

PAGE_ROWS, FEED_ROWS, TAKEN_ROWS = 20, 50, 2_000
"""How many articles of a list a page shows, a feed has, and other forms give; more leave by `scrapy export`."""
_MOST_PAGES = 500
_SAFE = "/@:.,~-_"


def pages_of(count: int, rows: int = PAGE_ROWS) -> int:
    """Return how many pages a list of so many articles takes."""
    return -(-count // rows)


class NotThere(ArchiveError):
    """Raise for what the archive does not have: 404, with what lies nearest."""


Subject = Literal["looks", "edits", "crawls", "captures"]
"""What exported files may not tell: who looked when, older texts, how crawls went, what came over the wire."""
VIEW_OF: Mapping[Subject, str] = {"looks": "checks", "edits": "versions", "crawls": "commits", "captures": "captures"}
"""The view that tells it."""


class Unfit(ArchiveError):
    """Raise for a question that can't be answered as it was put: 400, with how to put it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAlone:
    """Exported files that are read without their archive."""

    names: tuple[str, ...]
    looks: bool
    """Whether looks are in them."""
    edits: bool = True
    """Whether older texts than the newest are in them."""
    crawls: bool = True
    """Whether commits are in them, which tell how crawls ended."""
    head: tuple[int, str] | None = None
    """Number and digest of the commit that they are of, where commits or a manifest say so."""
    parts: bool = False
    """Whether what was chosen for them is not the whole archive, as their manifests say."""
    searchable: Callable[[], tuple[int, int, str]] = lambda: (1, 1, "")
    """How many articles can be searched so far, of how many, and why it ended before its end; empty else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Pages that are written as files, for a host that runs nothing."""

    head: int
    """Number of the commit that they are of."""
    since: datetime
    """The beginning (aware UTC) of what their lists tell."""
    base: str
    """The address of the archive's pages that a server answers, empty for none."""
    policy: str
    """What a page may load, and from where (CSP 3)."""
    searched: bool = False
    part: bool = False
    """Whether articles were chosen for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all pages share."""

    reader: Reader
    outlet: OutletFacts
    clock: Callable[[], datetime]
    """Returns the present time, aware UTC."""
    ports: tuple[int, int] | None = None
    """Of our pages, and of the second origin from which stored pages are shown; None where there is none."""
    alone: ReadAlone | None = None
    """Set where only exported files are read, and no archive."""
    written: Written | None = None
    """Set where pages are written as files, and nothing on them may need a server."""
    complain: Callable[[str], None] = print
    """Is told of what went wrong within, in a line."""
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    """Of this start: what an earlier one answered is not taken for ours."""
    tongues: dict[Code, Tongue] = field(default_factory=dict)

    def tells(self, what: Subject) -> bool:
        """Tell whether it can be known here: of exported files not all can, and what they lack is not claimed."""
        alone = self.alone
        return alone is None or {
            "looks": alone.looks, "edits": alone.edits, "crawls": alone.crawls, "captures": False,
        }[what]  # fmt: skip

    def tongue(self, code: Code) -> Tongue:
        """Return a language, in the outlet's zone."""
        return self.tongues.setdefault(code, Tongue(code, self.outlet.zone))

    def chosen_tongue(self, request: Request) -> Tongue:
        """Return the language that a request is answered in."""
        default: Code = next((code for code in CODES if code == self.outlet.language), "en")
        told = chosen(request.query_params.get("lang", ""), request.headers.get("accept-language", ""), default)
        return self.tongue(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request, with the catalog of one moment."""

    site: Site
    request: Request
    db: Db
    tongue: Tongue

    @property
    def outlet(self) -> OutletFacts:
        """What is known of the outlet."""
        return self.site.outlet

    @property
    def head(self) -> tuple[int, str] | None:
        """Number and digest of the archive's commit that this is of; None where exported files don't say."""
        return self.site.alone.head if self.site.alone else head_of(self.db)

    def untold(self, what: Subject) -> str:
        """Return what is said in the place of what exported files don't tell."""
        return self.tongue.say("These files don’t tell that; the view %(view)s does.", view=VIEW_OF[what])

    def textless(self, last_seen: str | None) -> str:
        """Return why there is no text of an article that was seen last then; None for one that was only listed."""
        if self.site.alone and last_seen:
            return self.tongue.say("These files hold no text of this article.")
        return self.tongue.say("This article was seen in a listing and never read.")

    def word(self, name: str) -> str:
        """Return a parameter of the query, empty where it is missing."""
        return str(self.request.query_params.get(name, "")).strip()

    def place(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params.get(name, ""))

    def page_number(self) -> int:
        """Return which page of a list is asked for; what is none is the first."""
        text = self.word("page")
        return min(max(int(text), 1), _MOST_PAGES) if text.isdecimal() and len(text) < 6 else 1

    def since(self, days: int, *, lately: bool = False) -> datetime:
        """Return the chosen day's beginning (aware UTC), by default so many days ago. Raises Unfit for no day.

        Where pages are written as files nobody can choose: they tell all, but for what is told of `lately`.
        """
        text = self._day("since")
        if self.site.written and not lately:
            return self.site.written.since
        if not text:
            today = self.site.clock().astimezone(self.tongue.zone).date()
            return self._midnight(datetime(today.year, today.month, today.day) - timedelta(days=days))  # noqa: DTZ001 - in the zone
        return self._instant(text)

    def until(self) -> datetime:
        """Return the end of the day chosen as the last (aware UTC), by default the present. Raises Unfit for no day."""
        text = self._day("until")
        try:
            last = timedelta(days=1) if len(text) == len("2026-11-24") else timedelta()
            return self._instant(text) + last if text else self.site.clock()
        except OverflowError as error:
            raise Unfit(self.tongue.say("“%(day)s” is no day; write 2026-11-24.", day=text[:40])) from error

    def dated(self, text: str) -> str:
        """Return the day that `today` or `yesterday` is for the outlet; any other text as it is."""
        return dated(text, self.site.clock(), self.tongue.zone)

    def _day(self, word: str) -> str:
        # As it stands: blanks are no day, as OpenAPI has it.
        return self.dated(str(self.request.query_params.get(word, "")))

    def _instant(self, text: str) -> datetime:
        try:
            if len(text) == len("2026-11-24"):
                # In UTC, since the first day of the calendar has no instant there.
                return self._midnight(datetime.fromisoformat(text)).astimezone(UTC)
            # Of one that the outlet's zone has no day for nothing can be told.
            return typed(text).astimezone(self.tongue.zone).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise Unfit(self.tongue.say("“%(day)s” is no day; write 2026-11-24.", day=text[:40])) from error

    def _midnight(self, day: datetime) -> datetime:
        return day.replace(tzinfo=self.tongue.zone)

    def link(self, path: str, /, **words: object) -> str:
        """Return an address of ours; a language that was asked for is kept, and empty words are left out."""
        told = {name: str(value) for name, value in words.items() if value not in (None, "", False)}
        if lang := self.word("lang"):
            told.setdefault("lang", lang)
        return quote(f"/{path.lstrip('/')}", safe=_SAFE) + (f"?{urlencode(told)}" if told else "")

    def here(self, **words: object) -> str:
        """Return this page's address with other words."""
        return self.link(self.request.url.path, **{**dict(self.request.query_params), **words})

    def same(self, path: str) -> str:
        """Return the address of another page that answers the same question."""
        return self.link(path, **self.request.query_params)

    def article_at(self, address: str) -> tuple[str, datetime | None]:
        """Return (article number, instant that a replay's address names). Raises NotThere where it is no article's."""
        found = self.outlet.article_of(address, lambda number, host: host in seen_at(self.db, number))
        if found is None:
            raise NotThere(self.tongue.say("That is no address of an article of %(outlet)s.", outlet=self.outlet.name))
        return found

    def base(self) -> str:
        """Return the origin under which the reader reached us; of pages that are files what they were told."""
        if self.site.written:
            return self.site.written.base
        return f"{self.request.url.scheme}://{self.request.headers['host']}"

    def origin_at(self, port: int) -> str:
        """Return the origin of another port under the name by which the reader reached us.

        An address of IPv6 is called localhost: no policy can name one (CSP 3, section 2.3.1).
        """
        host = self.request.url.hostname or ""
        return f"http://{'localhost' if ':' in host else host}:{port}"

    def render(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **told: Any
    ) -> Response:
        """Return a page made of a template."""
        text = render(self.site, self.request, self.tongue, template, ask=self, **told)
        return page_of(text, status, headers)

    def refused(self, template: str, status: int, why: str, near: Sequence[Any] = (), **told: Any) -> Response:
        """Return why a page can't be made: as a page, or as JSON where JSON was asked for."""
        return refusal(self.site, self.request, self.tongue, template, status, why=why, near=near, ask=self, **told)


def refusal(site: Site, request: Request, tongue: Tongue, template: str, status: int, **told: Any) -> Response:
    """Return why (`why`) there is no answer: as a page, or as JSON where JSON was asked for; it needs no catalog."""
    if request.url.path.endswith((".json", ".csl")):
        counts = {name: told[name] for name in ("done", "of") if told.get("of")}
        value = {"schema": "presstv.refused/1", "error": told["why"], "nearest": list(told.get("near", ())), **counts}
        return as_json(value, status)
    return page_of(render(site, request, tongue, template, **{"ask": None, **told}), status)


def page_of(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a page."""
    return Response(text, status, headers, "text/html; charset=utf-8")


def in_language(request: Request, code: Code) -> str:
    """Return a request's own address in another language."""
    words = urlencode({**request.query_params, "lang": code})
    return f"{quote('/' + request.url.path.lstrip('/'), safe=_SAFE)}?{words}"


def render(site: Site, request: Request, tongue: Tongue, template: str, **told: Any) -> str:
    """Return a template filled in; it needs no catalog."""
    made = environment(tongue).get_template(template)
    return made.render(
        site=site, outlet=site.outlet, tongue=tongue, request=request, codes=CODES, in_language=in_language, **told
    )


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON document that stays one wherever it is put: what could begin markup is escaped."""
    return Response(in_markup(value), status, headers, "application/json")


def as_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Return a table as CSV (RFC 4180); what a spreadsheet would take for a formula is text to it."""
    file = io.StringIO()
    out = csv.writer(file)
    out.writerow(names)
    out.writerows([_cell(value) for value in row] for row in rows)
    return Response(file.getvalue(), media_type="text/csv; charset=utf-8; header=present")


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    return safe(visible(value))


def redirect(path: str) -> RedirectResponse:
    """Lead to another of our pages. `path` is one that `Ask.link` made."""
    assert path.startswith("/")
    assert not path.startswith("//")
    return RedirectResponse(path, 302)


def known(told: str, etag: str) -> bool:
    """Tell whether `If-None-Match` names an answer (RFC 9110, 13.1.2, by the weak comparison)."""
    names = (name.strip().removeprefix("W/") for name in told.split(","))
    return any(name in ("*", etag.removeprefix("W/")) for name in names)


def etag_of(site: Site, request: Request, tongue: Tongue, db: Db) -> str:
    """Return the name of an answer: the same head, address, language and day give the same page."""
    today = site.clock().date().isoformat()
    told = (site.token, *head_of(db), site.reader.behind, today, tongue.code, str(request.url))
    return f'W/"{hashlib.sha256(repr(told).encode()).hexdigest()[:24]}"'
