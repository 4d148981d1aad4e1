"""Names: instants as text, crawl and batch ids, the keys that follow from them. All times are aware UTC."""

import re
import secrets
from datetime import UTC, date, datetime, time, timedelta, tzinfo

KEY = re.compile(r"[a-z0-9./-]+")
ARTICLE_ID = re.compile(r"[1-9][0-9]{0,11}")
"""An article's number as it is written everywhere: ASCII digits, no zero before them."""
_BATCH = re.compile(r"([0-9]{8}t[0-9]{6}z-[0-9a-f]{8})-[0-9]{4,}")
LOG_PREFIX = "log/"
FACTS = ("captures/", "records/", "checks/")
"""Where segments lie, which commits name."""
BACKFILL, REPLAY = "backfill-", "replay-"
"""How the ids of backfills begin: what others captured, and no crawl of ours."""
_COMPACT = "%Y%m%dt%H%M%Sz"
_WAYBACK = re.compile(r"[0-9]{14}", re.ASCII)
_SPOKEN = {"today": 0, "yesterday": 1}


def stamp(moment: datetime) -> str:
    """Return an instant as RFC 3339 text in UTC with microseconds and `Z`: sortable, always 27 characters."""
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds').removesuffix('+00:00')}Z"


def instant(text: str) -> datetime:
    """Read RFC 3339 text into an aware UTC instant. Raises ValueError for text without a zone or past the calendar."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"no zone in the instant {text!r}")
    return moment if moment.tzinfo is UTC else _in_utc(moment, text)


def as_utc(moment: datetime) -> datetime:
    """Return an instant in UTC, aware; one that names no zone is UTC."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _in_utc(moment: datetime, text: str) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} lies past the calendar") from error


def typed(text: str, *, zone: tzinfo = UTC, end: bool = False) -> datetime:
    """Read a time that a person typed into an aware UTC instant: a day or an instant, in any form of ISO 8601.

    A day is one of the `zone` and means its start, or with `end` its last microsecond; an instant that names no zone is
    UTC, and may be the fourteen digits of the Wayback Machine (`20261124122630`). Raises ValueError.
    """
    if _WAYBACK.fullmatch(text):
        text = f"{text[:8]}T{text[8:]}"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return _in_utc(moment, text) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return _in_utc(datetime.combine(day, time.max if end else time.min, zone), text)


def dated(text: str, now: datetime, zone: tzinfo) -> str:
    """Return the day of a zone (`2026-11-24`) that `today` or `yesterday` means at an instant; other text as it is."""
    back = _SPOKEN.get(text.strip().lower())
    return text if back is None else f"{now.astimezone(zone).date() - timedelta(days=back)}"


def compact(moment: datetime) -> str:
    """Return an instant as `20261124t120000z`: for keys, to the second."""
    return moment.astimezone(UTC).strftime(_COMPACT)


def from_compact(text: str) -> datetime:
    """Read what `compact` writes into an aware UTC instant. Raises ValueError."""
    return datetime.strptime(text, _COMPACT).replace(tzinfo=UTC)


def crawl_id(started_at: datetime) -> str:
    """Make the id of a crawl from its start and 32 random bits: `20261124t120000z-1f2e3d4c`."""
    return f"{compact(started_at)}-{secrets.token_hex(4)}"


def batch_id(opened_at: datetime, crawl: str, number: int) -> str:
    """Make a batch's id from the time it was opened, its crawl's random part and a counter; ids sort by time."""
    return f"{compact(opened_at)}-{crawl.rpartition('-')[2]}-{number:04d}"


def crawl_of(batch: str) -> str:
    """Return a crawl's id as the name of its first batch gives it; empty for a name that `batch_id` does not make."""
    match = _BATCH.fullmatch(batch)
    return match[1] if match else ""


def segment_key(kind_folder: str, written_on: date, batch: str, ending: str) -> str:
    """Return `captures/2026/11/24/<batch>.warc.gz` and its like; the day is the day of writing."""
    return f"{kind_folder}/{written_on:%Y/%m/%d}/{batch}.{ending}"


def commit_key(seq: int) -> str:
    """Return the key of a commit: `log/000000000042.json`."""
    return f"{LOG_PREFIX}{seq:012d}.json"
