"""What an index of captures says: the Wayback Machine's CDX server, pywb's, Common Crawl's.

All three take `url`, `matchType`, `from`, `to` and `output=json`. They answer with rows of JSON lists (the first
names the fields), with JSON objects line by line, or with plain lines; all of these are read.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from archive.errors import OutletUnreachable
from crawler.fetching import Answer
from crawler.foreign import moment

PAGE = 5000
"""Rows asked for at a time."""
_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
_NAMES = {"url": "original", "mime": "mimetype", "status": "statuscode"}
_MOST_PAGES = 100_000
_STAMP = re.compile(r"\d{14}")
_DAY = timedelta(days=1)
Get = Callable[..., Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
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
        kind = self.mime.partition(";")[0].strip().lower()
        status = self.status in (None, 200, 404, 410)
        return status and kind in ("", "-", "unk", "text/html", "application/xhtml+xml", "warc/revisit")


def parsed(text: str) -> tuple[list[Row], str | None]:
    """Return an answer's rows, and the key to go on with where it names one. Raises ValueError for anything else."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return [], None
    if text.lstrip().startswith("["):
        return _lists(json.loads(text))
    if lines[0].lstrip().startswith("{"):
        return [row for line in lines if (row := _row(json.loads(line)))], None
    return _plain(lines)


def _lists(values: Any) -> tuple[list[Row], str | None]:
    if not isinstance(values, list) or not all(isinstance(value, list) for value in values):
        raise ValueError("no list of lists")
    key = None
    if len(values) >= 2 and values[-2] == [] and len(values[-1]) == 1:
        key = str(values[-1][0])
        values = values[:-2]
    head, *rest = values or [[]]
    return [row for value in rest if (row := _row(dict(zip(map(str, head), value, strict=False))))], key


def _plain(lines: Sequence[str]) -> tuple[list[Row], str | None]:
    rows, key = [], None
    for line in lines:
        parts = line.split(" ")
        if len(parts) >= 3 and _STAMP.fullmatch(parts[1]):
            said = " ".join(parts[2:])
            fields = json.loads(said) if said.startswith("{") else dict(zip(_FIELDS[2:], parts[2:], strict=False))
            row = _row({"urlkey": parts[0], "timestamp": parts[1], **fields})
            rows += [row] if row else []
        elif len(parts) == 1:
            key = line.strip()
        else:
            raise ValueError(f"no line of an index: {line[:80]!r}")
    return rows, key


def _row(value: Any) -> Row | None:
    """Return a row, or None for one whose time or address can't be read."""
    if not isinstance(value, Mapping):
        raise ValueError("no row of an index")  # noqa: TRY004 - a value of the network's, no type of ours
    told = {_NAMES.get(name, name): str(found) for name, found in value.items() if found is not None}
    url, timestamp = told.get("original", ""), told.get("timestamp", "")
    if not url.lower().startswith("http") or not _STAMP.fullmatch(timestamp):
        return None
    try:
        at = moment(timestamp)
    except ValueError:
        return None
    status, numbers = told.get("statuscode", ""), (told.get("offset", ""), told.get("length", ""))
    offset, length = (int(n) if n.isdecimal() and len(n) < 19 else 0 for n in numbers)
    return Row(
        url=url, at=at, timestamp=timestamp, mime=told.get("mimetype", ""), digest=told.get("digest", ""),
        status=int(status) if status.isdecimal() and len(status) == 3 else None,
        filename=told.get("filename", ""), offset=offset, length=length,
    )  # fmt: skip


def _asked(get: Get, base: str, query: Mapping[str, str]) -> tuple[list[Row], str | None]:
    answer = get(f"{base}?{urlencode(query)}", most=64 * 2**20)
    if answer.status == 404:
        # How Common Crawl says that it has none.
        return [], None
    if answer.status != 200:
        raise OutletUnreachable(f"{base} gave no index but {answer.status}; check the setting, or run it again later")
    try:
        return parsed(answer.body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise OutletUnreachable(f"{base} gave no index: {error}; check the setting, or run it again later") from error


def wayback(get: Get, base: str, prefix: str, span: tuple[str, str], limit: int = PAGE) -> Iterator[Row]:
    """Yield what a CDX server has below an address prefix between two times (4 to 14 digits each), page by page.

    It goes on by resume key; a server that gives none, and as many rows as were asked for, is asked again for each
    half of the time. Raises OutletUnreachable for an answer that is no index, and as `Fetcher.get` does.
    """
    query = {
        "url": prefix, "matchType": "prefix", "output": "json", "from": span[0], "to": span[1],
        "limit": str(limit), "showResumeKey": "true",
    }  # fmt: skip
    for _ in range(_MOST_PAGES):
        rows, key = _asked(get, base, query)
        cut = key is None and len(rows) >= limit and "resumeKey" not in query
        if cut and (halves := _halves(span)):
            for half in halves:
                yield from wayback(get, base, prefix, half, limit)
            return
        yield from rows
        if key is None or query.get("resumeKey") == key:
            return
        query["resumeKey"] = key


def _halves(span: tuple[str, str]) -> list[tuple[str, str]]:
    first, last = moment(span[0]), _end(span[1])
    if last - first < timedelta(seconds=1):
        return []
    middle = first + (last - first) // 2
    form = "%Y%m%d%H%M%S"
    after = middle.replace(microsecond=0) + timedelta(seconds=1)
    return [(first.strftime(form), middle.strftime(form)), (after.strftime(form), last.strftime(form))]


def _end(digits: str) -> datetime:
    """Return the last second that 4 to 14 digits name."""
    begin = moment(digits)
    if len(digits) == 4:
        return begin.replace(year=begin.year + 1) - timedelta(seconds=1)
    if len(digits) == 6:
        return (begin + 32 * _DAY).replace(day=1) - timedelta(seconds=1)
    spans = {8: _DAY, 10: timedelta(hours=1), 12: timedelta(minutes=1)}
    return begin + spans.get(len(digits), timedelta(seconds=1)) - timedelta(seconds=1)


def commoncrawl(get: Get, base: str, crawl: str, prefix: str) -> Iterator[Row]:
    """Yield what one crawl of Common Crawl has below an address prefix. Raises as `wayback` does."""
    index = f"{base}/{crawl}-index"
    query = {"url": prefix, "matchType": "prefix", "output": "json"}
    answer = get(f"{index}?{urlencode(query | {'showNumPages': 'true'})}")
    pages = _pages(answer)
    for page in range(pages):
        yield from _asked(get, index, query | {"page": str(page)})[0]


def _pages(answer: Answer) -> int:
    """Return how many pages an index has; one where it does not tell."""
    if answer.status == 404:
        return 0
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return 1
    pages = told.get("pages") if isinstance(told, dict) else told
    return min(pages, _MOST_PAGES) if isinstance(pages, int) and not isinstance(pages, bool) else 1
