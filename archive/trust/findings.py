"""What verification finds: problems that name a key, who refers to it, and notes that are no fault."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from archive.errors import ArchiveError, IntegrityError
from archive.log.chain import EMPTY, Head

ProblemKind = Literal[
    "missing", "damaged", "chain", "head", "index", "record", "check", "revisit", "signature", "timestamp",
    "memory",
]  # fmt: skip
"""What can be wrong with a key."""
MOST_TOLD = 100
"""Problems of one key that are told: a segment of millions of bad lines is one that is damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: `detail` names who refers to it."""

    kind: ProblemKind
    key: str
    detail: str


@dataclass(slots=True, kw_only=True)
class Report:
    """What verification found."""

    head: Head = EMPTY
    published: int | None = None
    """Number of the commit whose digest was published, where that was asked for and is there."""
    lags: int = 0
    """By how many commits this copy ends before the archive was seen to end elsewhere."""
    commits: int = 0
    segments: int = 0
    skipped: int = 0
    """Segments that were not read, since a part was asked for."""
    captures: int = 0
    records: int = 0
    bytes: int = 0
    signed: int = 0
    """Commits whose signature was checked and holds."""
    stamped: dict[str, str] = field(default_factory=dict)
    """Key of each time-stamp that holds → its time."""
    problems: list[Problem] = field(default_factory=list)
    """What is wrong: of one key `MOST_TOLD` at most."""
    faults: dict[str, int] = field(default_factory=dict)
    """Key → how many things are wrong with it, told or not."""
    orphans: list[str] = field(default_factory=list)
    """Segments that no commit names: of a writer at work or one that died; `scrapy gc` removes old ones. Left empty
    where a commit is missing or damaged and in a copy that lags, since what is named can't be known."""
    strangers: list[str] = field(default_factory=list)
    """Names in the archive's folders that no program of ours gives: whoever reads files by pattern would read them."""
    derived: dict[str, str] = field(default_factory=dict)
    """Keys of what is derived from the log and wrong → what is the matter: no fault, since nobody believes it."""
    notes: list[str] = field(default_factory=list)
    """What is no fault and yet worth knowing."""

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong; orphans alone are no fault."""
        return not self.problems

    def add(self, kind: ProblemKind, key: str, detail: str) -> None:
        """Note a fault; of a key that has many already it is only counted."""
        self.faults[key] = self.faults.get(key, 0) + 1
        if self.faults[key] <= MOST_TOLD:
            self.problems.append(Problem(kind=kind, key=key, detail=detail))

    def take(self, other: "Report") -> None:
        """Take in what a reading of a part came to."""
        self.segments += other.segments
        self.captures += other.captures
        self.records += other.records
        self.bytes += other.bytes
        told = Counter(problem.key for problem in other.problems)
        for problem in other.problems:
            self.add(problem.kind, problem.key, problem.detail)
        for key, count in other.faults.items():
            if count > told[key]:
                self.faults[key] += count - told[key]


def fault(report: Report, uri: str) -> ArchiveError | None:
    """Return the error that stands for a report, or None where the archive is whole."""
    if report.whole:
        return None
    first = report.problems[0]
    others = sum(report.faults.values()) - 1
    more = f" and {others} more" if others > 0 else ""
    return IntegrityError(f"{first.kind}: {first.key}: {first.detail}{more}; restore from another copy of {uri}")
