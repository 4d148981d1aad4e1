"""What a command says of an error that was not foreseen, or of a catalog that gave nonsense."""

from archive.catalog.file import is_damaged
from archive.errors import ArchiveError, LimitReached


def unforeseen(error: Exception) -> ArchiveError:
    """Return what is told of an error that nobody raised for a person."""
    if isinstance(error, MemoryError):
        return LimitReached("the memory that this process may use is full: allow it more, or free some")
    return ArchiveError(f"{type(error).__name__}: {error}; this is a bug: --debug shows where")


def renewed_for(error: Exception) -> str:
    """Return what is told where a command can't be answered again after its catalog was made anew."""
    if is_damaged(error):
        return "the catalog was damaged and was made anew: run the command again"
    why = f"the catalog was made anew, since {type(error).__name__} may come from a damaged one"
    return f"{why}: run the command again; if it ends so once more that is a bug: --debug shows where"
