"""Words for an index that knows no elision and no ligature: what stands in `l’œuvre` for who asks for `oeuvre`."""

import re

_ODD = re.compile("['\u2018\u2019\u02bc\uff07œŒæÆ]")
_APOSTROPHE = re.compile("['\u2018\u2019\u02bc\uff07]")
_WORD = re.compile(r"[^\W_]+(?:['\u2018\u2019\u02bc\uff07][^\W_]+)*")
_LIGATURES = {"œ": "oe", "æ": "ae"}
_SHORTEST = 2


def bare_words(text: str) -> str:
    """Return the words of a text that are elided or have a ligature, as `static/find.js` asks for them; each once."""
    found: dict[str, None] = {}
    for word in _WORD.findall(text) if _ODD.search(text) else ():
        if _ODD.search(word):
            found |= dict.fromkeys(_parts(word.lower()))
    return " ".join(found)


def _parts(word: str) -> list[str]:
    for ligature, letters in _LIGATURES.items():
        word = word.replace(ligature, letters)
    return [part for part in _APOSTROPHE.split(word) if len(part) >= _SHORTEST]
