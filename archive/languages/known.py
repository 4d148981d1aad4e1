"""The languages that the program knows. A new one is one file and one entry here."""

from collections.abc import Mapping

from archive.languages.arabic import ARABIC
from archive.languages.english import ENGLISH
from archive.languages.french import FRENCH
from archive.languages.language import Language
from archive.languages.persian import PERSIAN

LANGUAGES: Mapping[str, Language] = {language.code: language for language in (FRENCH, ENGLISH, PERSIAN, ARABIC)}
"""By tag; a date is read in any of them, since pages print dates in other languages than their own."""
