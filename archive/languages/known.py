"""The languages that the program knows. A new one is one file and one entry here."""

import re
from collections.abc import Mapping
from datetime import timedelta

from archive.languages.arabic import ARABIC
from archive.languages.english import ENGLISH
from archive.languages.french import FRENCH
from archive.languages.language import Language
from archive.languages.persian import PERSIAN

LANGUAGES: Mapping[str, Language] = {language.code: language for language in (FRENCH, ENGLISH, PERSIAN, ARABIC)}
"""By tag; a date is read in any of them, since pages print dates in other languages than their own."""
UNITS: Mapping[str, timedelta] = {
    unit: timedelta(**{f"{unit}s": 1}) for unit in ("second", "minute", "hour", "day", "week")
}
"""How long a unit lasts in which pages count how long ago something was."""
UNIT_WORDS: Mapping[str, str] = {
    word: unit for language in LANGUAGES.values() for word, unit in language.dates.units.items()
}
"""Word, in any of the languages → its unit, a key of `UNITS`."""
# The longest first, so that `min` leaves nothing of `minutes`.
UNIT_PATTERN = "|".join(sorted(map(re.escape, UNIT_WORDS), key=len, reverse=True))
"""A regular expression that finds any of the words."""
