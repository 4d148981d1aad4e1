"""A catalog's files: a copy for whoever is to leave everything as it is, and what one leaves that came to nothing."""

import glob
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from archive.errors import ArchiveError
from archive.seen.memory import NAME


def companions(path: str | Path) -> set[Path]:
    """Return a catalog's files that are there: its own, the memory of heads, and what SQLite and we put beside them."""
    place = Path(path)
    return {file for name in (place.name, NAME) for file in place.parent.glob(f"{glob.escape(name)}*")}


class Traces:
    """What a catalog that may come to nothing leaves behind: its files, and the folders made for them."""

    def __init__(self, path: str | Path) -> None:
        """Note what is there before the catalog is opened."""
        self._path, self._was_there = Path(path), Path(path).exists()
        self._folders = [folder for folder in self._path.parents if not folder.exists()]

    def remove(self) -> None:
        """Remove what came since, once the catalog is closed; nothing where it was there, or somebody has it open."""
        if self._was_there or not _is_ours_alone(self._path):
            return
        for file in self._path.parent.glob(f"{glob.escape(self._path.name)}*"):
            file.unlink(missing_ok=True)
        for folder in self._folders:
            with suppress(OSError):
                folder.rmdir()


def _is_ours_alone(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=0)) as db:
            # SQLite leaves the write-ahead log only for the one connection that there is (sqlite.org/wal.html).
            return bool(db.execute("PRAGMA journal_mode = DELETE").fetchone()[0] == "delete")
    except sqlite3.Error:
        return False


@contextmanager
def aside(path: str | Path) -> Iterator[Path]:
    """Give the path of a copy of a catalog, until the block ends; where there is none, that of none.

    A copy that a writer's commit made a patchwork of is damaged to SQLite, and folded anew. What an error in the block
    says of the copy is said of the catalog itself.
    """
    with tempfile.TemporaryDirectory(prefix="aside-") as folder:
        copy = Path(folder) / Path(path).name
        for file, its_copy in ((Path(path), copy), (Path(path).with_name(NAME), copy.with_name(NAME))):
            for ending in ("", "-wal"):
                with suppress(FileNotFoundError):
                    shutil.copyfile(f"{file}{ending}", f"{its_copy}{ending}")
        try:
            yield copy
        except ArchiveError as error:
            # Whoever is told to delete or mend a file is told of the one that stays.
            home = str(Path(path).absolute().parent)
            error.args = tuple(arg.replace(folder, home) if isinstance(arg, str) else arg for arg in error.args)
            raise
