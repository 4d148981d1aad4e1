"""Two readings of one article in different layouts: do they differ in its words, or only in how the page was read?

A page object leaves out or takes in whole blocks (a caption, the lead, a line of the template) and may cut a text at
its ends. An editor changes words inside a sentence. Only the second is an edit; in doubt it is none, since all pages
of the outlet change their layout at once. Pure functions over records.
"""

import re
from collections import Counter
from collections.abc import Sequence

from archive.facts.forms import comparison_form
from archive.facts.record import Record
from archive.languages.vocabulary import Vocabulary
from archive.texts import clocks, noise
from archive.texts.sentences import Mark, Reworded, pair, sentences, without, words

ALIKE = 0.8
"""The share of the shorter reading's words that the other must have, or the texts are different ones."""
_CUT = 100
"""Characters from which on a text without an end may be an excerpt that was cut."""
_ENDED = re.compile(r"[.!?…»”\"]$")


def read_otherwise(old: Record, new: Record, vocabulary: Vocabulary) -> bool:
    """Tell whether two records of different layouts differ only by the reading.

    That is: no sentence of one stands reworded in the other, the dates that both have from one source agree, and
    the shorter reading's words are four fifths in the other. Whole blocks may be missing or more. False where the
    layouts are the same.
    """
    if old["extraction"]["layout"] == new["extraction"]["layout"] or _dated_otherwise(old, new):
        return False
    before, after = _units(old, vocabulary), _units(new, vocabulary)
    if _alike(before, after) < ALIKE:
        return False
    edits = pair(without(before, Counter(after)), without(after, Counter(before)))
    known = (_known(old, before), _known(new, after))
    return all(_cut(reworded, known, vocabulary.site) for reworded in edits.reworded)


def _dated_otherwise(old: Record, new: Record) -> bool:
    before, after = old["published"], new["published"]
    if not before or not after or not before["utc"] or not after["utc"]:
        return False
    return before["source"] == after["source"] and not clocks.agree(before, after)


def _units(record: Record, vocabulary: Vocabulary) -> list[str]:
    texts = [record["headline"], record["kicker"], record["lead"], *record["body"]]
    texts += [caption["text"] for caption in record["captions"]]
    own = [text for text in texts if not noise.is_template(comparison_form(text), vocabulary)]
    plain = dict.fromkeys(noise.plain(text) for text in own)
    return [sentence for text in plain for sentence in sentences(text, vocabulary.language)]


def _alike(old: Sequence[str], new: Sequence[str]) -> float:
    one, other = (Counter(word for unit in units for word in words(unit) if word.isalnum()) for units in (old, new))
    least = min(one.total(), other.total())
    return (one & other).total() / least if least else 0.0


def _known(record: Record, units: Sequence[str]) -> str:
    dates = [value for value in clocks.said(record).values() if value]
    return noise.plain(" ".join([*units, *dates, record["byline"], record["source_line"], *record["sections"]]))


def _cut(edit: Reworded, known: tuple[str, str], site: re.Pattern[str]) -> bool:
    """Tell whether all that differs was cut from, or grew at, the ends of a sentence."""
    same = [n for n, (sign, _) in enumerate(edit.marks) if sign == "="]
    if not same or same[0] > 1 or len(edit.marks) - same[-1] > 2:
        return False
    inner = edit.marks[same[0] : same[-1] + 1]
    if any(text.strip() for sign, text in inner if sign != "="):
        return False
    ends = [mark for mark in (edit.marks[0], edit.marks[-1]) if mark[0] != "="]
    return all(site.fullmatch(text.strip()) or _end((sign, text), edit, known) for sign, text in ends)


def _end(mark: Mark, edit: Reworded, known: tuple[str, str]) -> bool:
    sign, text = mark[0], mark[1].strip()
    here, there = known if sign == "-" else known[::-1]
    if not text or text in there or here.count(text) > 1:
        return True
    shorter = edit.new if sign == "-" else edit.old
    excerpt = len(shorter) >= _CUT and not _ENDED.search(shorter)
    return excerpt or not re.search(r"\d", text)
