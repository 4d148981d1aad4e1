"""SQLite's errors told apart, for every file of it that this program keeps."""

import sqlite3

_PRIMARY = 0xFF
UNREADABLE = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
"""What the disk, the rights to it or another process are to blame for, and not the file."""


def code_of(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code, 0 for an error that is not SQLite's own (sqlite.org/rescode.html)."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY
