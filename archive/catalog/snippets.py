"""Pieces of texts for people: what is searched of a record or a change, and where the words stand that were found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from archive.catalog.matching import Phrase, Sign, phrases_in
from archive.catalog.words import texts_of
from archive.facts.forms import comparison_form
from archive.facts.record import Record
from archive.texts.wordforms import FoundWord, groups_of, words_in

_SHOWN, _BEFORE = 16, 5
MARK = "\x02"
END_MARK = "\x03"
"""They stand in a snippet before and behind each word that was found."""


def searched(record: Record) -> tuple[str, str]:
    """Return (headline, everything below it) of a record, as they are searched and shown, a line for each text."""
    headline, *parts = texts_of(record)
    return comparison_form(headline), "\n".join(comparison_form(part) for part in parts if part)


def sentences_out(change: Mapping[str, Any]) -> list[str]:
    """Return the sentences of a stored change that the later version lacks, whole or in part."""
    return [*change["removed"], *(pair["from"] for pair in change["reworded"])]


def snippet(texts: Iterable[str], signs: Sequence[Sign]) -> str:
    """Return the piece of the texts that holds the most of what was asked for, marked; empty where there is no text."""
    best, most = "", -1
    for text in texts:
        words = list(words_in(text))
        phrases = phrases_in(signs, (word.form for word in words))
        for word in words:
            # 737 800 is found by each of its groups, and shown as one.
            for group in groups_of(text[word.begin : word.end]):
                if (group,) in phrases:
                    phrases[word.form,] = phrases[group,]
        hits = list(_hits(words, phrases))
        for place, (start, _, _) in enumerate(hits or [(0, 0, ())]):
            near = hits[place : place + _SHOWN]
            inside = {phrases[phrase] for _, last, phrase in near if last < start + _SHOWN - _BEFORE}
            if len(inside) > most:
                best, most = _cut(text, words, hits, start), len(inside)
    return best


def _hits(words: Sequence[FoundWord], phrases: Iterable[Phrase]) -> Iterator[tuple[int, int, Phrase]]:
    """Yield (first word, last word, phrase) of each place where a phrase stands, none over another."""
    forms = [word.form for word in words]
    begun: dict[str, list[Phrase]] = {}
    for phrase in sorted(set(phrases), key=len, reverse=True):
        begun.setdefault(phrase[0], []).append(phrase)
    place = 0
    while place < len(forms):
        found = next((p for p in begun.get(forms[place], ()) if tuple(forms[place : place + len(p)]) == p), None)
        if found is not None:
            yield place, place + len(found) - 1, found
        place += len(found) if found else 1


def _cut(text: str, words: Sequence[FoundWord], hits: Iterable[tuple[int, int, Phrase]], start: int) -> str:
    if not words:
        return text
    # Some words before the first one found say what it is about, or the beginning of its sentence.
    near = range(start, max(0, start - _BEFORE) - 1, -1)
    first = next((place for place in near if _begins(text, words, place)), near[-1])
    last = min(len(words), first + _SHOWN) - 1
    begin, end = (words[first].begin if first else 0), (words[last + 1].begin if last + 1 < len(words) else len(text))
    parts, at = ["…" if first else ""], begin
    for one, other, _ in hits:
        if first <= one and other <= last:
            parts += [text[at : words[one].begin], MARK, text[words[one].begin : words[other].end], END_MARK]
            at = words[other].end
    return "".join([*parts, text[at:end].rstrip(), "…" if last + 1 < len(words) else ""])


def _begins(text: str, words: Sequence[FoundWord], place: int) -> bool:
    return place == 0 or any(c in ".!?…\n" for c in text[words[place - 1].end : words[place].begin])


def marked(snippet: str, begin: str, end: str) -> str:
    """Return a snippet with other marks around the words that were found."""
    return snippet.replace(MARK, begin).replace(END_MARK, end)
