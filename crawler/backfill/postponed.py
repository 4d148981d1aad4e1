"""What a server did not give in earlier runs: asked for last, so that it never stands before what can be had."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from crawler.backfill.cdx import IndexRow

MOST = 100_000
"""Captures of one index that are remembered."""


@dataclass(slots=True)
class Postponed:
    """The captures of one index that were not given, by address and time; kept in a file between runs.

    The file is a help, and nothing is lost with it: one that can't be read is begun anew.
    """

    path: Path
    index: str
    _names: dict[str, None] = field(default_factory=dict)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Read what is remembered, and write it back in the end, however that comes about."""
        told = self._read().get(self.index, [])
        self._names = dict.fromkeys(name for name in told if isinstance(name, str))
        try:
            yield
        finally:
            whole = {**self._read(), self.index: [*self._names][-MOST:]}
            with suppress(OSError):
                self._write({index: told for index, told in whole.items() if told})

    def _read(self) -> dict[str, list[str]]:
        with suppress(OSError, ValueError):
            whole = json.loads(self.path.read_text(encoding="ascii"))
            if isinstance(whole, dict):
                return {name: told for name, told in whole.items() if isinstance(told, list)}
        return {}

    def _write(self, whole: dict[str, list[str]]) -> None:
        path = self.path
        if whole:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(whole, ensure_ascii=True), encoding="ascii")
        else:
            path.unlink(missing_ok=True)

    def holds(self, row: IndexRow) -> bool:
        """Return whether an earlier run was not given it."""
        return _name(row) in self._names

    def note(self, row: IndexRow, *, given: bool) -> None:
        """Remember that a capture was not given, or forget it."""
        self._names.pop(_name(row), None)
        if not given:
            self._names[_name(row)] = None


def _name(row: IndexRow) -> str:
    return f"{row.timestamp} {row.url}"
