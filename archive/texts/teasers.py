"""Two texts under which a listing linked to one article: whether they say the same."""

import re
from datetime import timedelta

from archive.languages.known import LANGUAGES, UNIT_PATTERN, UNIT_WORDS, UNITS
from archive.texts.noise import plain

_LEANS = "|".join(pattern for language in LANGUAGES.values() for pattern in language.dates.leaning)
AGO = rf"(?:(?:{_LEANS})\s*:?\s*)?(\d{{1,3}})\s*({UNIT_PATTERN})\b(?:\s*(?:{_LEANS}))?"
"""How long ago something was, as pages print it beside their links: the number and its unit are groups."""
_AGO_AT_AN_END = re.compile(rf"^{AGO}\W*|\W*\b{AGO}$", re.IGNORECASE)
_CUT = re.compile(r"\W*(?:\.\.\.|\[\s*\.\.\.\s*\])$")
_WORD = re.compile(r"\w+")


def said(text: str) -> str:
    """Return what a teaser says, whatever its case, quotes, dashes and spaces."""
    return plain(text).casefold()


def is_cut(text: str) -> bool:
    """Tell whether a text ends in the marks of one that was cut."""
    return _CUT.search(said(text)) is not None


def alike(old: str, new: str, apart: timedelta) -> bool:
    """Tell whether two texts of one link say the same, the second seen so long after the first.

    They do where they differ in case or typography, where one was cut (`…`) and the other begins like it, and where a
    time before the look (`il y a 5 minutes`) at an end of them went on as the clock did.
    """
    before, after = said(old), said(new)
    return before == after or _cut_alike(before, after) or _aged(before, after, apart)


def moved_alike(old: str, new: str) -> bool:
    """Tell whether two texts at different spots of a page may be one headline, printed as each spot prints it.

    There it takes more to call it another: two thirds of its words in common, and on either side one that the other
    lacks.
    """
    before, after = set(_WORD.findall(said(old))), set(_WORD.findall(said(new)))
    common = before & after
    return before <= after or after <= before or 3 * len(common) < 2 * max(len(before), len(after))


def in_common(old: str, new: str) -> int:
    """Return how many words two texts have in common."""
    return len(set(_WORD.findall(said(old))) & set(_WORD.findall(said(new))))


def _cut_alike(before: str, after: str) -> bool:
    cut = [(_CUT.sub("", text), bool(_CUT.search(text))) for text in (before, after)]
    (one, one_cut), (other, other_cut) = cut
    if one_cut and other_cut:
        return one.startswith(other) or other.startswith(one)
    return (one_cut and other.startswith(one)) or (other_cut and one.startswith(other))


def _aged(before: str, after: str, apart: timedelta) -> bool:
    found = [_AGO_AT_AN_END.search(text) for text in (before, after)]
    if found[0] is None or found[1] is None:
        return False
    rest = [text[: at.start()] + text[at.end() :] for text, at in zip((before, after), found, strict=True) if at]
    ages = [_age(at) for at in found if at]
    # Each is rounded to its unit, down as a rule.
    return rest[0] == rest[1] and abs(ages[1][0] - ages[0][0] - apart) <= max(ages[0][1], ages[1][1])


def _age(found: re.Match[str]) -> tuple[timedelta, timedelta]:
    number, word = (part for part in found.groups() if part)
    unit = UNITS[UNIT_WORDS[word]]
    return int(number) * unit, unit
