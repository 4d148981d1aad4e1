"""`scrapy backfill --wayback` and `--commoncrawl`: what an index names and the archive lacks, fetched one by one."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

from archive.errors import IntegrityError, OutletUnreachable, UsageError
from archive.facts.addresses import hostname_of
from archive.facts.canonical import digest
from archive.facts.httpdates import http_date
from archive.facts.items import Capture
from archive.facts.names import stamp
from archive.warc.exchanges import exchanges
from crawler.backfill import cdx, warcfile
from crawler.backfill.intake import Intake
from crawler.backfill.postponed import Postponed
from crawler.backfill.replays import replayed
from crawler.backfill.revisits import agrees
from crawler.backfill.revisits import stated as digest_of
from crawler.backfill.sources import Provenance
from crawler.backfill.steps import cut_short
from crawler.backfill.tally import NotTaken
from crawler.net.fetching import Fetched, Fetcher, TooMuch
from crawler.net.wrapped import moment, unwrapped
from crawler.pages import decoding
from crawler.reread.endings import is_unbounded

_TAKEN = frozenset({200, 404, 410})
_CODINGS = ("gzip", "deflate", "br")
_IN_A_ROW = 5
"""Failures after which the server is left alone."""
_REST = re.compile(r"(\d{14})id_/(https?:/{1,2}.+)", re.IGNORECASE)
_FILE = re.compile(r"(?!/)(?!.*\.\.)[A-Za-z0-9._/-]+")
_CRAWL = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


@dataclass(slots=True, kw_only=True)
class Remote:
    """One index server and what is fetched from beside it."""

    intake: Intake
    fetcher: Fetcher
    index: str
    """Base address of the index."""
    data: str
    """Base address of the captures."""
    notes: Path
    """Where it is noted what was not given; before there is an archive, too."""
    operator: str = ""
    ranged: bool = False
    """Whether captures lie in WARC files, to be asked for by range, and not behind a replay."""
    progress: Callable[[Any], object] | None = None
    """Called with each row of the index."""
    failures: int = 0
    _postponed: Postponed = field(init=False)
    _given: cdx.IndexRow | None = None
    """What the server gave last, or what is known of it from before."""

    def __post_init__(self) -> None:
        self._postponed = Postponed(self.notes / "postponed.json", self.index)

    @property
    def provenance(self) -> Provenance:
        """Whose captures these are."""
        return Provenance(name=self.index, operator=self.operator or hostname_of(self.data))

    def wayback(self, first: str, last: str) -> None:
        """Take in what a CDX server names between two times.

        Raises OutletUnreachable and RefusedByOutlet; what was fetched by then is committed.
        """
        self._all((p, cdx.wayback(self.fetcher.get, self.index, p, (first, last))) for p in self._prefixes())

    def commoncrawl(self, crawls: Iterable[str]) -> None:
        """Take in what crawls of Common Crawl hold. Raises as `wayback`, UsageError for a name that is none."""
        pairs = [(crawl, prefix) for crawl in check_crawls(crawls) for prefix in self._prefixes()]
        self._all((f"{c} {p}", cdx.commoncrawl(self.fetcher.get, self.index, c, p)) for c, p in pairs)

    def _prefixes(self) -> Iterator[str]:
        edition = self.intake.bounds.edition
        for base in self.intake.bounds.bases:
            yield f"{base.partition('://')[2]}{edition.folder}"
        for host in edition.hosts:
            yield f"{host}{edition.below(host) or edition.folder}"

    def _all(self, lists: Iterable[tuple[str, Iterable[cdx.IndexRow | None]]]) -> None:
        """Take in every list; one that is not given keeps no other out, unless none is."""
        self.intake.begin(self.provenance)
        with self._postponed.kept():
            self._lists(lists)

    def _lists(self, lists: Iterable[tuple[str, Iterable[cdx.IndexRow | None]]]) -> None:
        excluded: list[cdx.Excluded] = []
        given, later = False, list[cdx.IndexRow]()
        try:
            for name, rows in lists:
                try:
                    for row in rows:
                        if row is None:
                            self.intake.tally.skipped["odd_row"] += 1
                        elif self._postponed.holds(row):
                            later.append(row)
                        else:
                            self._row(row)
                    given = True
                except cdx.Excluded as error:
                    excluded.append(error)
                    self.intake.tally.failed.append(NotTaken(url=name, at="any time", reason=str(error)))
            for row in later:
                self._row(row)
            if excluded and not given:
                raise excluded[0]
        finally:
            self.intake.commit()

    def _row(self, row: cdx.IndexRow) -> None:
        if self.progress:
            self.progress(row)
        url, _, _ = unwrapped(row.url)
        tally = self.intake.tally
        if not row.may_be_page:
            tally.skipped["resource" if row.status in (None, 200) else "unusable"] += 1
        elif self.intake.wanted(url):
            if self.intake.batch.holds(url, row.at):
                tally.skipped["known"] += 1
                self._given = self._given or row
            else:
                self._fetch(row, url)
                self.intake.turn()

    def _fetch(self, row: cdx.IndexRow, url: str) -> None:
        failed = len(self.intake.tally.failed)
        try:
            (self._member if self.ranged else self._page)(row, url)
        except TooMuch as error:
            self._fail(row, url, str(error))
        except OutletUnreachable as error:
            self.failures += 1
            self._fail(row, url, str(error))
            if self.failures >= _IN_A_ROW and not self._gives_still():
                raise OutletUnreachable(
                    f"{self.data} gave none of {self.failures} captures in a row, run it again later; the last: {error}"
                ) from error
        else:
            self.failures = 0
        finally:
            given = len(self.intake.tally.failed) == failed
            self._given = row if given else self._given
            self._postponed.note(row, given=given)

    def _gives_still(self) -> bool:
        """Return whether the server gives again what it gave before: then what it does not give is at fault, not it."""
        try:
            if self._given is None or self._answer(self._given).status >= HTTPStatus.BAD_REQUEST:
                return False
        except (OutletUnreachable, TooMuch):
            return False
        self.failures = 0
        return True

    def _answer(self, row: cdx.IndexRow) -> Fetched:
        if self.ranged:
            span = f"bytes={row.offset}-{row.offset + row.length - 1}"
            return self._get(f"{self.data}/{row.filename}", {"Range": span}, most=row.length)
        # Asked for bare, a replay unpacks what the outlet sent packed, and the bytes are no longer the captured ones.
        return self._get(f"{self.data}/{row.timestamp}id_/{row.url}", {"Accept-Encoding": ", ".join(_CODINGS)})

    def _get(self, url: str, headers: Mapping[str, str] | None = None, *, most: int | None = None) -> Fetched:
        """Return an answer. Raises OutletUnreachable for one that says that the server can't, or won't, give any."""
        answer = self.fetcher.get(url, headers, most=most)
        if answer.status in (401, 403) or answer.status >= 500:
            raise OutletUnreachable(f"{url} answered {answer.status}")
        return answer

    def _fail(self, row: cdx.IndexRow, url: str, reason: str) -> None:
        self.intake.tally.failed.append(NotTaken(url=url, at=stamp(row.at), reason=reason))

    def _page(self, row: cdx.IndexRow, url: str) -> None:
        answer, told = _as_captured(self._answer(row), row.digest if ":" in row.digest else f"sha1:{row.digest}")
        capture = self._replayed(answer, row, url)
        if capture is None:
            return
        if cut := cut_short(capture):
            kind, why = cut
            self.intake.tally.refuse(capture, why, kind)
            return
        provenance = Provenance(name=answer.url, sha256=digest(answer.body), operator=self.provenance.operator)
        self.intake.take(capture, provenance, "" if told else f"the index names another payload: {row.digest}")

    def _replayed(self, answer: Fetched, row: cdx.IndexRow, url: str) -> Capture | None:
        """Return the capture that a replay gave, or None: its own errors are no word of the outlet, and are noted."""
        found = _REST.fullmatch(answer.url.removeprefix(f"{self.data}/"))
        there = unwrapped(found[2])[0] if found else ""
        # A redirect leads to the nearest capture that there is: of another time, it may be of the same article.
        same = found is not None and self.intake.bounds.article(there) == self.intake.bounds.article(url)
        archived = answer.status == row.status if row.status else answer.status in _TAKEN
        if found is None or not same or not archived or not _is_memento(answer):
            self._fail(row, url, f"the replay answered {answer.status} for {row.timestamp}")
            return None
        # Some replays answer with the nearest capture at once; which one it is they say here (RFC 7089, section 2.1).
        at = _memento(answer) or moment(found[1])
        if at != row.at and self.intake.batch.holds(url, at):
            self.intake.tally.skipped["known"] += 1
            return None
        capture = replayed(url, at, answer.status, answer.headers, answer.body)
        return replace(capture, unbounded=is_unbounded(capture))

    def _member(self, row: cdx.IndexRow, url: str) -> None:
        """Take in one record of a WARC that lies in a store, by a range of its bytes."""
        if not _FILE.fullmatch(row.filename) or not 0 < row.length <= self.fetcher.manners.most:
            self._fail(row, url, f"no place to fetch: {row.filename[:200]!r}, {row.length} bytes")
            return
        answer = self._answer(row)
        if answer.status != 206 or len(answer.body) != row.length:
            wrong = (
                f"answered {answer.status} with {len(answer.body)} bytes, not {row.length} from byte {row.offset} on"
            )
            self._fail(row, url, f"{row.filename} {wrong}")
            return
        name = f"{row.filename}#{row.offset}+{row.length}"
        provenance = Provenance(name=name, sha256=digest(answer.body), operator=self.provenance.operator)
        faults: list[str] = []
        for response, request in exchanges(warcfile.records(BytesIO(answer.body), faults.append)):
            try:
                self.intake.record(response, request, provenance)
            except IntegrityError as error:
                faults.append(str(error))
        self.intake.tally.damaged += [(name, fault) for fault in faults]


def remotes(
    places: Mapping[str, str], span: tuple[str, str] | None, crawls: Sequence[str], **more: Any
) -> Iterator[tuple[Provenance, Callable[[], None]]]:
    """Yield the name of each server that is to be asked, and what asks it.

    `places` are base addresses by the setting's name, `span` the digits of two times for the Wayback Machine, `crawls`
    those of Common Crawl, `more` what both are given.
    """
    if span:
        found = Remote(index=places["WAYBACK_CDX"], data=places["WAYBACK_WEB"], **more)
        yield found.provenance, partial(found.wayback, *span)
    if crawls:
        found = Remote(index=places["COMMONCRAWL_INDEX"], data=places["COMMONCRAWL_DATA"], ranged=True, **more)
        yield found.provenance, partial(found.commoncrawl, crawls)


def _as_captured(answer: Fetched, stated: str) -> tuple[Fetched, bool]:
    """Return a replay's answer without a packing of its own, and whether its body has the stated digest."""
    checked = digest_of(stated) is not None
    if checked and agrees(stated, answer.body):
        return answer, True
    own = answer.header("x-archive-orig-content-encoding")
    try:
        body = decoding.content(answer.body, [answer.header("content-encoding")])
    except decoding.DecodingError:
        return answer, not checked
    bare = tuple((name, value) for name, value in answer.headers if not name.lower().endswith(b"content-encoding"))
    if checked and agrees(stated, body):
        return replace(answer, body=body, headers=bare), True
    if own:
        return answer, not checked
    return replace(answer, body=body, headers=bare), not checked


def _memento(answer: Fetched) -> datetime | None:
    """Return when a replay says that its answer was captured, or None."""
    return http_date(answer.header("memento-datetime"))


def check_crawls(names: Iterable[str]) -> list[str]:
    """Return names of Common Crawl's crawls. Raises UsageError for one that is none."""
    found = list(names)
    if odd := [name for name in found if not _CRAWL.fullmatch(name)]:
        raise UsageError(f"{odd[0]!r} names no crawl; write it like CC-MAIN-2024-10")
    return found


def _is_memento(answer: Fetched) -> bool:
    """Return whether a replay says that its answer is a capture, and no page of its own."""
    own = any(name.lower().startswith(b"x-archive-orig-") for name, _ in answer.headers)
    return own or _memento(answer) is not None
