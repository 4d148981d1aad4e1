"""Spots of a page that read otherwise at each look though nobody edits it: counters, distances in time, lost letters.

A spot is told by a closed form, or by what many pages showed (`archive.texts.spots`, a fact of a crawl's summary).
Digits in a text of the article's own are never one. Pure functions over records.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from archive.facts.forms import comparison_form
from archive.facts.names import instant
from archive.facts.outcomes import Rotating
from archive.facts.record import Record, utc_of
from archive.languages.known import LANGUAGES
from archive.texts.ages import same_times
from archive.texts.clocks import same_date
from archive.texts.noise import plain

_Way = Rotating | Literal["edited"] | None
Blocks = Sequence[str]
"""Texts in comparison form, one a paragraph or caption."""
_NUMBER = re.compile(r"(?<![\w.,:/-])\d+(?:[.,' ]\d+)*(?: ?[kKM])?(?![\w:/])")
_MONTHS = "|".join(name for language in LANGUAGES.values() for name in language.dates.full)
_DATED = re.compile(rf"\b(?:{_MONTHS})\b|\d[h:/]\d|\b[12]\d{{3}}-\d", re.IGNORECASE)
_LONGEST, _MOST_WORDS, _MOST_NUMBERS = 100, 12, 3
_LOST = "\ufffd"
_RUN = re.compile(f"{_LOST}+")
# Only what is no ASCII is lost to a wrong charset; no digit is, nor what counts as one.
_LETTER = r"[^\x00-\x7f\s\d\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209f\u2150-\u218f]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spots:
    """What is known to rotate in one article, as one layout reads it."""

    numbers: frozenset[str] = frozenset()
    """Forms of the blocks that hold a counter, as `number_form` gives them."""
    texts: frozenset[str] = frozenset()
    """Blocks in comparison form that take each other's place and are none of the article's own."""


NOWHERE = Spots()


def number_form(block: str) -> str:
    """Return a block's form where numbers stand alone between few words: `Vu # fois`; empty for any other block.

    `block` is in comparison form. One that dates something is none, nor one of more than twelve words.
    """
    if len(block) > _LONGEST or _DATED.search(block):
        return ""
    form, numbers = _NUMBER.subn("#", block)
    words = [word for word in form.split() if any(map(_is_told, word))]
    if not 1 <= numbers <= _MOST_NUMBERS or not 1 <= len(words) <= _MOST_WORDS or re.search(r"\d", form):
        return ""
    return form


def _is_told(sign: str) -> bool:
    # An eye or a heart beside a number is as good as a word.
    return sign.isalpha() or unicodedata.category(sign) == "So"


def numbers_of(block: str) -> tuple[str, ...]:
    """Return the numbers of a block that has a `number_form`, as printed."""
    return tuple(_NUMBER.findall(block))


def blocks_of(record: Record) -> tuple[Blocks, Blocks]:
    """Return a record's paragraphs and its captions in comparison form."""
    captions = [comparison_form(caption["text"]) for caption in record["captions"]]
    return [comparison_form(text) for text in record["body"]], captions


def rotating(old: Record, new: Record, spots: Spots) -> Rotating | None:
    """Return how all of the difference between two records rotates, or None where anything of it does not.

    Of several ways the first one met. The date of publication must be the same, and in the headline, the kicker and the
    lead no number ever rotates.
    """
    if utc_of(old["published"]) != utc_of(new["published"]) and not same_date(old, new):
        return None
    ways = list(_ways(old, new, spots))
    found = [way for way in ways if way is not None and way != "edited"]
    return found[0] if found and "edited" not in ways else None


def _ways(old: Record, new: Record, spots: Spots) -> Iterator[_Way]:
    zone = _zone(new)
    looked = (instant(old["captured_at"]).astimezone(zone), instant(new["captured_at"]).astimezone(zone))
    for one, two in zip(_titles(old), _titles(new), strict=True):
        if comparison_form(one) != comparison_form(two):
            yield "replacement" if lost_letters(comparison_form(one), comparison_form(two)) else "edited"
    for mine, other in zip(blocks_of(old), blocks_of(new), strict=True):
        before, after = _own(mine, spots), _own(other, spots)
        if before == after and mine != other:
            yield "rotating"
        elif len(before) != len(after):
            yield "edited"
        else:
            pairs = ((one, two) for one, two in zip(before, after, strict=True) if one != two)
            yield from (_way(one, two, spots, looked) for one, two in pairs)


def _zone(record: Record) -> tzinfo:
    name = (record["published"] or {"zone": ""})["zone"].removesuffix(" (assumed)")
    try:
        return ZoneInfo(name) if name else UTC
    except (KeyError, ValueError, OSError):
        # An offset, which a clock on the page need not be in.
        return UTC


def _own(blocks: Blocks, spots: Spots) -> Blocks:
    return [block for block in blocks if block not in spots.texts] if spots.texts else blocks


def _way(old: str, new: str, spots: Spots, looked: tuple[datetime, datetime]) -> _Way:
    # None for typography, which says nothing but rotates neither.
    form = number_form(old)
    if form and form in spots.numbers and form == number_form(new):
        return "counter"
    if same_times(old, new, looked):
        return "relative"
    if lost_letters(old, new):
        return "replacement"
    return None if plain(old) == plain(new) else "edited"


def lost_letters(old: str, new: str) -> bool:
    """Tell whether two texts are the same but for U+FFFD where the other one has a letter, or another sign but a digit.

    One to four of them stand for one such sign, as many as it has bytes.
    """
    return old != new and any(_LOST in one and _fits(one, other) for one, other in ((old, new), (new, old)))


def _fits(damaged: str, whole: str) -> bool:
    parts = map(re.escape, _RUN.split(damaged))
    runs = [f"(?:{_LETTER}){{{(len(run) + 3) // 4},{len(run)}}}" for run in _RUN.findall(damaged)]
    pattern = "".join(part + run for part, run in zip(parts, [*runs, ""], strict=True))
    return re.fullmatch(pattern, whole) is not None


def is_damaged(record: Record) -> bool:
    """Tell whether a letter of a record's texts was lost: U+FFFD stands in one."""
    return any(_LOST in text for text in (*_titles(record), *record["body"], *(c["text"] for c in record["captions"])))


def _titles(record: Record) -> Iterable[str]:
    return record["headline"], record["kicker"], record["lead"]
