"""Commits without a signature: past the first signed one each must be signed (docs/decisions/0022).

A signature holds all before it, so what comes before the first one needs none. An unsigned commit that a signed one
follows, or that is older than an hour, is a fault: whoever can write to the store could have put it there. A younger
one at the end may be a writer's that stands between its commit and its signature.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from archive.log.chain import CLOCK_TOLERANCE, Commit, beside

GRACE = timedelta(hours=1)
_RULE_SINCE = (0, 2)
_Lack = Literal["free", "followed", "old", "to come", "young"]
"""What the lack of a signature comes to; free: none is asked for."""


class Unsigned(NamedTuple):
    """One commit without a signature."""

    seq: int
    committed_at: datetime


def is_young(committed_at: datetime, now: datetime | None) -> bool:
    """Tell whether a commit may still wait for its signature; one that says it is yet to come may not."""
    return now is None or -CLOCK_TOLERANCE <= now - committed_at <= GRACE


def binds(commit: Commit) -> bool:
    """Tell whether a signature on this commit asks for one on each after it.

    Programs before 0.2.0 called a missing one a note. Its writer is believed, since it is signed.
    """
    found = re.match(r"[0-9]+(?:\.[0-9]+)*", str(commit.writer.get("version", "")))
    return not found or tuple(int(part) for part in found[0].split(".")[:2]) >= _RULE_SINCE


@dataclass(slots=True, kw_only=True)
class Signatures:
    """What is known of signatures, commit by commit in rising order."""

    now: datetime | None = None
    """None: nobody's age is judged."""
    bound: int = 0
    """From which signed commit on each must be signed; 0: from none."""
    first: int = 0
    last: int = 0
    """Numbers of the first and of the last signed commit."""
    unsigned: list[Unsigned] = field(default_factory=list)

    def signed(self, commit: Commit) -> None:
        """Note a commit that is signed by a key that counts."""
        self.first = self.first or commit.seq
        self.last = max(self.last, commit.seq)
        if not self.bound and binds(commit):
            self.bound = commit.seq

    def missing(self, commit: Commit) -> None:
        """Note a commit that has no signature."""
        self.unsigned.append(Unsigned(commit.seq, commit.committed_at))

    def look_again(self, is_signed: Callable[[int], bool]) -> int:
        """Drop those that were signed meanwhile, of the ones that must be; return how many."""
        left = [one for one in self.unsigned if self._lack(one) == "free" or not is_signed(one.seq)]
        came = len(self.unsigned) - len(left)
        self.unsigned = left
        return came

    def faults(self, *, required: bool) -> Iterator[tuple[str, str]]:
        """Yield (key, what is wrong); with `required` every unsigned commit is a fault."""
        told = [*self._faults()]
        if required and self.unsigned and not told:
            # Those before the key's first signature are held by it.
            behind = [one.seq for one in self.unsigned if 0 < self.first < one.seq]
            named = beside((behind or [self.unsigned[0].seq])[0], "sig")
            told = [(named, f"unsigned: {ranges(one.seq for one in self.unsigned)}")]
        yield from told

    def _faults(self) -> Iterator[tuple[str, str]]:
        why: Mapping[_Lack, str] = {
            "followed": f"and commit {self.last} behind is signed",
            "old": "older than an hour",
            "to come": "and made at a time that is yet to come, as they say",
        }
        for lack, words in why.items():
            if numbers := self._lacking(lack):
                yield beside(numbers[0], "sig"), f"unsigned: {ranges(numbers)}, {words}; {_way_out(numbers)}"

    def notes(self) -> Iterator[str]:
        """Yield what is no fault."""
        if free := self._lacking("free"):
            yield f"unsigned: {ranges(free)}; scrapy sign signs them"
        if young := self._lacking("young"):
            yield (
                f"unsigned: {ranges(young)}, younger than an hour: a writer may stand between its commit and its "
                "signature; later it is a fault"
            )

    def _lacking(self, lack: _Lack) -> list[int]:
        return [one.seq for one in self.unsigned if self._lack(one) == lack]

    def _lack(self, one: Unsigned) -> _Lack:
        if not 0 < self.bound <= one.seq:
            return "free"
        if one.seq < self.last:
            return "followed"
        if self.now is None:
            return "free"
        if is_young(one.committed_at, self.now):
            return "young"
        return "to come" if one.committed_at > self.now else "old"


def _way_out(numbers: list[int]) -> str:
    return (
        f"scrapy sign {ranges(numbers).replace(', ', ' ')} shows what they are, and signs them where you vouch for it"
    )


def ranges(numbers: Iterable[int]) -> str:
    """Return rising numbers as text: `1-3, 7`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in spans)
