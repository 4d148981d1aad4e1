"""What a command says of an error that was not foreseen."""

from archive.errors import ArchiveError, LimitReached


def unforeseen(error: Exception) -> ArchiveError:
    """Return what is told of an error that nobody raised for a person."""
    if isinstance(error, MemoryError):
        return LimitReached("the memory that this process may use is full: allow it more, or free some")
    return ArchiveError(f"{type(error).__name__}: {error}; this is a bug: --debug shows where")
