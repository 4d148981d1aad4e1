"""The form in which words are searched for: what a reader can't see, or can't type, is no difference.

It is put into the catalog and asked of it by one function, and is no part of any digest.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

_APOSTROPHES = "'\u2018\u2019\u201a\u201b\u02bc\u02b9\u00b4`\u2032\uff07"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
# Letters that Unicode does not take apart, as they are typed where a keyboard lacks them; the Arabic forms of letters
# that Persian pages mix with their own.
_TYPED = {
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ŋ": "n", "ĸ": "k",
    "ı": "i", "ي": "ی", "ى": "ی", "ك": "ک", **dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_DASHES, "-"),  # noqa: RUF001 - that is what is folded
}  # fmt: skip
# The look behind stands after the first digit: most places are left at once.
_NUMBER = r"[0-9](?<![\w.,][0-9])[0-9]{0,2}(?:[ .,'][0-9]{3})+(?![0-9])"
_ODD = re.compile(r"[^ -~\n]+")
_IN_GROUPS, _TOKEN = re.compile(_NUMBER), re.compile(rf"{_NUMBER}|[^\W_]+")
_GROUPED = re.compile(r"\D")
_DIGITS = re.compile(r"[0-9]+")
_SPACE = re.compile(r"\s")


class FoundWord(NamedTuple):
    """A word of a text: its form, and where it stands in the text."""

    form: str
    begin: int
    end: int


class _Table(dict[int, str]):
    """What each character is searched as, worked out when it is met first."""

    def __missing__(self, code: int) -> str:
        found = self[code] = _searched(chr(code))
        return found


_UNSEEN = frozenset(("Cf", "Mn", "Me", "Mc"))
"""Categories of marks: invisible ones, and those that stand on a letter."""


def _searched(char: str) -> str:
    kind = unicodedata.category(char)
    if char in _TYPED or kind == "Nd":
        return _TYPED.get(char) or str(unicodedata.digit(char))
    # Numbers of two lines are never one; what ASCII has stands for itself.
    if char == "\n" or (char.isascii() and not char.isalnum()):
        return char if char.isprintable() or char == "\n" else " "
    if kind in _UNSEEN:
        return ""
    if not char.isalnum():
        return " "
    if kind == "No":
        # `⁶` and `½` are not the digits that they are made of.
        return char
    apart = unicodedata.normalize("NFKD", char.casefold()).casefold()
    return "".join(_TYPED.get(c, c) for c in apart if c.isalnum() and unicodedata.category(c) not in _UNSEEN)


_TABLE = _Table()
# What French texts have most of is replaced by itself: that is a third of the work.
_COMMON = tuple((char, _TABLE[ord(char)]) for char in "éèàêçùôîâûëïöáñ’œ«»“”©—–…\u00a0\u202f")

# A number in groups has this shape, where digits are 0 and what parts them is a point.
_SHAPE = b"0.000"
_SHAPES = bytes(48 if 48 <= code < 58 else 46 if code in b" .,'" else 120 for code in range(256))
_PRINTED = bytes(code if 32 <= code < 127 or code == 10 else 32 for code in range(256))


def search_form(text: str) -> str:
    """Return text as it is searched: small letters without accents and ligatures, digits of any script as ASCII.

    Invisible marks are out, a number with its thousands parted (`2 200`, `2.200`) is one, apostrophes and dashes are of
    one kind. Idempotent.
    """
    return _IN_GROUPS.sub(lambda number: _plain(number[0]), _translated(text))


def _translated(text: str) -> str:
    small = text.lower()
    for char, form in () if small.isascii() else _COMMON:
        small = small.replace(char, form)
    if small.isascii():
        # Nothing odd can be left but what does not print.
        return small.encode().translate(_PRINTED).decode()
    return _ODD.sub(lambda odd: odd[0].translate(_TABLE), small)


def numbers_joined(text: str) -> str:
    """Return text as it is typed, but a number with its thousands parted as one: `2 200` means 2200."""
    return _IN_GROUPS.sub(lambda number: _plain(number[0]), _SPACE.sub(" ", text))


def indexed_form(text: str) -> str:
    """Return text as it is put into an index: in its search form, and of a number in groups each group as well.

    `737 800` may be a type of aircraft and a count.
    """
    form = _translated(text)
    if _SHAPE not in form.encode(errors="replace").translate(_SHAPES):
        return form
    return _IN_GROUPS.sub(lambda number: f"{_plain(number[0])} {number[0]}", form)


def groups_of(word: str) -> list[str]:
    """Return the groups of a number that stands in groups, as they are indexed; none of any other word."""
    return [] if word.isalnum() else _DIGITS.findall(indexed_form(word))[1:]


def _plain(word: str) -> str:
    return _GROUPED.sub("", word) if word[0].isdigit() and not word.isalnum() else word


def words_in(text: str) -> Iterator[FoundWord]:
    """Yield the words of a text in the order in which they stand, each with its form."""
    forms = [_TABLE[ord(char)] for char in text]
    ends = list(accumulate(map(len, forms)))
    place = 0
    for word in _TOKEN.finditer("".join(forms)):
        while ends[place] <= word.start():
            place += 1
        begin = place
        while ends[place] < word.end():
            place += 1
        yield FoundWord(form=_plain(word[0]), begin=begin, end=place + 1)
