"""A local directory as a store: temp file, fsync, link to the final name, fsync of the directory."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from archive.errors import ArchiveError, IntegrityError, KeyExists, KeyMissing, NoSpace, StorageError
from archive.ids import KEY
from archive.store import Entry

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_REMEDIES = {
    errno.EMFILE: "raise the limit with ulimit -n",
    errno.EROFS: "mount it writable",
    errno.EACCES: "give this user the right to it",
}


class FolderStore:
    """Objects as files below one root; a key is taken by link(2), which fails where the name exists."""

    def __init__(self, root: str | Path, uri: str) -> None:
        self.root, self.uri = Path(root), uri

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key) or ".." in key.split("/") or key.startswith("/"):
            raise StorageError(f"{key!r} is no key of an archive; keys are [a-z0-9./-] only")
        path = self.root / key
        for part in (path, *path.parents):
            if part == self.root:
                break
            if part.is_symlink():
                raise IntegrityError(f"{part} in {self.uri} is a symbolic link; an archive holds none: remove it")
        return path

    def create(self, key: str, data: bytes) -> None:
        """Store bytes under a key that is absent."""
        path = self._path(key)
        temp = path.parent / f".{secrets.token_hex(8)}.part"
        try:
            self._make(path.parent)
            with temp.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.link(temp, path)
            _sync(path.parent)
        except FileExistsError as error:
            raise KeyExists(key, self.uri) from error
        except OSError as error:
            raise self._explained(error, path) from error
        finally:
            with contextlib.suppress(OSError):
                temp.unlink(missing_ok=True)

    def _make(self, folder: Path) -> None:
        missing = [p for p in (folder, *folder.parents) if not p.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for made in missing:
            _sync(made.parent)

    def get(self, key: str) -> bytes:
        """Return an object's bytes."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError as error:
            raise KeyMissing(key, self.uri) from error
        except OSError as error:
            raise self._explained(error, self.root / key) from error

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Return a part of an object."""
        try:
            with self._path(key).open("rb") as file:
                file.seek(offset)
                return file.read(length)
        except FileNotFoundError as error:
            raise KeyMissing(key, self.uri) from error
        except OSError as error:
            raise self._explained(error, self.root / key) from error

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Yield objects by key; temp files and strangers are left out."""
        found = []
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = Path(folder) / name
                key = path.relative_to(self.root).as_posix()
                if not name.startswith(".") and key.startswith(prefix) and KEY.fullmatch(key):
                    found.append((key, path.lstat()))
        for key, stat in sorted(found, key=lambda pair: pair[0]):
            yield Entry(key=key, size=stat.st_size, modified=datetime.fromtimestamp(stat.st_mtime, UTC))

    def delete(self, key: str) -> None:
        """Remove an object."""
        self._path(key).unlink(missing_ok=True)

    def _explained(self, error: OSError, path: Path) -> ArchiveError:
        if error.errno in _FULL:
            return NoSpace(f"no space for {path} in {self.uri}: free some; running the command again continues")
        remedy = _REMEDIES.get(error.errno or 0, "check the disk")
        return StorageError(f"cannot use {path} in {self.uri}: {error.strerror}; {remedy}")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
