"""The forms of a word that an archive holds: plural, verb forms and their like, found when it is asked for.

By stems (`archive.texts.stems`) of the words that begin alike, and by what the language adds (`Language.forms_of`).
What shares no beginning (aller, va; œil, yeux) or has another stem stays apart, and what happens to share a stem is
found together (`conte`, `contes`, and `content` for its ending).
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from archive.catalog.articles import Db
from archive.catalog.words import LONGEST, SHORTEST, written_as
from archive.languages.language import Language
from archive.texts.stems import stem
from archive.texts.wordforms import search_form

MOST_FORMS = 64
"""Of one word; the shortest are taken."""
_ENDING = 9
"""Letters that an ending adds to a stem at most."""


@lru_cache(maxsize=2**17)
def _stem(word: str, algorithm: str) -> str:
    # Whoever types without accents means the same word.
    return search_form(stem(word, algorithm))


def forms_in(db: Db, written: str, language: Language | None) -> list[str]:
    """Return the search forms in which the archive has a typed word, itself first; its accents may be left out."""
    form = search_form(written)
    if language is None or not language.stems or not SHORTEST <= len(written) <= LONGEST or not form:
        return [form]
    found = {form}
    for one in _stems(db, written, form, language):
        found |= _of_stem(db, one, language)
    return [form, *sorted(found - {form}, key=lambda each: (len(each), each))][:MOST_FORMS]


def _stems(db: Db, written: str, form: str, language: Language) -> set[str]:
    """Return the stems of a word, in all the ways in which it is written there, and of that whose form it is."""
    words = {written, *_written(db, form)}
    for ending, other in language.forms_of:
        for word in [*words]:
            if word.endswith(ending) and (base := word.removesuffix(ending) + other) and _occurs(db, base):
                words.add(base)
    return {_stem(word, language.stems) for word in words}


def _of_stem(db: Db, one: str, language: Language) -> set[str]:
    # The last letter of a stem may be another one in the word: journaux, journal.
    beginning = one[:-1] if len(one) > SHORTEST else one
    rows = db.execute(_ALIKE, (beginning, f"{beginning}\U0010ffff", len(one) + _ENDING))
    found = {written or form: form for form, written in rows if _stem(written or form, language.stems) == one}
    return {*found.values(), *_added(db, found, language)}


def _added(db: Db, found: Mapping[str, str], language: Language) -> Iterator[str]:
    for ending, other in language.forms_of:
        for word in found:
            if word.endswith(other) and _occurs(db, added := word.removesuffix(other) + ending):
                yield search_form(added)


def _occurs(db: Db, word: str) -> bool:
    form = search_form(word)
    return db.execute(_ROW, (form, written_as(word, form))).fetchone() is not None


def _written(db: Db, form: str) -> list[str]:
    return [written or form for (written,) in db.execute("SELECT written FROM words WHERE form = ?", (form,))]


_ROW = "SELECT 1 FROM words WHERE form = ? AND written = ?"
_ALIKE = "SELECT form, written FROM words WHERE form >= ? AND form < ? AND length(form) <= ?"
