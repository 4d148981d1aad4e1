"""A catalog in a copy, for whoever may read it and is to leave everything as it is."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def aside(path: str | Path) -> Iterator[Path]:
    """Give the path of a copy of a catalog, until the block ends; where there is none, that of none.

    A copy that a writer's commit made a patchwork of is damaged to SQLite, and folded anew.
    """
    with tempfile.TemporaryDirectory(prefix="presstv-") as folder:
        copy = Path(folder) / "catalog.sqlite"
        for ending in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
        yield copy
