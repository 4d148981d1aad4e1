"""Which part of an archive a verification reads: `--since`, `--sample N/T`, `--share N/T`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from archive.errors import UsageError
from archive.facts.names import stamp
from archive.log.chain import Commit

_SAMPLE = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which segments are read; the chain always is, whole."""

    since: Callable[[int, str], bool] = lambda _seq, _at: True
    """Of a commit's number and time (RFC 3339)."""
    sample: tuple[int, int] = (1, 1)
    """The n-th of t parts, by a hash of the batch's name: the t parts together are the whole, however it grows."""
    thorough: bool = False
    """Whether all that is read is judged, for which some of the other parts may have to be looked into."""

    def holds(self, commit: Commit) -> bool:
        """Tell whether the segments of a commit belong to this part."""
        number, parts = self.sample
        name = commit.segments[0].key.rpartition("/")[2].partition(".")[0] if commit.segments else ""
        mine = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big") % parts == number - 1
        return mine and self.since(commit.seq, stamp(commit.committed_at))


def part_of(option: str, text: str | None) -> tuple[int, int]:
    """Return what `--sample` or `--share` say as (which, of how many). Raises UsageError."""
    if text is None:
        return (1, 1)
    found = _SAMPLE.fullmatch(text)
    number, parts = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= parts:
        raise UsageError(f"{option} {text!r} is no part; write 3/7 for the third of seven")
    return (number, parts)
