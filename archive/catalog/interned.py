"""What stands once in the catalog and is told by a number: texts that come again and again, and results of looks."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from archive.catalog.articles import Db
from archive.facts.outcomes import Kind, Outcome, Reason, reason_of


class Result(NamedTuple):
    """What a look came to: a row of `results`."""

    kind: Kind
    outcome: Outcome
    reason: Reason
    status: int | None
    detail: str
    source: str | None


class Interned:
    """The numbers of texts and results, given in the order in which they are met. Of one transaction."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._texts: dict[str, int] = {}
        self._known: int = db.execute("SELECT coalesce(max(number), 0) FROM interned").fetchone()[0]
        self._results: dict[tuple[Any, ...], tuple[int, Result]] = {}

    def text(self, text: str) -> int:
        """Return a text's number; one that is met for the first time gets the next."""
        found = self._texts.get(text)
        if found is None:
            row = self._db.execute("SELECT number FROM interned WHERE text = ?", (text,)).fetchone()
            found = row[0] if row else self._new("INSERT INTO interned (text) VALUES (?)", (text,))
            self._texts[text] = found
        return found

    def is_new(self, number: int) -> bool:
        """Tell whether a text was met for the first time, so that nothing older is told by its number."""
        return number > self._known

    def maybe(self, text: str | None) -> int | None:
        """Return a text's number, None for none."""
        return None if text is None else self.text(text)

    def result(self, check: Mapping[str, Any], source: str | None) -> tuple[int, Result]:
        """Return what a stored check came to, with its number; `source` is whose look it is, None for our own.

        One that is met for the first time gets the next number. Raises KeyError.
        """
        kind, outcome, status, detail = check["kind"], check["outcome"], check.get("status"), check.get("detail", "")
        said = kind, outcome, check.get("reason"), status, detail, source
        found = self._results.get(said)
        if found is None:
            result = Result(kind, outcome, reason_of(check), status, detail, source)
            row = self._db.execute(_SAME, result).fetchone()
            found = self._results[said] = (row[0] if row else self._new(_RESULT, result), result)
        return found

    def _new(self, sql: str, values: tuple[Any, ...]) -> int:
        number = self._db.execute(sql, values).lastrowid
        assert number is not None
        return number


_SAME = (
    "SELECT number FROM results WHERE kind = ? AND outcome = ? AND reason = ? AND status IS ? AND detail = ? "
    "AND source IS ?"
)
_RESULT = "INSERT INTO results (kind, outcome, reason, status, detail, source) VALUES (?, ?, ?, ?, ?, ?)"
