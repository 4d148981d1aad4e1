"""What an index of captures says: the Wayback Machine's CDX server, pywb's, Common Crawl's.

All three take `url`, `matchType`, `from`, `to` and `output=json`. They answer with rows of JSON lists (the first
names the fields), with JSON objects line by line, or with plain lines; all of these are read.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus, urlencode

from archive.errors import OutletUnreachable, RefusedByOutlet, UsageError
from crawler.backfill.fitness import media_type
from crawler.backfill.sources import clean
from crawler.net.fetching import Fetched, TooMuch
from crawler.net.wrapped import moment
from crawler.pages import decoding

PAGE = 5000
"""Rows asked for at a time."""
_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
_NAMES = {"url": "original", "mime": "mimetype", "status": "statuscode"}
_MOST_PAGES = 100_000
_STAMP, _TIME = re.compile(r"[0-9]{14}"), re.compile(r"[0-9]+|-")
_LETTERS = {
    "N": "urlkey", "b": "timestamp", "a": "original", "m": "mimetype", "s": "statuscode", "k": "digest", "S": "length",
    "V": "offset", "g": "filename",
}  # fmt: skip
"""What the first line of a CDX file, ` CDX N b a …`, calls its fields (the CDX file format, 2015)."""
_MOST_LIST = 64 * 2**20
_MOST_ROWS = 1_000_000
_TYPED = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]?(\d\d):?(\d\d):?(\d\d)Z?)?)?)?")
_SECOND = timedelta(seconds=1)
_LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
Get = Callable[..., Fetched]
_REMEDY = "check the setting, or run it again later"


class Excluded(RefusedByOutlet):
    """Raise where an index does not list a host: some leave theirs out of the Wayback Machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """One capture that an index names."""

    url: str
    at: datetime
    timestamp: str
    """Its 14 digits."""
    mime: str
    status: int | None
    """None where the index does not say, as for a revisit."""
    digest: str
    filename: str = ""
    """Common Crawl's: the WARC it lies in, with `offset` and `length`."""
    offset: int = 0
    length: int = 0

    @property
    def may_be_page(self) -> bool:
        """Whether it may be an article or the answer that it is gone."""
        status = self.status in (None, 200, 404, 410)
        return status and media_type(self.mime) in ("", "text/html", "application/xhtml+xml", "warc/revisit")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """One answer of an index."""

    rows: tuple[IndexRow, ...] = ()
    odd: int = 0
    """Rows whose time or address is none."""
    key: str | None = None
    """What to go on with, as it goes into a query's `resumeKey`, not yet percent-encoded."""

    @property
    def told(self) -> int:
        """How many rows the server gave."""
        return len(self.rows) + self.odd

    def __iter__(self) -> Iterator[IndexRow | None]:
        """Yield each row, None for an odd one."""
        yield from self.rows
        yield from [None] * self.odd


def parsed(text: str) -> IndexPage:
    """Return what an answer lists, in whichever form. Raises ValueError for anything else."""
    # Not splitlines: an address may hold what Python takes for the end of a line.
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    if not lines:
        return IndexPage()
    if text.lstrip().startswith("["):
        return _lists(json.loads(text))
    if lines[0].lstrip().startswith("{"):
        return _index_page([json.loads(line) for line in lines])
    return _plain(lines)


def _index_page(values: Sequence[Any], key: str | None = None) -> IndexPage:
    # The Wayback Machine's keys come percent-encoded; every key has a bracket (SURT), and that can't hide otherwise.
    bare = unquote_plus(key) if key and ")" not in key else key
    rows = tuple(row for value in values if (row := _row(value)))
    return IndexPage(rows=rows, odd=len(values) - len(rows), key=bare)


def _lists(values: Any) -> IndexPage:
    if not isinstance(values, list) or not all(isinstance(value, list) for value in values):
        raise ValueError("no list of lists")
    key = None
    if len(values) >= 2 and values[-2] == [] and len(values[-1]) == 1:
        key = str(values[-1][0])
        values = values[:-2]
    head, *rest = values or [[]]
    return _index_page([dict(zip(map(str, head), value, strict=False)) for value in rest], key)


def _plain(lines: Sequence[str]) -> IndexPage:
    names: Sequence[str] = _FIELDS
    values, key = list[dict[str, Any]](), None
    for place, line in enumerate(lines):
        parts = line.split(" ")
        if place == 0 and line.split()[0] == "CDX":
            names = [_LETTERS.get(letter, letter) for letter in line.split()[1:]]
        elif len(parts) >= 3 and _TIME.fullmatch(parts[1]):
            said = " ".join(parts[2:])
            fields = json.loads(said) if said.startswith("{") else dict(zip(names[2:], parts[2:], strict=False))
            values.append({"urlkey": parts[0], "timestamp": parts[1], **fields})
        elif len(parts) == 1 and values and place == len(lines) - 1:
            key = line.strip()
        else:
            raise ValueError(f"no line of an index: {line[:80]!r}")
    return _index_page(values, key)


def _row(value: Any) -> IndexRow | None:
    """Return a row, or None for one whose time or address can't be read."""
    if not isinstance(value, Mapping):
        raise ValueError("no row of an index")  # noqa: TRY004 - a value of the network's, no type of ours
    told = {_NAMES.get(name, name): str(found) for name, found in value.items() if found is not None}
    if not told.keys() & {"original", "timestamp"}:
        raise ValueError(f"no row of an index: {json.dumps(value)[:80]}")
    url, timestamp = told.get("original", ""), told.get("timestamp", "")
    if not url.lower().startswith("http") or not _STAMP.fullmatch(timestamp):
        return None
    try:
        at = moment(timestamp)
    except ValueError:
        return None
    status, numbers = told.get("statuscode", ""), (told.get("offset", ""), told.get("length", ""))
    offset, length = (int(n) if n.isdecimal() and len(n) < 16 else 0 for n in numbers)
    return IndexRow(
        url=url, at=at, timestamp=timestamp, mime=told.get("mimetype", ""), digest=told.get("digest", ""),
        status=int(status) if status.isdecimal() and len(status) == 3 else None,
        filename=told.get("filename", ""), offset=offset, length=length,
    )  # fmt: skip


def _asked(get: Get, base: str, query: Mapping[str, str]) -> IndexPage:
    body = _answered(get, base, query)
    try:
        return parsed(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise OutletUnreachable(f"{base} gave no index: {error}; {_REMEDY}") from error


def _answered(get: Get, base: str, query: Mapping[str, str]) -> bytes:
    """Return an answer's body, none where the server has no captures."""
    try:
        answer = get(f"{base}?{urlencode(query)}", most=_MOST_LIST)
        # Some send it packed whatever is asked for.
        body = decoding.content(answer.body, [answer.header("content-encoding")], _MOST_LIST)
    except (TooMuch, decoding.DecodingError) as error:
        raise OutletUnreachable(f"{base} gave no index: {error}; {_REMEDY}") from error
    if answer.status in (401, 403):
        raise Excluded(f"{base} answered {answer.status} for {query['url']}; ask who runs it, or wait")
    none = answer.status == 404 and (not body.strip() or b"no captures" in body.lower())
    if answer.status != 200 and not none:
        place = answer.header("location").partition("?")[0].rpartition("@")[2]
        said = clean(place or body[:300].decode("utf-8", "replace"))
        raise OutletUnreachable(f"{base} gave no index but {answer.status}: {said}; {_REMEDY}")
    # 404 is how Common Crawl says that it has none, and how any server says that there is no such index.
    return body if answer.status == 200 else b""


def wayback(get: Get, base: str, prefix: str, span: tuple[str, str], limit: int = PAGE) -> Iterator[IndexRow | None]:
    """Yield what a CDX server has below an address prefix between two times (4 to 14 digits each), page by page.

    None stands for a row whose time or address is none.
    It goes on by resume key; a server that gives none, and as many rows as were asked for, is asked again for each
    half of the time. Raises OutletUnreachable for an answer that is no index, and as `Fetcher.get` does.
    """
    query = {
        "url": prefix, "matchType": "prefix", "output": "json", "from": span[0], "to": span[1],
        "limit": str(limit), "showResumeKey": "true", "gzip": "false",
    }  # fmt: skip
    keys: set[str] = set()
    while True:
        found = _asked(get, base, query)
        if found.key is None and found.told >= limit and not keys:
            yield from _in_parts(get, base, prefix, span, limit)
            return
        yield from found
        if found.key is None:
            return
        if found.key in keys or len(keys) >= _MOST_PAGES:
            raise OutletUnreachable(
                f"{base} goes round in circles: resumeKey {found.key!r} came again; ask who runs it"
            )
        keys.add(found.key)
        query["resumeKey"] = found.key


def _in_parts(get: Get, base: str, prefix: str, span: tuple[str, str], limit: int) -> Iterator[IndexRow | None]:
    """Yield what a server without resume keys has: by halves of the time, a second by a longer list."""
    halves = _halves(span)
    if not halves and limit >= _MOST_ROWS:
        raise OutletUnreachable(f"{base} gives no end of captures of one second, {span[0]}; ask who runs it")
    for part, most in [(half, limit) for half in halves] or [(span, 10 * limit)]:
        yield from wayback(get, base, prefix, part, most)


def _halves(span: tuple[str, str]) -> list[tuple[str, str]]:
    first, last = moment(span[0]), end_of(span[1])
    if last - first < timedelta(seconds=1):
        return []
    middle = (first + (last - first) // 2).replace(microsecond=0)
    return [(_digits(first), _digits(middle)), (_digits(middle + timedelta(seconds=1)), _digits(last))]


def _digits(at: datetime) -> str:
    # strftime's %Y writes years before 1000 with fewer than four digits.
    return f"{at.year:04d}{at:%m%d%H%M%S}"


def end_of(digits: str) -> datetime:
    """Return the last second that 4 to 14 digits name."""
    begin = moment(digits)
    if len(digits) < 8:
        months = 12 if len(digits) < 6 else 1
        year, month = divmod(begin.year * 12 + begin.month - 1 + months, 12)
        return datetime(year, month + 1, 1, tzinfo=UTC) - _SECOND if year < 10_000 else _LAST
    spans = {8: timedelta(days=1), 10: timedelta(hours=1), 12: timedelta(minutes=1)}
    # The next one begins a second after this one's end, but the calendar may have no next one.
    return begin + (spans.get(len(digits), _SECOND) - _SECOND)


def span_of(first: str, last: str) -> tuple[str, str]:
    """Return the digits of two times, each a year, month, day or second as a user writes it.

    Raises UsageError for what is no time, and where the first is later than the second.
    """
    begin, end = _typed(first), _typed(last)
    if moment(begin) > end_of(end):
        raise UsageError(f"--wayback {first} {last}: the first is later than the second; turn them round")
    return begin, end


def _typed(text: str) -> str:
    match = _TYPED.fullmatch(text.strip())
    digits = "".join(part for part in match.groups() if part) if match else "no time"
    try:
        moment(digits)
    except ValueError as error:
        raise UsageError(f"--wayback {text!r} is no time; write 2017, 2017-08-20 or 2017-08-20T16:46:00Z") from error
    return digits


def commoncrawl(get: Get, base: str, crawl: str, prefix: str) -> Iterator[IndexRow | None]:
    """Yield what one crawl of Common Crawl has below an address prefix. Raises as `wayback` does."""
    index = f"{base}/{crawl}-index"
    query = {"url": prefix, "matchType": "prefix", "output": "json"}
    for page in range(_pages(_answered(get, index, query | {"showNumPages": "true"}))):
        yield from _asked(get, index, query | {"page": str(page)})


def _pages(body: bytes) -> int:
    """Return how many pages an index has; one where it does not tell."""
    if not body.strip():
        return 0
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return 1
    pages = told.get("pages") if isinstance(told, dict) else told
    return min(pages, _MOST_PAGES) if isinstance(pages, int) and not isinstance(pages, bool) else 1
