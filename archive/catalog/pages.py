"""What our newest look left of each address, gathered over many commits and written once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from http import HTTPStatus
from operator import attrgetter, itemgetter
from typing import Any

from archive.catalog.articles import Db
from archive.catalog.interned import Interned
from archive.catalog.memory import confirmed
from archive.catalog.packing import short
from archive.catalog.teasers import named
from archive.facts.canonical import canonical, parse
from archive.facts.outcomes import Outcome
from archive.warc import cdxj
from archive.warc.warc import target_uri

_SERVED = 16
"""How many addresses of an origin are kept, those looked at last."""
_ASKED_FOR = ("article", "mirror")
_CUT: frozenset[Outcome] = frozenset({"truncated"})


@dataclass(slots=True)
class PageRow:
    """A row of `pages`."""

    address: int
    at: str = ""
    kind: str = ""
    outcome: str = ""
    status: int | None = None
    payload: str | bytes | None = None
    """As `short` gives it."""
    etag: str | None = None
    last_modified: str | None = None
    listed: str | None = None
    proved_at: str | None = None
    kept_at: str | None = None
    kept: int | None = None
    confirms: str | None = None
    onward: str | None = None
    teasers: str | None = None
    answered_at: str | None = None
    answered: int | None = None

    def look(self, check: Mapping[str, Any]) -> None:
        """Take in a look of ours, unless a newer one was taken in before."""
        status = check.get("status")
        at, before = check["at"], self.at
        if not check.get("article_id") and is_answer(check) and at >= (self.answered_at or ""):
            self.answered_at, self.answered = at, status
        if at < before:
            return
        self.at, self.kind, self.outcome, self.status = at, check["kind"], check["outcome"], status
        # A 304 repeats neither payload nor validators: those of the answer that it confirms stay.
        if status == HTTPStatus.NOT_MODIFIED and before:
            return
        listed = check.get("listed")
        self.payload = short(check.get("payload"))
        self.etag, self.last_modified = check.get("etag"), check.get("last_modified")
        self.listed = ",".join(listed) if listed else None
        self.confirms = _stood_for(check)
        self.onward, self.teasers = check.get("onward"), named(check)

    def proved(self, at: str, kept: int | None) -> None:
        """Note that a look left a capture, `kept` the address of one with its bytes."""
        self.proved_at = max(self.proved_at or "", at)
        if kept is not None and at >= (self.kept_at or ""):
            self.kept_at, self.kept = at, kept


_ROW = attrgetter(*(field.name for field in fields(PageRow)))


def _stood_for(check: Mapping[str, Any]) -> str | None:
    whole = check.get("article_id") and check.get("status") != HTTPStatus.NOT_MODIFIED
    return confirmed(check["outcome"], check.get("confirms"), check["at"]) if whole else None


def is_answer(check: Mapping[str, Any]) -> bool:
    """Tell whether a look was answered whole: with a status of the classes 2 and 4, but 429."""
    status = check.get("status") or 0
    asked = status // 100 in (2, 4) and status != HTTPStatus.TOO_MANY_REQUESTS
    return asked and check["outcome"] not in _CUT


class Pages:
    """The rows of `pages` and `origins` that commits touch, in memory until they are written. Of one transaction."""

    def __init__(self, db: Db, interned: Interned) -> None:
        self._db, self._interned = db, interned
        self._pages: dict[str, PageRow] = {}
        self._served: dict[str, str] = {}
        self._mirrored: dict[str, str] = {}

    def of(self, url: str) -> PageRow:
        """Return what is known of an address; one that is new has an empty `at`."""
        page = self._pages.get(url)
        if page is None:
            number = self._interned.text(url)
            page = self._pages[url] = PageRow(number) if self._interned.is_new(number) else self._stored(number)
        return page

    def _stored(self, number: int) -> PageRow:
        row = self._db.execute("SELECT * FROM pages WHERE address = ?", (number,)).fetchone()
        return PageRow(*row) if row else PageRow(number)

    def look(self, check: Mapping[str, Any]) -> None:
        """Take in a look of ours."""
        url, kind, at = check["url"], check["kind"], check["at"]
        self.of(url).look(check)
        if kind in _ASKED_FOR and at > self._served.get(url, ""):
            self._served[url] = at
        if kind == "mirror":
            origin = origin_of(url)
            self._mirrored[origin] = max(at, self._mirrored.get(origin, ""))

    def proofs(self, index: Iterable[Mapping[str, Any]], checks: Iterable[Mapping[str, Any]]) -> None:
        """Note which of a commit's looks left the captures of its index."""
        # They have the instant and the payload in common, not the address: a redirect may have led away.
        lines = {(line["captured_at"], line["digest"], line["url"]): line for line in index}
        led = {name[:2]: line for name, line in lines.items()}
        for check in checks if lines else ():
            at, url, payload = check["at"], check["url"], check.get("payload", "")
            capture = led.get((at, payload))
            if capture is not None:
                page = self.of(url)
                # What others were answered has no page.
                if page.at:
                    capture = lines.get((at, payload, target_uri(url)), capture)
                    has_bytes = capture["mime"] != cdxj.REVISIT
                    page.proved(at, self._interned.text(capture["url"]) if has_bytes else None)

    def write(self) -> None:
        """Write what was touched."""
        rows = (_ROW(page) for page in self._pages.values() if page.at)
        self._db.executemany(f"INSERT OR REPLACE INTO pages VALUES ({', '.join('?' * 17)})", rows)
        self._write_origins()

    def _write_origins(self) -> None:
        served: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for url, at in self._served.items():
            served[origin_of(url)][url] = at
        for origin, told in served.items():
            row = self._db.execute("SELECT mirrored_at, served FROM origins WHERE origin = ?", (origin,)).fetchone()
            before = dict(parse(row[1])) if row else {}
            newest = {url: max(at, before.get(url, "")) for url, at in told.items()}
            kept = sorted(sorted((before | newest).items()), key=itemgetter(1), reverse=True)[:_SERVED]
            mirrored = max(self._mirrored.get(origin, ""), (row[0] or "") if row else "") or None
            values = origin, mirrored, canonical([list(one) for one in kept]).decode()
            self._db.execute("INSERT OR REPLACE INTO origins VALUES (?, ?, ?)", values)


def origin_of(url: str) -> str:
    """Return `https://host:port` of an address as it is written; the whole of one that can't be taken apart."""
    scheme, apart, rest = url.partition("://")
    return scheme + apart + rest.partition("/")[0]
