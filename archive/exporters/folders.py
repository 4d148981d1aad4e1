"""Folders that an export fills with files: on disk, below a prefix of a store, or nowhere, for who only counts.

On disk the files appear together, when all are written; one that would be as it was is left alone.
"""

import filecmp
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Protocol

from archive.errors import StorageError, UsageError
from archive.exporters.targets import (
    Fill,
    WrittenFile,
    check_near,
    check_target,
    failed,
    is_store,
    local_path,
    to_store,
    write_part,
    written_file,
)
from archive.stores.opening import open_place
from archive.stores.putting import put_once
from archive.stores.store import Store
from archive.stores.temporary import part_in, sweep, temporary_folder

_SENDERS = 8
NOWHERE = f"{os.devnull}/"
"""The folder that takes nothing: what is written there is counted."""


class Folder(Protocol):
    """A folder that takes files until its block ends."""

    files: list[WrittenFile]
    """What lies there when the block has ended, by name: what was put there, and what `only` leaves."""

    @property
    def last(self) -> WrittenFile:
        """What was put there last; its name says nothing yet."""

    def put(self, name: str, fill: Fill) -> int:
        """Write a file, below a folder where its name has a slash; count what it holds. Raises as `write_to`."""

    def only(self, ours: Callable[[str], bool], gone: Callable[[str], bool], told: str) -> None:
        """Say which files that lie there are this export's by name, and which of these go where nobody puts them now.

        `told` is the name of what tells of them, which goes before any of them changes. A store keeps what it has.
        """


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
    check_near(target)
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
    """Give the folder of a target; one that is not there is filled beside its place, and renamed.

    Raises StorageError and NoSpace.
    """
    if target == NOWHERE:
        yield _Nowhere()
    elif is_store(target):
        yield _InStore(target.rstrip("/"))
    elif not local_path(target).exists():
        with whole_folder(target) as part:
            folder = _OnDisk(part)
            yield folder
            folder.show()
    else:
        folder = _OnDisk(local_path(target))
        try:
            with failed(str(folder.path)):
                yield folder
                folder.show()
        except BaseException:
            folder.drop()
            raise


@contextmanager
def whole_folder(target: str) -> Iterator[Path]:
    """Give a folder on disk to fill; what is in it lies in the target, all of it, when the block ends.

    On disk it is renamed, and the target is not there or empty; in a bucket each file is an object, of any name.
    Raises StorageError and NoSpace, UsageError for an object that is there with other bytes.
    """
    if is_store(target):
        with temporary_folder("export") as name:
            yield Path(name)
            _send_all(Path(name), open_place(target.rstrip("/")))
        return
    place = local_path(target)
    part = part_in(place.parent)
    with failed(str(place)):
        try:
            part.mkdir()
            sweep(part)
            yield part
            part.replace(place)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _send_all(folder: Path, store: Store) -> None:
    def send(path: Path) -> None:
        key = path.relative_to(folder).as_posix()
        if not put_once(store, key, path.read_bytes()):
            raise UsageError(f"{key} in {store.uri} holds another export already; choose another place")

    with ThreadPoolExecutor(_SENDERS) as pool:
        for _ in pool.map(send, sorted(path for path in folder.rglob("*") if path.is_file())):
            pass


class _OnDisk:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.files: list[WrittenFile] = []
        self._parts: dict[str, Path] = {}
        self._read: dict[str, WrittenFile] = {}
        """Files of which the digest was asked for already."""
        self._ours: Callable[[str], bool] = lambda _: False
        self._gone: Callable[[str], bool] = lambda _: False
        self._told = ""

    def put(self, name: str, fill: Fill) -> int:
        part = part_in(self.path)
        self._parts[name] = part
        self._read.pop(name, None)
        count = write_part(part, name, fill)
        if len(self._parts) == 1:
            sweep(part)
        self._last = name
        return count

    @property
    def last(self) -> WrittenFile:
        found = self._read[self._last] = written_file(self._parts[self._last], self._last)
        return found

    def only(self, ours: Callable[[str], bool], gone: Callable[[str], bool], told: str) -> None:
        self._ours, self._gone, self._told = ours, gone, told

    def show(self) -> None:
        if self._told:
            (self.path / self._told).unlink(missing_ok=True)
        for name, part in self._parts.items():
            place = self.path / name
            if place.is_file() and filecmp.cmp(part, place, shallow=False):
                part.unlink()
                continue
            place.parent.mkdir(exist_ok=True)
            part.replace(place)
        names = set(self._parts)
        for name in [path.name for path in self.path.iterdir() if path.name not in names and self._ours(path.name)]:
            if self._gone(name):
                (self.path / name).unlink()
            else:
                names.add(name)
        self.files = [self._read.get(name) or written_file(self.path / name, name) for name in sorted(names)]

    def drop(self) -> None:
        for part in self._parts.values():
            with suppress(FileNotFoundError):
                part.unlink()


class _InStore:
    def __init__(self, uri: str) -> None:
        self._uri = uri
        self.files: list[WrittenFile] = []

    def put(self, name: str, fill: Fill) -> int:
        written = to_store(f"{self._uri}/{name}", fill)
        self.files += [replace(each, name=name) for each in written.files]
        return written

    @property
    def last(self) -> WrittenFile:
        return self.files[-1]

    def only(self, ours: Callable[[str], bool], gone: Callable[[str], bool], told: str) -> None:
        del ours, gone, told


class _Nowhere:
    def __init__(self) -> None:
        self.files: list[WrittenFile] = []

    def put(self, name: str, fill: Fill) -> int:
        out: BinaryIO
        with Path(os.devnull).open("wb") as out:
            return fill(out, name)

    @property
    def last(self) -> WrittenFile:
        return WrittenFile(name="", bytes=0, sha256="sha256:")

    def only(self, ours: Callable[[str], bool], gone: Callable[[str], bool], told: str) -> None:
        del ours, gone, told
