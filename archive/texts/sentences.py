"""Texts held against each other: sentences aligned, reworded ones paired, their words marked. Time is bounded.

All texts are in comparison form (`archive.facts.record.comparison_form`): single spaces, no invisible marks.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq, Levenshtein

from archive.languages.known import LANGUAGES
from archive.languages.language import Language

Mark = tuple[str, str]
"""(`=`, `-` or `+`, text)."""

ALIGNED = 4_000
"""Units a side, beyond the common ends, that are aligned in order; of more only the numbers are held together."""
MARKED = 4_000
"""Words and spaces a side of which marks are made; longer sentences are replaced whole."""
ALIKE = 60.0
"""Per cent of characters in common (Indel) from which a sentence is reworded, not another one."""
_BUDGET = 4_000_000_000
# A comparison costs about as much as 40,000 cells of the bit-parallel matrix before it has begun.
_CALL = 40_000

# A run of stops is met only at its first mark and never given back: dots alone would be quadratic.
_END = re.compile(r"(?<![.!?…])[.!?…]++(?: ?»|[”’\"')\]])*+(?= )")
_NEXT = re.compile(r" (?:[«“‘\"'(\[—–-] ?)*([^\W_])")
_LAST_WORD = re.compile(r"[^\W_]+(?:[.-]+[^\W_]+)*$")
# In comparison form every kind of space is one blank; groups of three make one number, behind a year they make none.
_GROUPED = r"(?<![\d.,:/])[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?(?!\d)"
_PARTED = r"\d+(?:[.,:/]\d+)+"
_MONTHS = "|".join(name for language in LANGUAGES.values() for name in language.dates.full)
# `3 déc. 2026`, `Dec. 3, 2026`; among the abbreviations before a number are some of no month, too.
_CUT = {name for language in LANGUAGES.values() for name in language.short_months if len(name) > len("no")}
_AFTER = "|".join(sorted({*_CUT, *map(str.capitalize, _CUT)}, key=len, reverse=True))
_BEFORE = "|".join(sorted(map(str.capitalize, _CUT), key=len, reverse=True))
_DAY = (
    rf"\d{{1,2}}(?:er)? (?:(?:{_MONTHS})\b|(?:{_AFTER})\b\.?)(?: \d{{4}}\b)?"
    rf"|(?:(?:{_MONTHS})|(?:{_BEFORE})\b\.?) \d{{1,2}}\b(?:,? \d{{4}}\b)?"
)
_TOKEN = rf"{_DAY}|(?:{_GROUPED}|{_PARTED}|\d+)(?: ?[%‰])|{_GROUPED}|{_PARTED}"
_WORDS = re.compile(rf"\s+|{_TOKEN}|\w+|[^\w\s]")
_COUNTED = re.compile(r"\d+(?:[.,:/]\d+)+|\w+")
_STOPS = ' .!?…»”"'
_FEWEST = 4
"""Words of a sentence from which it is known again inside a longer one."""
_UNKNOWN = Language(code="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reworded:
    """A sentence that stands in other words; the marks without `+` are the old one, without `-` the new one."""

    old: str
    new: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What differs between two texts, each in the order of its text."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reworded: tuple[Reworded, ...] = ()
    moved: tuple[str, ...] = ()


def sentences(text: str, language: Language | None) -> list[str]:
    """Split text of a language into sentences; joined by single spaces they are the text again.

    A stop after an abbreviation of the language, an initial or a list's number ends none, nor one before a lower-case
    letter.
    """
    found, start, known = [], 0, language or _UNKNOWN
    for end in _END.finditer(text):
        if _ends(text, start, end, known):
            found.append(text[start : end.end()])
            start = end.end() + 1
    return [*found, text[start:]] if text[start:] else found


def _ends(text: str, start: int, end: re.Match[str], language: Language) -> bool:
    following = _NEXT.match(text, end.end())
    if following is None or following[1].islower():
        return False
    if end[0] != ".":
        return True
    word = _LAST_WORD.search(text, max(start, end.start() - 16), end.start())
    if word is None:
        return True
    last = word[0]
    if last.isdigit():
        # The whole sentence so far is a number: `1. Le texte`.
        return word.start() > start or len(last) > 2
    if last.lower() in language.short_months:
        return not following[1].isdigit()
    return not (last.lower() in language.abbreviations or "." in last or (len(last) == 1 and last.isupper()))


def words(text: str) -> list[str]:
    """Part text into words, numbers, spaces and single signs; joined they are the text again."""
    return _WORDS.findall(text)


def count(text: str) -> int:
    """Return how many words and numbers stand in text."""
    return sum(1 for _ in _COUNTED.finditer(text))


def marks(old: str, new: str) -> tuple[Mark, ...]:
    """Return the word marks that lead from one sentence to the other; spaces between two changed words join them."""
    before, after = words(old), words(new)
    if len(before) > MARKED or len(after) > MARKED:
        return _whole(old, new)
    found: list[Mark] = []
    out, into = "", ""
    steps = list(Levenshtein.opcodes(before, after))
    for step in steps:
        same = "".join(before[step.src_start : step.src_end])
        if step.tag != "equal" or (same.isspace() and (out or into) and step is not steps[-1]):
            out, into = out + same, into + "".join(after[step.dest_start : step.dest_end])
        else:
            found += [*_whole(out, into), ("=", same)]
            out, into = "", ""
    return (*found, *_whole(out, into))


def _whole(old: str, new: str) -> tuple[Mark, ...]:
    return tuple(mark for mark in (("-", old), ("+", new)) if mark[1])


def align(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return (removed, added) units. Beyond ALIGNED units order is not looked at."""
    before, after = common_ends(old, new)
    if len(before) > ALIGNED or len(after) > ALIGNED:
        return _less(before, after), _less(after, before)
    removed: list[str] = []
    added: list[str] = []
    for step in LCSseq.opcodes(before, after):
        if step.tag != "equal":
            removed += before[step.src_start : step.src_end]
            added += after[step.dest_start : step.dest_end]
    return removed, added


def common_ends(old: Sequence[str], new: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return both lists without the entries they have in common at the start and at the end."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    return old[start : len(old) - end], new[start : len(new) - end]


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    return next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _less(these: Sequence[str], those: Sequence[str]) -> list[str]:
    left = Counter(those)
    rest = []
    for unit in these:
        if left[unit]:
            left[unit] -= 1
        else:
            rest.append(unit)
    return rest


def without(units: Sequence[str], taken: Counter[str]) -> list[str]:
    """Return the units less so many of each as `taken` counts, the first ones first; `taken` is used up."""
    rest = []
    for unit in units:
        if taken[unit] > 0:
            taken[unit] -= 1
        else:
            rest.append(unit)
    return rest


def pair(removed: Sequence[str], added: Sequence[str], *, alike: float = ALIKE) -> Edits:
    """Pair what was removed with what was added in other words, the most alike first, each at most once."""
    scored = sorted(_scored(removed, added, alike), key=lambda s: (-s[0], abs(s[1] - s[2]), s[1]))
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in scored:
        if i not in partner and j not in taken:
            partner[i] = j
            taken.add(j)
    return Edits(
        added=tuple(text for j, text in enumerate(added) if j not in taken),
        removed=tuple(text for i, text in enumerate(removed) if i not in partner),
        reworded=tuple(
            Reworded(old=removed[i], new=added[j], marks=marks(removed[i], added[j]))
            for i, j in sorted(partner.items())
        ),
    )


def _scored(removed: Sequence[str], added: Sequence[str], alike: float) -> Iterator[tuple[float, int, int]]:
    left = _BUDGET
    for i, j in _nearest_first(len(removed), len(added)):
        left -= len(removed[i]) * len(added[j]) + _CALL
        if left < 0:
            return
        score = fuzz.ratio(removed[i], added[j], score_cutoff=alike)
        if not score and _grew(removed[i], added[j]):
            score = alike
        if score or not alike:
            yield score, i, j


def _grew(old: str, new: str) -> bool:
    """Tell whether one sentence stands in the other word for word, so that it grew, or was cut, and is no other one.

    What came to it stands around it, or in one place within it.
    """
    short, long = sorted((old, new), key=len)
    kept = short.rstrip(_STOPS)
    if len(kept.split()) < _FEWEST:
        return False
    if short[0] == long[0] and short[-1] == long[-1] and not common_ends(short.split(), long.split())[0]:
        return True
    within = (kept, kept[:1].lower() + kept[1:])
    return any(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", long) for text in within if text in long)


def _nearest_first(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    for distance in range(max(rows, columns)):
        for i in range(rows):
            for j in {i - distance, i + distance}:
                if 0 <= j < columns:
                    yield i, j
