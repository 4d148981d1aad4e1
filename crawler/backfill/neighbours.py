"""Where a capture stands among those of its article: what was in force before it, and what came after."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from archive.catalog.articles import Db
from archive.catalog.packing import unpacked
from archive.facts.outcomes import Outcome
from archive.facts.record import Record, differ
from crawler.pages import REVISION
from pipelines.version import Reread


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a record comes to against the one in force at its time."""

    outcome: Outcome
    confirms: str | None = None
    before: Record | None = None
    """The record in force at its time, read by today's revision where that reads otherwise."""
    after: Record | None = None
    """The one that came next."""
    again: tuple[Record, ...] = ()
    """Neighbours that an older revision read, read again: like is held against like, on both sides."""


@dataclass(slots=True, kw_only=True)
class Neighbours:
    """The records of the archive, and those of the open batch."""

    db: Db
    reread: Reread
    _open: dict[str, list[Record]] = field(default_factory=dict)

    def judge(self, record: Record, *, stored: bool = False) -> Judgement:
        """Return what a record comes to; what is read again for it counts from here on, and so does the record.

        One that is `stored` is held against those of other instants.
        """
        found = self._around(record, stored=stored)
        alike = [self._alike(one, record) for one in found]
        again = tuple(new for new, old in zip(alike, found, strict=True) if new is not None and new is not old)
        for one in (*again, record):
            self._open.setdefault(one["article_id"], []).append(one)
        before = alike[0]
        if before is None:
            return Judgement(outcome="new", again=again, after=alike[1])
        if before["digests"]["version"] != record["digests"]["version"]:
            return Judgement(outcome="changed", again=again, before=before, after=alike[1])
        confirms = before["captured_at"]
        return Judgement(outcome="unchanged", confirms=confirms, again=again, before=before, after=alike[1])

    def has(self, article_id: str) -> bool:
        """Return whether the open batch holds a record of an article."""
        return article_id in self._open

    def committed(self) -> None:
        """Forget what was open: the catalog has it."""
        self._open.clear()

    def _alike(self, found: Record | None, record: Record) -> Record | None:
        if found is None or found["extraction"]["revision"] >= REVISION or not differ(found, record):
            return found
        return self.reread(found) or found

    def _around(self, record: Record, *, stored: bool) -> tuple[Record | None, Record | None]:
        """Return the records in force before and after the instant of a record."""
        number, at = record["article_id"], record["captured_at"]
        held = [*self._open.get(number, ()), *self._stored(number, at, "<" if stored else "<=")]
        before = [r for r in held if r["captured_at"] <= at]
        after = [r for r in held if r["captured_at"] > at]
        return max(before, key=_later, default=None), min(after, key=_sooner, default=None)

    def _stored(self, number: str, at: str, until: Literal["<", "<="]) -> Iterator[Record]:
        for sign, order in ((until, "DESC"), (">", "ASC")):
            row = self.db.execute(
                f"SELECT packed FROM records WHERE article_id = ? AND captured_at {sign} ? "
                f"ORDER BY captured_at {order}, revision DESC, seq DESC, line DESC LIMIT 1",
                (int(number), at),
            ).fetchone()
            if row:
                yield unpacked(row[0])


def _later(record: Record) -> tuple[str, int]:
    return record["captured_at"], record["extraction"]["revision"]


def _sooner(record: Record) -> tuple[str, int]:
    return record["captured_at"], -record["extraction"]["revision"]
