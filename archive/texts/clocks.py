"""The outlet's four clocks: the visible date line, meta data, feed or sitemap, Last-Modified; and which of them moved.

Pure functions over records (`archive.facts.record.build`). An edit while none of them moves is silent.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, cast

from archive.facts.forms import comparison_form
from archive.facts.httpdates import http_date
from archive.facts.names import instant
from archive.facts.record import APART, MomentFields, Record, clock_of, identity
from archive.languages.known import LANGUAGES, UNITS

CLOCKS = ("visible", "meta", "feed", "last_modified")
_ZONES = timedelta(hours=14)
"""How far apart two zones' readings of one clock lie at most."""
NEAR = timedelta(minutes=1)
"""How close to the answer's own Date a clock stands that only says what time it is."""
_EXACT = ("second", "minute")
_UNDATED = {"published": None}
LOOKS = 2
"""At how many looks that found the text unchanged a clock moved, before it is said to run."""
Pulse = Mapping[str, int]
"""What the clocks did at a look that found the text unchanged: name → how many of its texts moved, 0 where it stood."""
# `il y a 5 mn` reads otherwise at every look.
_LEANING = "|".join(word for language in LANGUAGES.values() for word in language.dates.leaning)
_RELATIVE = re.compile(rf"\b(?:{_LEANING})\b", re.IGNORECASE)


def moved(old: Record, new: Record) -> tuple[str, ...]:
    """Return the names of the clocks that moved, in the order of CLOCKS.

    Two readings agree where the stretches that their precision leaves overlap, so 16:46 and 16:46:13 do. A clock that
    is gone says nothing, nor does one in another layout that only looks otherwise. A Last-Modified that only repeats
    the answer's own Date is none (RFC 9110, section 8.8.2.1).
    """
    dates = ((old["published"], new["published"]), (old["modified"], new["modified"]))
    found: set[str] = {
        clock_of(after["source"])
        for before, after in dates
        if after and _reads_otherwise(before, after) and not _from_elsewhere(old, new, before, after)
    }
    found |= {name for name in ("visible", "meta", "feed") if _says_otherwise(old, new, name)}
    http = new["capture"]["http"]
    served = http.get("last_modified")
    if served and served not in {http.get("date"), old["capture"]["http"].get("last_modified")}:
        found.add("last_modified")
    return tuple(name for name in CLOCKS if name in found)


def moved_parts(old: Record, new: Record, name: str) -> int:
    """Return how many texts of a clock are not those of the record before; at least one where there is no text."""
    before, after = (said(record).get(name) or "" for record in (old, new))
    return max(1, len(_parts(after) - _parts(before))) if name != "last_modified" else 1


def pulse(before: Record, now: Record, last_modified: str | None) -> Pulse:
    """Return what the clocks did at a look that found the text unchanged, of those that can be told.

    `before` is the record in force, `now` what was read, `last_modified` what the header said at the look before. A
    clock that stands within a minute of the look counts as moved: so does one that shows the present time.
    """
    found, http = {}, now["capture"]["http"]
    if (served := http.get("last_modified")) and last_modified:
        at = http_date(served)
        found["last_modified"] = int(served != last_modified or (at is not None and abs(_answered(now) - at) <= NEAR))
    was, told = before["modified"], now["modified"]
    if was and told and was["utc"] and told["utc"] and was["source"] == told["source"]:
        unit = UNITS.get(told["precision"], timedelta())
        near = unit < UNITS["day"] and abs(_answered(now) - instant(told["utc"])) <= NEAR + unit
        name = clock_of(told["source"])
        found[name] = moved_parts(before, now, name) if near or not agree(was, told) else 0
    return found


def dated_now(seen: Sequence[Record]) -> bool:
    """Tell whether an article's date of publication is the time of each look, by its records, oldest first.

    So it is where all of them say so, and two looks or more found the text of the look before: who writes at every
    look may well date at every look.
    """
    return all(map(_is_dated_now, seen)) and sum(_same_text(*pair) for pair in pairwise(seen)) >= LOOKS


def _is_dated_now(record: Record) -> bool:
    moment = record["published"]
    if not moment or not moment["utc"] or moment["precision"] not in _EXACT:
        return False
    return abs(_answered(record) - instant(moment["utc"])) <= NEAR + UNITS[moment["precision"]]


def _same_text(one: Record, other: Record) -> bool:
    return identity(one) | _UNDATED == identity(other) | _UNDATED


def updated(old: Record, new: Record) -> bool:
    """Tell whether the date of the last update moved."""
    return _reads_otherwise(old["modified"], new["modified"])


def _answered(record: Record) -> datetime:
    # By the server's own clock, which is the one that its pages are made by.
    return http_date(record["capture"]["http"].get("date") or "") or instant(record["captured_at"])


def running(pulses: Iterable[Pulse]) -> dict[str, int]:
    """Return the clocks that run, by several looks that found a text unchanged: name → how many of its texts do.

    One runs that moved at two of them or more, and at more than those at which it stood. 0 where two looks or more saw
    it, and it does not run.
    """
    told: dict[str, list[int]] = defaultdict(list)
    for each in pulses:
        for name, parts in each.items():
            told[name].append(parts)
    return {name: _beat(parts) for name, parts in sorted(told.items()) if len(parts) >= LOOKS}


def _beat(parts: list[int]) -> int:
    moving = [count for count in parts if count]
    return max(moving) if len(moving) >= LOOKS and 2 * len(moving) > len(parts) else 0


def _says_otherwise(old: Record, new: Record, name: str) -> bool:
    before, after = (said(record).get(name) for record in (old, new))
    if not before or not after or _RELATIVE.search(before + after):
        return False
    if name != "feed" and old["extraction"]["layout"] != new["extraction"]["layout"]:
        return False
    return bool(_parts(after) - _parts(before))


def said(record: Record) -> dict[str, str | None]:
    """Return what each clock said, as printed, by its name; nothing for a record without clocks."""
    return cast("dict[str, str | None]", record.get("clocks") or {})


def _parts(text: str) -> set[str]:
    return {comparison_form(part) for part in text.split(APART)}


def _reads_otherwise(before: MomentFields | None, after: MomentFields | None) -> bool:
    if before is None or after is None:
        return after is not None
    if before["utc"] and after["utc"]:
        if not agree(before, after):
            return True
        if "relative" in before["issue"] + after["issue"] or before["source"] != after["source"]:
            return False
    return _printed(before) != _printed(after)


def same_date(old: Record, new: Record) -> bool:
    """Tell whether two records give the same date of publication, though perhaps another instant.

    So it is with the same text read at another time (`il y a 3 heures`, a date in the future), with two sources whose
    precisions overlap, and with another source beside which what the first one printed still stands. False where one of
    them has no date.
    """
    before, after = old["published"], new["published"]
    if not before or not after:
        return False
    return not _reads_otherwise(before, after) or _from_elsewhere(old, new, before, after)


def _from_elsewhere(old: Record, new: Record, before: MomentFields | None, after: MomentFields) -> bool:
    """Tell whether a date was only taken from another place, which came or went beside one that says what it said.

    A meta line with an offset is believed before a printed clock without one: nobody moved either.
    """
    if before is None or clock_of(before["source"]) == clock_of(after["source"]):
        return False
    if not before["utc"] or not after["utc"] or abs(instant(after["utc"]) - instant(before["utc"])) > _ZONES:
        return False
    return _stands(before, new) or _stands(after, old)


def _stands(moment: MomentFields, there: Record) -> bool:
    told = _parts(said(there).get(clock_of(moment["source"])) or "")
    return _printed(moment) in {part.partition("[")[0].strip() for part in told}


def agree(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two moments that have an instant may be the same one, by their precisions."""
    earlier, later = sorted((one, other), key=lambda moment: instant(moment["utc"]))
    unit = UNITS.get(earlier["precision"], timedelta(microseconds=1))
    return instant(later["utc"]) - instant(earlier["utc"]) < unit


def _printed(moment: Mapping[str, Any]) -> str:
    # What stands behind it in brackets, `[Updated: …]`, is the other clock's.
    return comparison_form(moment["raw"].partition("[")[0])
