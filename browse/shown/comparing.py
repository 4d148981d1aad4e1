"""Two versions side by side: a row for each sentence in the order of the texts, what changed in it marked and named."""

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from archive.facts.forms import comparison_form
from archive.facts.record import Record
from archive.languages.language import Language
from archive.languages.vocabulary import Vocabulary
from archive.texts.changes import Change, field_texts, lookalikes
from archive.texts.edittypes import types_of
from archive.texts.noise import classify
from archive.texts.sentences import Edits, Mark, Reworded, count, sentences
from browse.tongue import Tongue

RowKind = Literal["same", "folded", "quiet", "reworded", "removed", "added", "moved", "away"]
_TITLES = ("headline", "kicker")
_CONTEXT = 1
"""Equal sentences that are shown on each side of a change."""
NO_EDITS = Edits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One sentence in both versions."""

    kind: RowKind
    old: tuple[Mark, ...] = ()
    new: tuple[Mark, ...] = ()
    both: tuple[Mark, ...] = ()
    """Of a reworded sentence: all marks, in one text."""
    names: tuple[tuple[str, str], ...] = ()
    """(kind of change, what exactly), in words."""
    number: int = 1
    """Of `folded` and `quiet`: how many sentences, or changes that say nothing."""
    noise: str = ""
    """The kind of noise that all of the change is, as `archive.texts.noise` tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRows:
    """One field of the two versions."""

    name: str
    label: str
    rows: tuple[Row, ...]
    changed: bool


def field_names(tongue: Tongue) -> dict[str, str]:
    """Return what each field of a version's identity is called."""
    return {
        "headline": tongue.say("Headline"),
        "kicker": tongue.say("Kicker"),
        "lead": tongue.say("Lead"),
        "body": tongue.say("Text"),
        "captions": tongue.say("Captions"),
        "published": tongue.say("Date of publication"),
    }


def kind_names(tongue: Tongue) -> dict[str, str]:
    """Return what each kind of change is called."""
    return {
        "number": tongue.say("Number"),
        "name": tongue.say("Name"),
        "quotation": tongue.say("Quotation"),
        "attribution": tongue.say("Attribution"),
        "hedge": tongue.say("Certainty"),
    }


def compared(
    tongue: Tongue,
    records: tuple[Record, Record],
    change: Change,
    vocabulary: Vocabulary,
    *,
    whole: bool,
    noise: bool = True,
) -> list[FieldRows]:
    """Return the fields of two versions, row by row.

    With `whole` equal sentences are not folded away, with `noise` nor are changes that say nothing.
    """
    labels, language = field_names(tongue), vocabulary.language
    found = []
    for name in ("kicker", "headline", "lead", "body", "captions"):
        edits = change.edits.get(name, NO_EDITS)
        pair = [_units(record, name, language) for record in records]
        rows = [_classed(tongue, row, vocabulary) for row in _rows(tongue, pair[0], pair[1], edits, language)]
        if rows:
            changed = any(row.kind != "same" for row in rows)
            told = rows if noise else list(_quietened(rows))
            shown = told if whole else list(_folded(told))
            found.append(FieldRows(name=name, label=labels[name], rows=tuple(shown), changed=changed))
    return found


def _classed(tongue: Tongue, row: Row, vocabulary: Vocabulary) -> Row:
    """Return a row with the kind of noise that it is."""
    if row.kind not in ("reworded", "removed", "added"):
        return row
    called = {
        "typography": tongue.say("Typography"), "encoding": tongue.say("Damaged letters"),
        "template": tongue.say("Line of the template"), "related": tongue.say("Link to another article"),
    }  # fmt: skip
    old, new = (["".join(text for _, text in side)] if side else [] for side in (row.old, row.new))
    noise = classify([old], [new], vocabulary)
    return (
        replace(row, noise=noise, names=((called[noise], row.names[0][1]), *row.names[1:])) if noise in called else row
    )


def _quietened(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield rows with runs of changes that say nothing made one."""
    quiet = 0
    for row in rows:
        if row.noise:
            quiet += 1
            continue
        if quiet:
            yield Row(kind="quiet", number=quiet)
        quiet = 0
        yield row
    if quiet:
        yield Row(kind="quiet", number=quiet)


def _units(record: Record, name: str, language: Language | None) -> list[str]:
    forms = [form for text in field_texts(record, name) if (form := comparison_form(text))]
    if name in (*_TITLES, "captions"):
        return forms
    return [sentence for form in forms for sentence in sentences(form, language)]


class _Older:
    """The sentences of the older version that no row shows yet, in order."""

    def __init__(self, units: Sequence[str], edits: Edits) -> None:
        self.left, self.there = deque(units), Counter(units)
        self.lost, self.rewritten = Counter(edits.removed), Counter(each.old for each in edits.reworded)

    def take(self) -> str:
        text = self.left.popleft()
        self.there[text] -= 1
        return text

    def until(self, stood: str | None) -> Iterator[tuple[str, bool]]:
        """Yield (sentence, whether it was removed, else moved) up to the place where one stands."""
        if stood is not None and not self.there[stood]:
            return
        while self.left and (self.left[0] != stood or self.lost[stood]):
            text = self.take()
            if self.lost[text]:
                self.lost[text] -= 1
                yield text, True
            elif self.rewritten[text]:
                self.rewritten[text] -= 1
            else:
                yield text, False


def _rows(
    tongue: Tongue, old: Sequence[str], new: Sequence[str], edits: Edits, language: Language | None
) -> Iterator[Row]:
    """Yield rows in the order of the newer text, what it lacks where it stood in the older one."""
    older, come, here = _Older(old, edits), Counter(edits.added), Counter(edits.moved)
    reworded: dict[str, deque[Reworded]] = {}
    for each in edits.reworded:
        reworded.setdefault(each.new, deque()).append(each)
    for text in new:
        if come[text] or here[text]:
            which = come if come[text] else here
            which[text] -= 1
            yield _arrived(tongue, text, moved=which is here)
            continue
        partners = reworded.get(text)
        edit = partners.popleft() if partners else None
        stood = edit.old if edit else text
        yield from (_left(tongue, *each) for each in older.until(stood))
        if older.left and older.left[0] == stood:
            older.rewritten[older.take()] -= edit is not None
        yield _reworded(tongue, edit, language) if edit else Row(kind="same", old=_same(text), new=_same(text))
    yield from (_left(tongue, *each) for each in older.until(None))


def _left(tongue: Tongue, text: str, removed: bool) -> Row:  # noqa: FBT001 - unpacked
    if not removed:
        return Row(kind="away", old=_same(text), names=((tongue.say("Moved"), tongue.say("from here")),))
    words = tongue.count("%(num)s word", "%(num)s words", count(text))
    return Row(kind="removed", old=_same(text), names=((tongue.say("Sentence removed"), words),))


def _same(text: str) -> tuple[Mark, ...]:
    return (("=", text),)


def _arrived(tongue: Tongue, text: str, *, moved: bool) -> Row:
    if moved:
        return Row(kind="moved", new=_same(text), names=((tongue.say("Moved"), tongue.say("to here")),))
    words = tongue.count("%(num)s word", "%(num)s words", count(text))
    return Row(kind="added", new=_same(text), names=((tongue.say("Sentence added"), words), *_odd(tongue, text)))


def _reworded(tongue: Tongue, edit: Reworded, language: Language | None) -> Row:
    called = kind_names(tongue)
    kinds = dict.fromkeys(called[str(each["type"])] for each in types_of(edit, language))
    name = tongue.listed(list(kinds)) if kinds else tongue.say("Wording")
    out, into = (_short([text for sign, text in edit.marks if sign == which]) for which in "-+")
    if out and into:
        told = tongue.say("%(old)s becomes %(new)s", old=out, new=into)
    elif into:
        told = tongue.say("%(new)s added", new=into)
    else:
        told = tongue.say("%(old)s removed", old=out)
    names = ((name[:1].upper() + name[1:].lower(), told), *_odd(tongue, "".join(t for s, t in edit.marks if s == "+")))
    return Row(
        kind="reworded",
        old=tuple(mark for mark in edit.marks if mark[0] != "+"),
        new=tuple(mark for mark in edit.marks if mark[0] != "-"),
        both=edit.marks,
        names=names,
    )


def _short(texts: Sequence[str]) -> str:
    text = " … ".join(text.strip() for text in texts if text.strip())
    return text if len(text) <= 80 else text[:79].rstrip() + "…"


def _odd(tongue: Tongue, text: str) -> tuple[tuple[str, str], ...]:
    found = lookalikes(text)
    return ((tongue.say("Look-alike letter"), ", ".join(found)),) if found else ()


def _folded(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield rows with runs of equal sentences made one, but for those beside a change."""
    changed = [place for place, row in enumerate(rows) if row.kind != "same"]
    near = {place + step for place in changed for step in range(-_CONTEXT, _CONTEXT + 1)}
    folded = 0
    for place, row in enumerate(rows):
        if row.kind != "same" or place in near:
            if folded:
                yield Row(kind="folded", number=folded)
            folded = 0
            yield row
        else:
            folded += 1
    if folded:
        yield Row(kind="folded", number=folded)


def beside(tongue: Tongue, old: Record, new: Record) -> list[tuple[str, str, str]]:
    """Return (what, older, newer) of what differs beside the text, and makes no version."""
    told = {
        "byline": (tongue.say("Author"), *(record["byline"] for record in (old, new))),
        "sections": (tongue.say("Sections"), *(", ".join(record["sections"]) for record in (old, new))),
        "tags": (tongue.say("Tags"), *(", ".join(record["tags"]) for record in (old, new))),
        "images": (tongue.say("Pictures"), *(", ".join(map(_file_of, record["images"])) for record in (old, new))),
        "modified": (tongue.say("Date of change, as printed"), *(_raw_date(record) for record in (old, new))),
    }
    return [(name, before, after) for name, before, after in told.values() if before != after]


def _file_of(address: str) -> str:
    return urlsplit(address).path.rpartition("/")[2] or address


def _raw_date(record: Record) -> str:
    return record["modified"]["raw"] if record["modified"] else ""


_UNPLAIN = re.compile(r"[^\S ]|[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


def unplain(tongue: Tongue, before: str, after: str) -> tuple[tuple[str, str], ...]:
    """Return (kind, what exactly) of each space that is no plain one, and each invisible mark, that came or went."""
    old, new = (Counter(_UNPLAIN.findall(text)) for text in (before, after))
    told = [(char, tongue.say("%(what)s added", what=_called(tongue, char))) for char in new - old]
    told += [(char, tongue.say("%(what)s removed", what=_called(tongue, char))) for char in old - new]
    return tuple(
        (tongue.say("Space") if char.isspace() else tongue.say("Invisible character"), what) for char, what in told
    )


def _called(tongue: Tongue, char: str) -> str:
    names = {
        "\u00a0": tongue.say("no-break space"),
        "\u202f": tongue.say("narrow no-break space"),
        "\u2009": tongue.say("thin space"),
        "\u00ad": tongue.say("soft hyphen"),
        "\u200b": tongue.say("zero-width space"),
        "\u200e": tongue.say("left-to-right mark"),
        "\u200f": tongue.say("right-to-left mark"),
        "\ufeff": tongue.say("byte order mark"),
    }
    name = names.get(char, "")
    return f"U+{ord(char):04X}" + (f" ({name})" if name else "")


def raw_pairs(
    old: Record, new: Record, names: Sequence[str], language: Language | None = None
) -> list[tuple[str, str]]:
    """Return the sentences (older, newer) that differ in spaces, invisible marks or forms of accents alone."""
    found = []
    for name in names:
        before, after = (_raw(record, name, language) for record in (old, new))
        there = frozenset(before), frozenset(after)
        forms = {comparison_form(text): text for text in before if text not in there[1]}
        for text in after if forms else ():
            stood = forms.get(comparison_form(text))
            if stood is not None and text not in there[0]:
                found.append((stood, text))
    return found


def _raw(record: Record, name: str, language: Language | None) -> Sequence[str]:
    texts = field_texts(record, name)
    return [sentence for text in texts for sentence in sentences(text, language)] if name == "body" else texts
