"""Folders that an export fills with files: on disk, below a prefix of a store, or nowhere, for who only counts.

On disk the files appear together, when all are written; one that would be as it was is left alone.
"""

import filecmp
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from archive.errors import StorageError, UsageError
from archive.exporters.targets import Fill, check_target, failed, is_store, local_path, to_store, write_part

NOWHERE = f"{os.devnull}/"
"""The folder that takes nothing: what is written there is counted."""


class Folder(Protocol):
    """A folder that takes files until its block ends."""

    def put(self, name: str, fill: Fill) -> int:
        """Write a file, and count what it holds. Raises as `write_to`."""

    def only(self, names: Callable[[str], bool]) -> None:
        """Take away, in the end, files of those names that nobody put there now; a store keeps what it has."""


def is_folder(target: str | None) -> bool:
    """Return whether a target is a folder: it ends in a slash, or one is there."""
    if target is None or target == "-":
        return False
    return target.endswith("/") or (not is_store(target) and local_path(target).is_dir())


def check_folder(target: str | None) -> bool:
    """Return whether files lie in that folder. Raises UsageError for what can't be one, StorageError for no place."""
    if target is None or target == "-":
        raise UsageError("this export is a folder of files: name it with -o")
    if is_store(target):
        check_target(f"{target.rstrip('/')}/a")
        return False
    path = local_path(target)
    if path.exists() and not path.is_dir():
        raise StorageError(f"cannot write the export {path}: it is a file; name a folder with -o")
    if not path.parent.is_dir():
        raise StorageError(
            f"cannot write the export {path}: there is no folder {path.parent}; make it first (mkdir -p), or choose "
            "another place with -o"
        )
    return path.is_dir() and any(path.iterdir())


@contextmanager
def folder_at(target: str) -> Iterator[Folder]:
    """Give the folder of a target, made where it is not there. Raises StorageError and NoSpace."""
    if target == NOWHERE:
        yield _Nowhere()
    elif is_store(target):
        yield _InStore(target.rstrip("/"))
    else:
        folder = _OnDisk(local_path(target))
        try:
            with failed(str(folder.path)):
                folder.path.mkdir(exist_ok=True)
                yield folder
                folder.show()
        finally:
            folder.drop_parts()


class _OnDisk:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._parts: dict[str, Path] = {}
        self._names: Callable[[str], bool] = lambda _: False

    def put(self, name: str, fill: Fill) -> int:
        part = self.path / f".export-{os.getpid()}-{os.urandom(4).hex()}.part"
        self._parts[name] = part
        return write_part(part, name, fill)

    def only(self, names: Callable[[str], bool]) -> None:
        self._names = names

    def show(self) -> None:
        for name, part in self._parts.items():
            place = self.path / name
            if not (place.is_file() and filecmp.cmp(part, place, shallow=False)):
                part.replace(place)
        for place in self.path.iterdir():
            if place.name not in self._parts and self._names(place.name):
                place.unlink()

    def drop_parts(self) -> None:
        for part in self._parts.values():
            with suppress(FileNotFoundError):
                part.unlink()


class _InStore:
    def __init__(self, uri: str) -> None:
        self._uri = uri

    def put(self, name: str, fill: Fill) -> int:
        return to_store(f"{self._uri}/{name}", fill)

    def only(self, names: Callable[[str], bool]) -> None:
        del names


class _Nowhere:
    def put(self, name: str, fill: Fill) -> int:
        out: BinaryIO
        with Path(os.devnull).open("wb") as out:
            return fill(out, name)

    def only(self, names: Callable[[str], bool]) -> None:
        del names
