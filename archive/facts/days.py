"""Dates of the outlet as its pages print them: in its own zone, beside the instant in UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from archive.facts.names import instant
from archive.facts.record import MomentFields

_ASSUMED = re.compile(r"(.+) \(assumed\)")
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")


def zone_of(moment: MomentFields, outlet: tzinfo) -> tzinfo:
    """Return the zone in which the page prints a date: what it states, else what was taken, else the outlet's.

    An instant stated in UTC is a machine's; what stands on the page beside it is in the outlet's own zone.
    """
    if assumed := _ASSUMED.fullmatch(moment["zone"]):
        try:
            return ZoneInfo(assumed[1])
        except (KeyError, ValueError, OSError):
            return outlet
    if stated := _OFFSET.fullmatch(moment["zone"]):
        ahead = timedelta(hours=int(stated[2]), minutes=int(stated[3]))
        if timedelta() < ahead < timedelta(days=1):
            return timezone(-ahead if stated[1] == "-" else ahead)
    return outlet


def in_zone(at: datetime, zone: tzinfo) -> datetime:
    """Return an instant in a zone; in UTC on the calendar's first and last day, which an outlet may print."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at.astimezone(UTC)


def day_of(moment: MomentFields | None, outlet: tzinfo) -> str | None:
    """Return a stored date's day as the page prints it (`2021-07-17`); None where there is none to believe."""
    if moment is None or not moment["utc"]:
        return None
    return in_zone(instant(moment["utc"]), zone_of(moment, outlet)).date().isoformat()


def in_words(moment: MomentFields | None, outlet: tzinfo) -> str:
    """Return a stored date for people: day and time as on the page, in which zone, and the instant in UTC."""
    if moment is None or not moment["utc"]:
        return (moment["raw"] if moment else "") or "unknown"
    zone = zone_of(moment, outlet)
    told = str(outlet) if zone is outlet and not _ASSUMED.fullmatch(moment["zone"]) else moment["zone"]
    at = in_zone(instant(moment["utc"]), zone)
    day = at.date().isoformat()
    return f"{day if moment['precision'] == 'day' else f'{day} {at:%H:%M}'} {told}, {moment['utc']}"
