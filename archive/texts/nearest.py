"""The word that was meant by one that is almost it."""

from collections.abc import Iterable

from rapidfuzz.distance import DamerauLevenshtein

_LETTERS = 2
_SHORT = 5


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is at most two letters away (put in, left out, changed, swapped), None without one.

    Capitals and dashes for underscores make no difference. Of a word of fewer than five letters one may be wrong.
    """
    most = _LETTERS if len(word) >= _SHORT else 1
    written = _plain(word)
    found = ((DamerauLevenshtein.distance(written, _plain(each), score_cutoff=most), each) for each in known)
    distance, best = min(found, default=(most + 1, ""))
    return best if distance <= most else None


def _plain(word: str) -> str:
    return word.upper().replace("-", "_")
