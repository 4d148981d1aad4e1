"""What differs between two neighbouring versions: fields, sentences, words; noise or not; announced or silent.

Pure functions over records (`archive.facts.record.build`). All sentences are in comparison form.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from archive.facts.forms import comparison_form
from archive.facts.outcomes import ROTATING
from archive.facts.record import Record, utc_of
from archive.languages.language import Language
from archive.languages.vocabulary import Vocabulary
from archive.texts import clocks, noise
from archive.texts.edittypes import types_of
from archive.texts.rotating import NOWHERE, Spots, rotating
from archive.texts.sentences import ALIKE, Edits, Mark, align, common_ends, count, pair, sentences, without
from archive.texts.terminal import visible

TEXTS = ("headline", "kicker", "lead", "body", "captions")
FIELDS = (*TEXTS, "published")
"""The fields of a version's identity, in the order in which they are shown."""
Pair = tuple[Sequence[str], Sequence[str]]
"""Texts or sentences, old and new."""
_TITLES = frozenset({"headline", "kicker"})
_WHOLE = _TITLES | {"captions"}
STORY = 0.2
"""The share of words in common below which two texts tell different stories."""
_CONTENT = re.compile(r"\w{4,}")
# Scripts with letters that pass for Latin ones (UTS #39): Greek, Cyrillic, Armenian, Cherokee.
_LOOKALIKE = re.compile("[\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u13a0-\u13ff]")
_COLOURS = {"-": "\x1b[31m", "+": "\x1b[32m", "~": "\x1b[36m", "#": "\x1b[1m"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What many looks have shown, beside the two records that are held against each other."""

    spots: Spots = NOWHERE
    running: Mapping[str, int] = field(default_factory=dict)
    """The outlet's clocks that move at each look, whatever happens to the text, and how many of their texts do."""
    dated_now: bool = False
    """Whether the date of publication is the time of each look."""
    undamaged: Record | None = None
    """The last record before both in which no letter was lost, where the older one lost some."""


NOTHING_MORE = Known()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What differs between two records of an article."""

    fields: tuple[str, ...]
    """Those of FIELDS that differ in comparison form."""
    raw_only: tuple[str, ...]
    """Those that differ only in spaces, invisible marks or the form of accents; no edit."""
    edits: Mapping[str, Edits]
    """Text field to what differs in it; only those in which something does."""
    published: tuple[str, str]
    """The publication instants, old and new, RFC 3339 in UTC or empty."""
    noise: str
    """space, typography, encoding, template, related, date, flip_flop or one of ROTATING where all of the difference
    is; else empty."""
    clocks: tuple[str, ...]
    """Which of the outlet's clocks moved: visible, meta, feed, last_modified; less those that run."""
    silent: bool
    """Somebody changed the text and no clock moved."""
    running: tuple[str, ...] = ()
    """Clocks that moved and say nothing, since they move at each look."""
    returns_to: int | None = None
    """The number of the earlier version whose text this is again."""
    another_story: bool = False
    """Headline and text have next to no word in common: the number was given to another story."""

    def all_of(self, kind: str) -> list[Any]:
        """Return `added`, `removed`, `reworded` or `moved` of all fields, in the fields' order."""
        return [entry for edits in self.edits.values() for entry in getattr(edits, kind)]


def compare(
    old: Record, new: Record, vocabulary: Vocabulary, *, returns_to: int | None = None, known: Known = NOTHING_MORE
) -> Change:
    """Return what differs from an older record to a newer one of the same article.

    `vocabulary` is the edition's; `returns_to` is the number of an earlier version whose identity the newer one has
    again, `known` what other looks have shown. Time is bounded for any text: past the caps in
    `archive.texts.sentences` it compares by paragraphs, then by counts.
    """
    texts = _differing(old, new)
    forms = {name: (_compared(before), _compared(after)) for name, (before, after) in texts.items()}
    edited = [name for name, (before, after) in forms.items() if before != after]
    published = (_utc(old), _utc(new))
    redated = published[0] != published[1] and not (all(published) and clocks.same_date(old, new))
    redated = redated and not known.dated_now
    fields = (*edited, "published") if redated else tuple(edited)
    moved = clocks.moved(old, new)
    # Where more of a clock's texts moved than run, one of them was moved by somebody.
    idle = tuple(name for name in moved if clocks.moved_parts(old, new, name) <= known.running.get(name, 0))
    told = tuple(name for name in moved if name not in idle)
    titles = {comparison_form(link["title"]) for record in (old, new) for link in record["related"]}
    label = (_rotating(old, new, known) if edited else "") or _noise(texts, fields, vocabulary, titles)
    if known.dated_now and not texts:
        label = "relative"
    if not label and returns_to is not None and _same_digits(texts):
        label = "flip_flop"
    return Change(
        fields=fields,
        raw_only=tuple(name for name in texts if name not in edited),
        edits=_edits({name: _units(name, forms[name], vocabulary.language) for name in edited}),
        published=published,
        noise=label,
        clocks=told,
        running=idle,
        silent=bool(edited) and not told and label not in ROTATING,
        returns_to=returns_to,
        another_story="headline" in edited and not label and another_story(old, new),
    )


def silent(old: Record, new: Record) -> bool:
    """Tell whether the text changed while none of the outlet's clocks moved."""
    return _texts_differ(old, new) and not clocks.moved(old, new)


def _differing(old: Record, new: Record) -> dict[str, Pair]:
    """Return the raw texts of each text field that differs in any way, without the paragraphs in common at the ends."""
    ends = {name: common_ends(field_texts(old, name), field_texts(new, name)) for name in TEXTS}
    return {name: (before, after) for name, (before, after) in ends.items() if before or after}


def field_texts(record: Record, name: str) -> Sequence[str]:
    """Return the texts of one of the fields `TEXTS`, as the record has them."""
    if name == "captions":
        return [caption["text"] for caption in record["captions"]]
    if name == "body":
        return record["body"]
    return [cast("dict[str, str]", record)[name]]


def _compared(texts: Sequence[str]) -> list[str]:
    return [comparison_form(text) for text in texts]


def _utc(record: Record) -> str:
    return utc_of(record.get("published")) or ""


def _noise(texts: Mapping[str, Pair], fields: Sequence[str], vocabulary: Vocabulary, titles: Collection[str]) -> str:
    if "published" in fields:
        return "date" if len(fields) == 1 else ""
    old, new = [before for before, _ in texts.values()], [after for _, after in texts.values()]
    return noise.classify(old, new, vocabulary, titles)


def _rotating(old: Record, new: Record, known: Known) -> str:
    if known.dated_now:
        new = {**new, "published": old["published"]}
    way = rotating(old, new, known.spots)
    if way == "replacement" and known.undamaged is not None and _texts_differ(known.undamaged, new):
        # What stands where letters were lost must be what stood there before: else a word was changed under cover.
        return rotating(known.undamaged, new, known.spots) or ""
    return way or ""


def _texts_differ(old: Record, new: Record) -> bool:
    return any(_compared(before) != _compared(after) for before, after in _differing(old, new).values())


def _same_digits(texts: Mapping[str, Pair]) -> bool:
    sides = [noise.digits(text for pair in texts.values() for text in pair[side]) for side in (0, 1)]
    return sides[0] == sides[1]


def another_story(old: Record, new: Record) -> bool:
    """Tell whether headline and text of two records share less than a fifth of their words (F-CON-09).

    Shares are of the shorter one's distinct words of four letters or more: a text that grew is the same story.
    """
    heads = (_content([record["headline"]]) for record in (old, new))
    bodies = (_content([record["lead"], *record["body"]]) for record in (old, new))
    return _share(*heads) < STORY and _share(*bodies) < STORY


def _content(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in _CONTENT.findall(comparison_form(text).casefold()))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    # Of nothing nothing can be told.
    least = min(len(one), len(other))
    return len(one & other) / least if least else 1.0


def _units(name: str, pair: Pair, language: Language | None) -> Pair:
    if name in _WHOLE:
        return [text for text in pair[0] if text], [text for text in pair[1] if text]
    old, new = ([s for text in texts for s in sentences(text, language)] for texts in pair)
    return old, new


def _edits(units: Mapping[str, Pair]) -> dict[str, Edits]:
    parted = {name: align(before, after) for name, (before, after) in units.items()}
    gone = Counter(unit for removed, _ in parted.values() for unit in removed)
    moved = gone & Counter(unit for _, added in parted.values() for unit in added)
    left, arrived = moved.copy(), moved.copy()
    edits = {}
    for name, (removed, added) in parted.items():
        gone_for_good, new = without(removed, left), without(added, arrived)
        # A title is one sentence: the new one stands for the old one, however unlike.
        alike = 0.0 if name in _TITLES else ALIKE
        here = tuple((Counter(added) - Counter(new)).elements())
        edits[name] = replace(pair(gone_for_good, new, alike=alike), moved=here)
    return {name: edit for name, edit in edits.items() if edit != Edits()}


def to_json(change: Change, language: Language | None) -> dict[str, Any]:
    """Return a change as plain values without floats, as it is stored and exported (DATA_FORMAT.md).

    The types of reworded sentences are told by the words of the `language`.
    """
    added, removed, reworded = change.all_of("added"), change.all_of("removed"), change.all_of("reworded")
    marks = [mark for each in reworded for mark in each.marks]
    running = {"running": list(change.running)} if change.running else {}
    return {
        **running,
        "fields": list(change.fields),
        "silent": change.silent,
        "clocks": list(change.clocks),
        "noise": change.noise,
        "returns_to": change.returns_to,
        "another_story": change.another_story,
        "counts": {
            "sentences_added": len(added),
            "sentences_removed": len(removed),
            "sentences_reworded": len(reworded),
            "words_added": sum(map(count, added)) + sum(count(text) for sign, text in marks if sign == "+"),
            "words_removed": sum(map(count, removed)) + sum(count(text) for sign, text in marks if sign == "-"),
        },
        "added": added,
        "removed": removed,
        "reworded": [
            {"from": r.old, "to": r.new, "marks": [list(mark) for mark in r.marks], "types": types_of(r, language)}
            for r in reworded
        ],
        "moved": change.all_of("moved"),
    }


def render(change: Change, *, colour: bool) -> str:
    """Return a change as lines for a terminal: a heading a field, `- `, `+ `, `~ ` (moved), `[-old-]{+new+}` words.

    ANSI colours only where `colour`; whatever the outlet wrote is made visible, never obeyed.
    """
    lines = [line for name in change.fields for line in _field(change, name, colour=colour)]
    if change.raw_only:
        lines.append(f"Only spaces or invisible marks differ in: {', '.join(change.raw_only)}")
    return "\n".join([*lines, _summary(change)]) + "\n"


def _field(change: Change, name: str, *, colour: bool) -> Iterator[str]:
    yield _painted("#", name.capitalize(), colour=colour)
    if name == "published":
        old, new = change.published
        yield "  " + _marked((("-", old or "none"), ("+", new or "none")), colour=colour)
        return
    edits = change.edits.get(name)
    if edits is None:
        yield "  only the breaks between paragraphs, or the order, differ"
        return
    for reworded in edits.reworded:
        yield "  " + _marked(reworded.marks, colour=colour)
    for sign, texts in (("-", edits.removed), ("+", edits.added), ("~", edits.moved)):
        yield from ("  " + _painted(sign, f"{sign} {visible(text)}", colour=colour) for text in texts)


def _marked(marks: Iterable[Mark], *, colour: bool) -> str:
    shown = []
    for sign, text in marks:
        if sign == "=":
            shown.append(visible(text))
        else:
            word = f"[-{_named(text)}-]" if sign == "-" else f"{{+{_named(text)}+}}"
            shown.append(_painted(sign, word, colour=colour))
    return "".join(shown)


def lookalikes(text: str) -> list[str]:
    """Return code and name of the first three letters that pass for Latin ones: they make edits that nobody sees."""
    found = dict.fromkeys(_LOOKALIKE.findall(text))
    return [f"U+{ord(c):04X} {unicodedata.name(c, 'unnamed')}" for c in list(found)[:3]]


def _named(text: str) -> str:
    names = ", ".join(lookalikes(text))
    return f"{visible(text)}<{names}>" if names else visible(text)


def _painted(sign: str, text: str, *, colour: bool) -> str:
    return f"{_COLOURS[sign]}{text}\x1b[0m" if colour else text


def _summary(change: Change) -> str:
    if not change.fields:
        return "The texts are the same."
    parts = [f"noise: {change.noise}"] if change.noise else []
    if change.returns_to is not None:
        parts.append(f"reads as version {change.returns_to} again")
    if change.another_story:
        parts.append("another story under the same number")
    if change.clocks:
        parts.append(f"clocks that moved: {', '.join(change.clocks)}")
    if change.running:
        parts.append(f"clocks that move at each look and say nothing: {', '.join(change.running)}")
    if change.silent:
        parts.append("silent: no clock of the outlet moved")
    return "; ".join(parts) or "no clock of the outlet moved"
