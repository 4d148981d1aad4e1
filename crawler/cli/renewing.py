"""A catalog that gives nonsense while a command answers: which errors may come of it, how it is made anew."""

import sqlite3
import sys
from pathlib import Path

from archive.catalog.file import is_damaged, renewed
from archive.errors import ArchiveError, IntegrityError, StorageError, UsageError
from archive.opened import Archive
from archive.seen.memory import HeadMemory


def may_come_of(opened: Archive | None, error: Exception) -> bool:
    """Tell whether an error may come of the catalog: of damage in it, or of rows that nobody vouches for."""
    if not isinstance(error, (ArchiveError, OSError)):
        return True
    doubted = opened is not None and opened.unproven
    return is_damaged(error) or (doubted and isinstance(error, (IntegrityError, UsageError)))


def make_anew(opened: Archive | None, path: Path, error: Exception) -> None:
    """Make the catalog of an archive anew, empty, and say so; `path` is that of the settings, if none is open.

    The archive is closed. Raises StorageError where it can't be made.
    """
    if opened:
        path = opened.catalog.path
        opened.close()
    why = "is of nobody who is known" if opened and opened.unproven else "seems damaged"
    print(f"the catalog {path} {why} ({type(error).__name__}): it is made anew", file=sys.stderr)
    try:
        renewed(path, HeadMemory(path))
    except (OSError, sqlite3.DatabaseError) as other:
        told = f"the catalog {path} is damaged and can't be made anew: {other}; set CATALOG_PATH to another place"
        raise StorageError(told) from error


def renewed_for(error: Exception) -> str:
    """Return what is told where a command can't be answered again after its catalog was made anew."""
    if is_damaged(error):
        return "the catalog was damaged and was made anew: run the command again"
    why = f"the catalog was made anew, since {type(error).__name__} may come from a damaged one"
    return f"{why}: run the command again; if it ends so once more that is a bug: --debug shows where"
