"""Recurring blocks: text that stands word for word in many unrelated articles is the template's, not theirs.

Learned from the archive in bounded memory, and only proposed: what is accepted goes into the edition, so that reading
stays a function of a capture and a revision.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from archive.facts.forms import comparison_form
from archive.facts.record import Record, utc_of

ARTICLES = 5
"""In how many articles a block stands before it is proposed."""
DAYS = 3
"""On how many days of publication at least: the parts of one running story repeat each other within a day or two."""
_WIDTH, _ROWS = 2**22, 4
_FULL = 255
_MOST_CANDIDATES = 20_000
_EXAMPLES = 5
_SHORTEST = 3
"""Letters: less is a mark or an initial."""
_LOOKED_AT = 20


@dataclass(slots=True, kw_only=True)
class RecurringBlock:
    """A block that recurs."""

    text: str
    """As the first article prints it."""
    place: str
    """body, lead or caption, where it was met first."""
    articles: int = 0
    days: set[str] = field(default_factory=set)
    """Days of publication, no more than are needed to propose it."""
    examples: list[str] = field(default_factory=list)
    """Numbers of the first articles."""


class Sketch:
    """A count-min sketch (Cormode and Muthukrishnan 2005): counts up to 255 in 16 MiB, never too low, rarely too high.

    Of four million different keys about one in ten million is counted four too high.
    """

    def __init__(self) -> None:
        """Begin at nothing counted."""
        self._rows = [bytearray(_WIDTH) for _ in range(_ROWS)]

    def add(self, key: bytes) -> None:
        """Count one more of a key of 16 bytes that are as good as random."""
        for row, place in zip(self._rows, _places(key), strict=True):
            row[place] = min(row[place] + 1, _FULL)

    def count(self, key: bytes) -> int:
        """Return how often a key was counted, or a little more."""
        return min(row[place] for row, place in zip(self._rows, _places(key), strict=True))


def _places(key: bytes) -> Iterator[int]:
    return (int.from_bytes(key[at : at + 4], "big") % _WIDTH for at in range(0, 4 * _ROWS, 4))


def blocks(record: Record) -> Iterator[tuple[str, str, str]]:
    """Yield (comparison form, text, place) of each block of a record, each form once; titles of related links not."""
    seen = {comparison_form(link["title"]) for link in record["related"]}
    parts = (
        [("lead", record["lead"])]
        + [("body", text) for text in record["body"]]
        + [("caption", caption["text"]) for caption in record["captions"]]
    )
    for place, text in parts:
        form = comparison_form(text)
        if form not in seen and sum(map(str.isalpha, form[:_LOOKED_AT])) >= _SHORTEST:
            seen.add(form)
            yield form, text, place


def recurring(
    records: Callable[[], Iterable[Record]], *, articles: int = ARTICLES, days: int = DAYS
) -> list[RecurringBlock]:
    """Return the blocks that stand in so many articles of so many days, the most frequent first.

    `records` gives the newest record of each article; it is called twice. A block that stands under one headline only
    counts as one article's: the outlet publishes a text again under a new number. At most 20 000 blocks are followed,
    those met first.
    """
    sketch = Sketch()
    for record in records():
        for form, _, _ in blocks(record):
            sketch.add(_key(form))
    found: dict[bytes, RecurringBlock] = {}
    headlines: dict[bytes, set[bytes]] = {}
    for record in records():
        title = _key(comparison_form(record["headline"]))
        for form, text, place in blocks(record):
            key = _key(form)
            if sketch.count(key) < min(articles, _FULL) or (key not in found and len(found) >= _MOST_CANDIDATES):
                continue
            block = found.setdefault(key, RecurringBlock(text=text, place=place))
            _note(block, headlines.setdefault(key, set()), title, record, days)
    good = (block for block in found.values() if block.articles >= articles and len(block.days) >= days)
    return sorted(good, key=lambda block: (-block.articles, block.text))


def _note(block: RecurringBlock, titles: set[bytes], title: bytes, record: Record, days: int) -> None:
    if title in titles:
        return
    if len(titles) < 2 * ARTICLES:
        titles.add(title)
    block.articles += 1
    if len(block.days) < days:
        block.days.add((utc_of(record["published"]) or record["captured_at"])[:10])
    if len(block.examples) < _EXAMPLES:
        block.examples.append(record["article_id"])


def _key(form: str) -> bytes:
    return blake2b(form.encode(), digest_size=16).digest()
