"""Put together what the readings of commits came to: what points to nothing, and who points into what is wrong."""

from array import array
from dataclasses import dataclass, field, replace

from archive.facts.names import commit_key
from archive.log.chain import Commit, Segment
from archive.stores.store import Store
from archive.texts.amounts import first_of
from archive.trust.examining import Examination, Pointer, stem
from archive.trust.findings import Report

_REFERS = {
    "record": "tells of a capture, with url, instant, status and payload,",
    "revisit": "refers to a capture of the same payload",
    "check": "confirms a reading or a capture",
}
_PENDING = 50_000
_NAMED = 3


@dataclass(slots=True, kw_only=True)
class Audit:
    """The readings of commits in the order of these, and what was passed over."""

    store: Store
    thorough: bool = False
    """Whether what was passed over is looked into for what checks confirm, too: then all that was read is judged."""
    report: Report = field(default_factory=Report)
    known: "array[int]" = field(default_factory=lambda: array("Q"))
    """Hashes of what may be pointed to (`Examination.known`)."""
    pointers: dict[int, Pointer] = field(default_factory=dict)
    """Hash of what is pointed to from elsewhere → who points there: judged at the end."""
    unread: list[tuple[str, Segment]] = field(default_factory=list)
    """Segments that were passed over, with the key of their commit: looked into for what is pointed to there."""
    refer: dict[str, list[str]] = field(default_factory=dict)
    """Segment that can't be read → who points into it."""
    _unjudged: set[str] = field(default_factory=set)
    """Stems of indices among those passed over that can't be read."""

    def take(self, found: Examination) -> None:
        """Take in the reading of the next commit."""
        self.report.take(found.report)
        self.known.extend(found.known)
        broken = self.report.faults.keys()
        for pointer in found.pointers:
            if pointer.kind == "record" and pointer.into in broken:
                self.refer.setdefault(pointer.into, []).append(f"{pointer.key} {pointer.what}")
            elif pointer.kind == "check":
                self.pointers.setdefault(pointer.name, pointer)
            else:
                self.pointers[pointer.name] = pointer
        if len(self.pointers) > _PENDING:
            self._settle()

    def skip(self, commit: Commit) -> None:
        """Pass over what a commit names."""
        self.report.skipped += len(commit.segments)
        kinds = ("index", "records") if self.thorough else ("index",)
        self.unread += [(commit_key(commit.seq), s) for s in commit.segments if s.kind in kinds]

    def end(self) -> None:
        """Tell what points to nothing, and who points into each segment that can't be read."""
        self._settle()
        self._look_into_unread()
        told = {problem.key for problem in self.report.problems}
        for pointer in self.pointers.values():
            if self._is_unjudged(pointer):
                continue
            if pointer.into in told:
                self.refer.setdefault(pointer.into, []).append(f"{pointer.key} {pointer.what}")
                continue
            lacks = f"{pointer.into} does not hold" if pointer.into else "no segment holds"
            self.report.add(pointer.kind, pointer.key, f"{pointer.what} {_REFERS[pointer.kind]} that {lacks}")
        self._name_referrers()

    def _is_unjudged(self, pointer: Pointer) -> bool:
        """Tell whether what is pointed to may be in what was passed over."""
        if pointer.kind == "check" and self.report.skipped and not self.thorough:
            return True
        return stem(pointer.into) in self._unjudged if pointer.into else bool(self._unjudged)

    def _look_into_unread(self) -> None:
        # Indices first: of most of what is pointed to they are enough.
        for by, segment in sorted(self.unread, key=lambda one: one[1].kind != "index"):
            if not self.pointers:
                return
            found = Examination(store=self.store)
            if segment.kind == "records":
                found.readings(segment)
            elif not found.index(by, segment):
                self._unjudged.add(stem(segment.key))
            self.report.take(found.report)
            self.known.extend(found.known)
            for name in found.known:
                self.pointers.pop(name, None)

    def _name_referrers(self) -> None:
        for number, problem in enumerate(self.report.problems):
            # One problem of a segment names them, not each of its records.
            who = self.refer.pop(problem.key, [])
            if who:
                detail = f"{problem.detail}; pointed to by {first_of(who, _NAMED)}"
                self.report.problems[number] = replace(problem, detail=detail)

    def _settle(self) -> None:
        for name in self.known if self.pointers else ():
            self.pointers.pop(name, None)
