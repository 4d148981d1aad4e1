"""SQLite's errors told apart, for every file of it that this program keeps, and databases without a file's name."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

_PRIMARY = 0xFF
UNREADABLE = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
"""What the disk, the rights to it or another process are to blame for, and not the file."""


def code_of(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code, 0 for an error that is not SQLite's own (sqlite.org/rescode.html)."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY


@contextmanager
def nameless(*tables: str) -> Iterator[sqlite3.Connection]:
    """Give a database with these tables that is gone when the block ends; what outgrows its cache lies on disk."""
    with closing(sqlite3.connect("", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = OFF")
        for table in tables:
            db.execute(table)
        yield db
