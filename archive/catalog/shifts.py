"""What changes from one capture of an article to the next beside its versions: pictures, layout, a mirror's text."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from archive.facts.outcomes import ShiftKind
from archive.facts.record import Record
from archive.languages.vocabulary import Vocabulary
from archive.texts.changes import compare


class Shift(NamedTuple):
    """One thing that changed."""

    kind: ShiftKind
    since: str
    """captured_at of the record before."""
    detail: str


def between(old: Record, new: Record) -> Iterator[Shift]:
    """Yield what changed from an article's record to its next: the layout that read it, or its pictures.

    Pictures are told by the path of their address; in another layout they say nothing.
    """
    before, after = (record["extraction"]["layout"] for record in (old, new))
    if before != after:
        yield Shift("layout", old["captured_at"], f"{before} before, {after} from here on")
        return
    gone, come = _pictures(old["images"]), _pictures(new["images"])
    if gone != come:
        names = [f"-{name}" for name in gone if name not in come] + [f"+{name}" for name in come if name not in gone]
        yield Shift("image_changed", old["captured_at"], " ".join(names) or "in another order")


def _pictures(addresses: Sequence[str]) -> list[str]:
    return [urlsplit(address).path or address for address in addresses]


def divergence(own: Record, mirrored: Record, vocabulary: Vocabulary) -> Shift:
    """Return the shift that a mirror's text differs from the article's own; the two are in no order of time."""
    change = compare(own, mirrored, vocabulary)
    return Shift("mirror_diverged", own["captured_at"], f"differs in {', '.join(change.fields)}")
