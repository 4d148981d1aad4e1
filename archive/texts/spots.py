"""What many pages show: which of their spots rotate, and which texts were changed alike in many articles.

Found at the end of a crawl or backfill, and stored as a fact in its last commit's summary. Pure functions over records.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypedDict

from rapidfuzz import fuzz

from archive.facts.outcomes import SpotKind
from archive.facts.record import Record
from archive.texts.changes import Change
from archive.texts.rotating import Spots, blocks_of, number_form, numbers_of, rotating
from archive.texts.sentences import ALIKE

PAGES = 5
"""On how many pages a spot is seen before it is said to rotate; in how many articles a text that changed alike."""
ALL = 0.9
"""The share of a layout's pages that is all of them: one that was cut short must not decide."""
LOOKS = 3
"""At how many looks in a row a spot took another text."""
_DISTINCT = 3
_OTHERS = 2
_MOST_PAIRS = 8
_MOST_ALIKE = 20
_LONGEST = 1_000


class SpotFields(TypedDict):
    """A spot that rotates, as a commit's summary tells it."""

    kind: SpotKind
    layout: str
    texts: list[str]
    """The form of the block, numbers as `#`; or the texts that took turns, in comparison form."""
    articles: list[str]
    """Those in which it was seen to."""


Step = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""Article, crawl, numbers before, numbers now."""
Past = Mapping[str, Sequence[Step]]
"""Form of a block to how its numbers changed before."""
AlikeFields = TypedDict("AlikeFields", {"from": str, "to": str, "articles": list[str]})
"""One sentence that changed alike in many articles of a crawl; empty where it was added, or taken out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What may have rotated between two records of an article."""

    article_id: str
    layout: str
    numbers: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()
    """(form, numbers before, numbers after) of each block whose numbers alone differ."""
    texts: tuple[tuple[str, str], ...] = ()
    """Paragraphs that gave way to quite another text in the same place, in comparison form,"""
    places: tuple[int, ...] = ()
    """and where each stands,"""
    length: int = 0
    """in a body of so many."""
    whole: bool = False
    """Whether nothing else differs."""

    @property
    def forms(self) -> frozenset[str]:
        """The forms of its counters."""
        return frozenset(form for form, _, _ in self.numbers)

    def is_noise(self, spots: Spots) -> bool:
        """Tell whether all that differs is known to rotate."""
        known = self.forms <= spots.numbers and all(text in spots.texts for two in self.texts for text in two)
        return self.whole and known


def turn_of(old: Record, new: Record) -> Turn:
    """Return what may have rotated from one record of an article to the next; nothing where their layouts differ."""
    nothing = Turn(article_id=new["article_id"], layout=new["extraction"]["layout"])
    if old["extraction"]["layout"] != nothing.layout:
        return nothing
    (body, captions), (new_body, new_captions) = blocks_of(old), blocks_of(new)
    moved = [*_moved(body, new_body), *((-1, a, b) for _, a, b in _moved(captions, new_captions))]
    if len(moved) > _MOST_PAIRS:
        return nothing
    numbers = tuple((number_form(a), numbers_of(a), numbers_of(b)) for _, a, b in moved if _is_counted(a, b))
    gone = [(at, a, b) for at, a, b in moved if at >= 0 and not _is_counted(a, b) and fuzz.ratio(a, b) < ALIKE]
    texts = tuple((a, b) for _, a, b in gone)
    allowed = Spots(
        numbers=frozenset(form for form, _, _ in numbers), texts=frozenset(text for two in texts for text in two)
    )
    return replace(
        nothing, numbers=numbers, texts=texts, places=tuple(at for at, _, _ in gone), length=len(body),
        whole=rotating(old, new, allowed) is not None,
    )  # fmt: skip


def _moved(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    # Where a block more or less stands nothing tells which one took whose place.
    if len(old) == len(new):
        yield from ((at, a, b) for at, (a, b) in enumerate(zip(old, new, strict=True)) if a != b)


def _is_counted(old: str, new: str) -> bool:
    return number_form(old) != "" and number_form(old) == number_form(new)


def _value(number: str) -> int:
    return int("".join(filter(str.isdigit, number)))


def counters(
    turns: Iterable[Turn], pages: Sequence[Record], *, stood: int, known: Collection[str], past: Past
) -> dict[str, list[str]]:
    """Return form → articles of the counters among one layout's turns of a crawl.

    `pages` are the newest records of that layout's articles, one each, `stood` how many of its pages were read and
    found unchanged, `known` the forms that were found before, `past` changes that nobody took for noise so far. The
    words must stand on all pages, with numbers that are each page's own: a figure that all of them share is a text. And
    it moved on most pages that were read; or it only grows, and was known before, or moved at several looks.
    """
    moved: dict[str, list[Turn]] = defaultdict(list)
    for turn in turns:
        for form in turn.forms:
            moved[form].append(turn)
    found = {}
    for form, told in moved.items():
        before = past.get(form, ())
        if _is_everywhere(form, pages) and (
            _moves(told, stood=stood) or (_grow(told) and (form in known or _keeps_growing(told, before)))
        ):
            found[form] = sorted({turn.article_id for turn in told} | {number for number, *_ in before}, key=int)
    return found


def _moves(told: Sequence[Turn], *, stood: int) -> bool:
    articles = {turn.article_id for turn in told}
    return len(articles) >= PAGES and len(told) >= stood


def _keeps_growing(told: Sequence[Turn], past: Sequence[Step]) -> bool:
    articles = {turn.article_id for turn in told} | {number for number, *_ in past}
    looks = {crawl for _, crawl, *_ in past}
    growing = all(_value(a) <= _value(b) for *_, old, new in past for a, b in zip(old, new, strict=True))
    return growing and len(articles) >= PAGES and len(looks) + 1 >= LOOKS


def _grow(told: Iterable[Turn]) -> bool:
    return all(
        _value(a) <= _value(b) for turn in told for _, old, new in turn.numbers for a, b in zip(old, new, strict=True)
    )


def steps(edited: Iterable[tuple[str, str, str, str]]) -> Past:
    """Return what counters would have been among sentences that changed, by form.

    `edited` gives article, crawl, sentence before, sentence now.
    """
    found: dict[str, list[Step]] = defaultdict(list)
    for number, crawl, old, new in edited:
        if _is_counted(old, new):
            found[number_form(new)].append((number, crawl, numbers_of(old), numbers_of(new)))
    return found


def _is_everywhere(form: str, pages: Sequence[Record]) -> bool:
    shown = [found for page in pages if (found := _numbers(form, page))]
    if len(pages) < PAGES or len(shown) < ALL * len(pages):
        return False
    values = Counter(value for value in shown if any(_value(number) for number in value))
    return len(values) >= _DISTINCT and max(values.values()) * 2 <= values.total()


def _numbers(form: str, page: Record) -> tuple[str, ...]:
    found = (numbers_of(block) for blocks in blocks_of(page) for block in blocks if number_form(block) == form)
    return next(found, ())


def shown_at(turn: Turn, earlier: Sequence[Record]) -> list[tuple[str, ...]]:
    """Return what stood in each place where a turn put another text, look by look, the newest last.

    `earlier` are the article's records of the three looks in a row before it, oldest first; nothing where they are
    fewer, or read by another layout, or of another number of paragraphs.
    """
    bodies = [blocks_of(record)[0] for record in earlier]
    alike = all(record["extraction"]["layout"] == turn.layout for record in earlier)
    if len(earlier) < LOOKS or not alike or any(len(body) != turn.length for body in bodies):
        return []
    rows = zip(turn.places, turn.texts, strict=True)
    return [(*(body[at] for body in bodies[-LOOKS:]), new) for at, (_, new) in rows]


def in_turn(
    rows: Mapping[str, Collection[tuple[str, ...]]],
    pages: Sequence[Record],
    headlines: Mapping[str, Collection[str]],
    *,
    known: bool,
) -> frozenset[str]:
    """Return the texts that take turns on one layout's pages; none where nothing shows that they do.

    `rows` are what `shown_at` gives, by article, `headlines` the articles of each headline in comparison form; `known`
    tells that some of that layout were found before. It takes another text at three looks in a row on five pages, and
    each of these is none of the article's own: another one's headline, or shown on other pages too. What five articles
    changed alike is no turn, unless it stands on all pages.
    """
    shown: dict[str, set[str]] = defaultdict(set)
    for number, told in [*rows.items(), *((page["article_id"], [blocks_of(page)[0]]) for page in pages)]:
        for text in (text for row in told for text in row):
            shown[text].add(number)

    def foreign(text: str, number: str) -> bool:
        others = {*headlines.get(text, ())} - {number}
        return bool(others) or len(shown[text] - {number}) >= _OTHERS

    found = {
        number: [row for row in told if _differs_each_time(row) and all(foreign(text, number) for text in row)]
        for number, told in rows.items()
    }
    found = {number: told for number, told in found.items() if told}
    pool = frozenset(text for told in found.values() for row in told for text in row)
    steps = {row[-2:] for told in found.values() for row in told}
    everywhere = sum(not pool.isdisjoint(blocks_of(page)[0]) for page in pages) >= ALL * len(pages)
    varied = len(steps) > 1 or (everywhere and len(pages) >= PAGES)
    return pool if (known and found) or (len(found) >= PAGES and varied) else frozenset()


def _differs_each_time(row: Sequence[str]) -> bool:
    return all(fuzz.ratio(one, other) < ALIKE for one, other in pairwise(row))


def edited_pairs(change: Change) -> frozenset[tuple[str, str]]:
    """Return (sentence before, sentence now) of each that differs; empty where it was added, or taken out."""
    pairs = [(edit.old, edit.new) for edit in change.all_of("reworded")]
    removed, added = change.all_of("removed"), change.all_of("added")
    if len(removed) == len(added) == 1:
        pairs.append((removed[0], added[0]))
    else:
        pairs += [(text, "") for text in removed] + [("", text) for text in added]
    return frozenset((old[:_LONGEST], new[:_LONGEST]) for old, new in pairs)


def alike(edited: Mapping[str, Collection[tuple[str, str]]]) -> list[AlikeFields]:
    """Return the sentences that changed alike in five or more articles of a crawl, the most frequent first.

    `edited` holds the `edited_pairs` of each article that a crawl found changed, less those where all of it rotates.
    """
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for number, pairs in edited.items():
        for pair in pairs:
            told[pair].append(number)
    many = sorted((-len(numbers), *pair) for pair, numbers in told.items() if len(numbers) >= PAGES)
    return [{"from": old, "to": new, "articles": sorted(told[old, new], key=int)} for _, old, new in many[:_MOST_ALIKE]]
