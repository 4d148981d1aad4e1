"""What kind of words a reworded sentence changed: numbers, names, quotations, attributions, hedges.

Each rule is small and has a revision, which stands beside every type that it gives: what it says can be weighed.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from archive.texts.sentences import Mark, Reworded

Type = dict[str, str | int]

_DIGITS = re.compile(r"\d+(?:[.,:/\u00a0 ]\d+)*")
_COUNT_WORDS = re.compile(
    r"\b(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante"
    r"|cinquante|soixante|cents?|mille|millions?|milliards?|dizaines?|douzaines?|centaines?|milliers?|moitié|tiers)\b",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w’'-]*\w")
_FIRST_WORD = re.compile(r"\W*\w[\w’'-]*")
_QUOTED = re.compile(r"«\s*(.+?)\s*»|“(.+?)”|\"(.+?)\"")
_SAYING = re.compile(
    r"\b(?:selon|d[’']après|affirm|déclar|assur|indiqu|annonc|précis|estim|soulign|confirm|expliqu|rapport|accus|avou"
    r"|reconna[iî]|démen|ajout|cit(?:é|ant)|sources?\b|dit\b|disent\b|dixit\b)\w*",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"\b(?:(?:au|se|pour|dev|fe|i|au?|sau|vien|tien)rai(?:en)?t|peut-être|probable(?:ment)?|environ|près de|presque"
    r"|sembl(?:e|ent|ait)|apparemment|présumée?s?|supposée?s?|prétendue?s?|soi-disant|éventuel(?:le)?(?:ment|s)?"
    r"|possible(?:ment)?|au moins|plus de|moins de|jusqu[’']à|quelques?|vraisemblable(?:ment)?)(?!\w)",
    re.IGNORECASE,
)


def _sides(marks: Sequence[Mark]) -> tuple[str, str]:
    return tuple("\n".join(text for sign, text in marks if sign == which) for which in "-+")  # type: ignore[return-value]


def _differ(rule: re.Pattern[str], old: str, new: str) -> bool:
    found = [Counter(match.casefold() for match in rule.findall(text)) for text in (old, new)]
    return found[0] != found[1]


def _digits(edit: Reworded) -> bool:
    # Over the whole sentence: a mark may hold but a part of `2 200`.
    return _differ(_DIGITS, edit.old, edit.new)


def _count_words(edit: Reworded) -> bool:
    return _differ(_COUNT_WORDS, *_sides(edit.marks))


def _capitals(edit: Reworded) -> bool:
    # The first word has its capital from the sentence.
    return _differ(_CAPITAL, *(_FIRST_WORD.sub("", text, count=1) for text in (edit.old, edit.new)))


def _quotation(edit: Reworded) -> bool:
    return _QUOTED.findall(edit.old) != _QUOTED.findall(edit.new)


def _saying(edit: Reworded) -> bool:
    return _differ(_SAYING, *_sides(edit.marks))


def _hedging(edit: Reworded) -> bool:
    return _differ(_HEDGE, edit.old, edit.new)


RULES: tuple[tuple[str, str, int, Callable[[Reworded], bool]], ...] = (
    ("number", "digits", 1, _digits),
    ("number", "count_words", 1, _count_words),
    ("name", "capitals", 1, _capitals),
    ("quotation", "quote_marks", 1, _quotation),
    ("attribution", "verbs_of_saying", 1, _saying),
    ("hedge", "hedging_words", 1, _hedging),
)
"""(type, rule, the rule's revision, the rule), in the order in which they are told."""


def types_of(edit: Reworded) -> list[Type]:
    """Return the types that a rule can tell in a reworded sentence, each with the rule's name and revision."""
    return [{"type": kind, "rule": rule, "revision": revision} for kind, rule, revision, holds in RULES if holds(edit)]
