"""A catalog's files: a copy for whoever is to leave everything as it is, and what one leaves that came to nothing."""

import glob
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archive.seen.memory import NAME


def companions(path: str | Path) -> set[Path]:
    """Return a catalog's files that are there: its own, the memory of heads, and what SQLite and we put beside them."""
    place = Path(path)
    return {file for name in (place.name, NAME) for file in place.parent.glob(f"{glob.escape(name)}*")}


class Traces:
    """What a catalog that may come to nothing leaves behind: its files, and the folders made for them."""

    def __init__(self, path: str | Path) -> None:
        """Note what is there before the catalog is opened."""
        self._path, self._before = Path(path), companions(path)
        self._folders = [folder for folder in self._path.parents if not folder.exists()]

    def remove(self) -> None:
        """Remove what came since; nothing where there was a catalog."""
        if self._path in self._before:
            return
        for file in companions(self._path) - self._before:
            file.unlink(missing_ok=True)
        for folder in self._folders:
            with suppress(OSError):
                folder.rmdir()


@contextmanager
def aside(path: str | Path) -> Iterator[Path]:
    """Give the path of a copy of a catalog, until the block ends; where there is none, that of none.

    A copy that a writer's commit made a patchwork of is damaged to SQLite, and folded anew.
    """
    with tempfile.TemporaryDirectory(prefix="presstv-") as folder:
        copy = Path(folder) / "catalog.sqlite"
        for file, its_copy in ((Path(path), copy), (Path(path).with_name(NAME), copy.with_name(NAME))):
            for ending in ("", "-wal"):
                with suppress(FileNotFoundError):
                    shutil.copyfile(f"{file}{ending}", f"{its_copy}{ending}")
        yield copy
