"""Exported lines on disk until they are folded, in the order of the commits that brought them; memory holds none."""

import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from archive.errors import ConfigurationError
from archive.exported.kinds import LineFacts, RowKind
from archive.exported.lines import ExportedLine

_TABLE = (
    "CREATE TABLE lines (place INTEGER PRIMARY KEY, seq INTEGER NOT NULL, crawl TEXT NOT NULL, kind TEXT NOT NULL, "
    "line INTEGER, article TEXT, at TEXT, same TEXT NOT NULL, held INTEGER NOT NULL, state TEXT, "
    "first_seen TEXT, last_seen TEXT, absent_from TEXT, "
    "file TEXT NOT NULL, number INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL)"
)
_MANY = 2_000
_FIRST = "CASE WHEN line IS NULL THEN 1 ELSE 0 END, CASE WHEN seq = 0 THEN 1 ELSE 0 END, seq, place"
"""Which of rows that are the same counts: one that has its place in the log, then the earliest."""


class SpooledLine(NamedTuple):
    """A line as it is taken back."""

    kind: RowKind
    line: ExportedLine


class ArticleWords(NamedTuple):
    """What the rows of an article say of it."""

    article_id: str
    first_seen: str | None
    away: str | None
    """`gone` or `removed` where no look tells, and its row does; else None."""
    last_seen: str | None
    absent_from: str | None


class LineSpool:
    """Lines in a file, and a table of where they stand."""

    def __init__(self, folder: Path) -> None:
        """Make both in a folder that is nobody else's."""
        self._data = (folder / "lines").open("w+b")
        self.db = sqlite3.connect(folder / "lines.sqlite", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.execute(_TABLE)
        self.db.execute("BEGIN")
        self._rows: list[tuple[object, ...]] = []
        self._held: set[str] = set()

    def add(self, kind: RowKind, known: LineFacts, line: ExportedLine) -> None:
        """Take in a line."""
        offset = self._data.tell()
        self._data.write(line.data)
        at = known.at if kind == "check" else known.captured_at
        self._rows.append(
            (
                known.commit, known.crawl, kind, known.line, known.article_id, at, _same(kind, known, line), known.held,
                known.digest if kind == "commit" else known.state, known.first_seen, known.last_seen,
                known.absent_from, line.name,
                line.number, offset, len(line.data),
            )
        )  # fmt: skip
        if len(self._rows) >= _MANY:
            self._write()

    def _write(self) -> None:
        marks = ", ".join("?" * 16)
        self.db.executemany(f"INSERT INTO lines VALUES (NULL, {marks})", self._rows)
        self._rows.clear()

    def settle(self) -> None:
        """Leave out what is there twice, and give records that say no commit the one of the look that brought them."""
        self._write()
        self._check_history()
        self.db.execute(
            "CREATE INDEX looks ON lines (article, at, seq, crawl) WHERE kind = 'check' AND article IS NOT NULL"
        )
        found = "FROM lines c WHERE c.kind = 'check' AND c.article = lines.article AND c.at = lines.at"
        self.db.execute(
            f"UPDATE lines SET (seq, crawl) = (SELECT seq, crawl {found} ORDER BY seq LIMIT 1) "
            f"WHERE kind = 'record' AND seq = 0 AND EXISTS (SELECT 1 {found})"
        )
        self.db.execute("CREATE INDEX alike ON lines (kind, same)")
        self.db.execute(
            "DELETE FROM lines WHERE place IN (SELECT place FROM (SELECT place, line, kind, "
            f"row_number() OVER (PARTITION BY kind, same ORDER BY {_FIRST}) AS turn, row_number() OVER "
            f"(PARTITION BY kind, same, seq, line ORDER BY {_FIRST}) AS again, "
            "max(line IS NOT NULL) OVER (PARTITION BY kind, same) AS exact FROM lines) "
            "WHERE again > 1 OR (kind <> 'record' AND turn > 1) OR (line IS NULL AND (exact OR turn > 1)))"
        )
        self._held = {crawl for (crawl,) in self.db.execute("SELECT DISTINCT crawl FROM lines WHERE held")}
        self.db.execute("CREATE INDEX in_order ON lines (seq, crawl, kind, line, place)")
        self.db.execute("COMMIT")

    def _check_history(self) -> None:
        self.db.execute("CREATE INDEX told ON lines (seq, state) WHERE kind = 'commit'")
        row = self.db.execute(
            "SELECT file, number, seq FROM lines WHERE kind = 'commit' GROUP BY seq HAVING min(state) <> max(state)"
        ).fetchone()
        if row:
            raise ConfigurationError(
                f"{row[0]}, line {row[1]}: commit {row[2]} stands there twice, and not alike; these files are of two "
                "archives, or of two histories of one: read them one after the other"
            )

    def commits(self) -> Iterator[tuple[int, str]]:
        """Yield (number, crawl) of each commit that lines name, in their order; 0 for those that name none."""
        yield from self.db.execute(
            "SELECT DISTINCT seq, crawl FROM lines WHERE kind IN ('record', 'check', 'commit') ORDER BY seq, crawl"
        ).fetchall()

    def of(self, seq: int, crawl: str) -> Iterator[SpooledLine]:
        """Yield the lines of a commit, those of each kind in their order there."""
        rows = self.db.execute(
            "SELECT kind, file, number, offset, length FROM lines WHERE seq = ? AND crawl = ? "
            "AND kind IN ('record', 'check', 'commit') ORDER BY kind, line IS NULL, line, place",
            (seq, crawl),
        )
        for kind, file, number, offset, length in rows:
            yield SpooledLine(kind, self._line(file, number, offset, length))

    def holds(self, crawl: str) -> bool:
        """Return whether a look of a crawl says that it waits."""
        return crawl in self._held

    def head(self) -> tuple[int, str] | None:
        """Return number and digest of the newest commit of which there is a row, or None."""
        found: tuple[int, str] | None = self.db.execute(
            "SELECT seq, state FROM lines WHERE kind = 'commit' ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return found

    def words(self) -> Iterator[ArticleWords]:
        """Yield what rows say of articles that is more than what can be derived of the lines."""
        looked = "EXISTS (SELECT 1 FROM lines c WHERE c.kind = 'check' AND c.article = l.article)"
        rows = self.db.execute(
            f"SELECT article, min(first_seen), max(CASE WHEN state IN ('gone', 'removed') AND NOT {looked} THEN state "
            "END), max(last_seen), max(absent_from) FROM lines l WHERE kind IN ('record', 'article') "
            "AND article IS NOT NULL GROUP BY article HAVING min(first_seen) IS NOT NULL OR max(state) IS NOT NULL"
        )
        yield from map(ArticleWords._make, rows)

    def unplaced(self, kind: RowKind) -> Iterator[ExportedLine]:
        """Yield the lines of a kind that no commit is made of."""
        for row in self.db.execute(
            "SELECT file, number, offset, length FROM lines WHERE kind = ? ORDER BY place", (kind,)
        ):
            yield self._line(*row)

    def _line(self, file: str, number: int, offset: int, length: int) -> ExportedLine:
        self._data.seek(offset)
        return ExportedLine(file, number, self._data.read(length))

    def close(self) -> None:
        """Let go of both files."""
        self.db.close()
        self._data.close()


def _same(kind: RowKind, known: LineFacts, line: ExportedLine) -> str:
    """Return what two lines have in common that are of one thing."""
    told: list[object]
    if kind == "record":
        told = [known.article_id, known.captured_at, known.digests.payload, known.extraction.revision]
    elif kind == "check":
        told = [known.commit, known.article_id, known.at, known.url, known.kind, known.outcome]
    elif kind == "commit":
        return str(known.commit)
    else:
        return sha256(line.data).hexdigest()
    return " ".join(map(str, told))
