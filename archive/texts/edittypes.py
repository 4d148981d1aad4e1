"""What kind of words a reworded sentence changed: numbers, names, quotations, attributions, hedges.

Each rule is small and has a revision, which stands beside every type that it gives: what it says can be weighed.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from archive.languages.language import Language
from archive.texts.sentences import Mark, Reworded

Type = dict[str, str | int]

_DIGITS = re.compile(r"\d+(?:[.,:/\u00a0 ]\d+)*")
_CAPITAL = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w’'-]*\w")
_FIRST_WORD = re.compile(r"\W*\w[\w’'-]*")
_QUOTED = re.compile(r"«\s*(.+?)\s*»|“(.+?)”|\"(.+?)\"")


def _sides(marks: Sequence[Mark]) -> tuple[str, str]:
    return tuple("\n".join(text for sign, text in marks if sign == which) for which in "-+")  # type: ignore[return-value]


def _differ(rule: re.Pattern[str], old: str, new: str) -> bool:
    found = [Counter(match.casefold() for match in rule.findall(text)) for text in (old, new)]
    return found[0] != found[1]


def _digits(edit: Reworded, _language: Language) -> bool:
    # Over the whole sentence: a mark may hold but a part of `2 200`.
    return _differ(_DIGITS, edit.old, edit.new)


def _count_words(edit: Reworded, language: Language) -> bool:
    return _differ(language.counts, *_sides(edit.marks))


def _capitals(edit: Reworded, _language: Language) -> bool:
    # The first word has its capital from the sentence.
    return _differ(_CAPITAL, *(_FIRST_WORD.sub("", text, count=1) for text in (edit.old, edit.new)))


def _quotation(edit: Reworded, _language: Language) -> bool:
    return _QUOTED.findall(edit.old) != _QUOTED.findall(edit.new)


def _saying(edit: Reworded, language: Language) -> bool:
    return _differ(language.saying, *_sides(edit.marks))


def _hedging(edit: Reworded, language: Language) -> bool:
    return _differ(language.hedges, edit.old, edit.new)


RULES: tuple[tuple[str, str, int, Callable[[Reworded, Language], bool]], ...] = (
    ("number", "digits", 1, _digits),
    ("number", "count_words", 1, _count_words),
    ("name", "capitals", 1, _capitals),
    ("quotation", "quote_marks", 1, _quotation),
    ("attribution", "verbs_of_saying", 1, _saying),
    ("hedge", "hedging_words", 1, _hedging),
)
"""(type, rule, the rule's revision, the rule), in the order in which they are told."""


def types_of(edit: Reworded, language: Language | None) -> list[Type]:
    """Return the types that a rule can tell in a reworded sentence, each with the rule's name and revision.

    The words are the language's; without one nothing is told.
    """
    if language is None:
        return []
    return [
        {"type": kind, "rule": rule, "revision": revision}
        for kind, rule, revision, holds in RULES
        if holds(edit, language)
    ]
