"""One moment of the catalog: what several questions are answered of, while other processes fold on."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_moment(db: sqlite3.Connection) -> Iterator[None]:
    """Let all that is read inside be of one moment of the catalog; inside of another one it is that one's."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("COMMIT")
