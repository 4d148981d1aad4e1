"""A local directory as a store.

Every open goes part by part below the root and follows no symbolic link there. The root itself may be one.
"""

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from archive.errors import ArchiveError, IntegrityError, KeyExists, KeyMissing, NoSpace, StorageError
from archive.stores.newfile import TEMPORARY, create_file
from archive.stores.store import DOCUMENT, Entry, check_key, is_key, short, too_long

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a pipe planted under a key must not hang the reader. It means nothing to a regular file.
_OBJECT = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_REMEDIES = {
    errno.EACCES: "give this user the right to read and write there",
    errno.EPERM: "give this user the right to read and write there",
    errno.EROFS: "mount it for writing, or choose another place",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "raise the system's limit of open files (fs.file-max)",
    errno.EFBIG: "raise the limit of file size (ulimit -f)",
    errno.ENAMETOOLONG: "choose a shorter path for the archive",
    errno.EEXIST: "a file stands where a folder is needed: move it away",
    errno.ENOTDIR: "a file stands where a folder is needed: move it away",
    errno.EISDIR: "a folder stands where an object is needed: move it away",
    errno.EIO: "the disk fails: look into the system's log, and copy the archive elsewhere",
}


class FolderStore:
    """Objects as files below one directory, made by the first write; each gets mode 0644 less the umask."""

    def __init__(self, root: str | Path, uri: str) -> None:
        self.root, self.uri = Path(root), uri
        self._synced: set[str] = set()

    def create(self, key: str, data: bytes) -> None:
        """See `Store.create`. Raises UnsafeStore where the file system has no way to take a name that is free."""
        check_key(key)
        with self._explained(key):
            _make_root(self.root)
            with self._parent(key, make=True) as folder:
                self._write(folder, key, data)

    def get(self, key: str, most: int = DOCUMENT) -> bytes:
        """See `Store.get`. Raises IntegrityError for a symbolic link, pipe or device under the key."""
        with self._object(key) as handle:
            size = os.fstat(handle).st_size
            if size > most:
                raise too_long(key, most)
            return _read(handle, key, 0, size)

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """See `Store.get_range`."""
        with self._object(key) as handle:
            return _read(handle, key, offset, length)

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """See `Store.list`. Raises IntegrityError for a symbolic link whose name could be a key's."""
        for key, found in self._walk("", prefix):
            if is_key(key):
                yield Entry(key=key, size=found.st_size, modified=_moment(found))

    def names(self, prefix: str = "") -> Iterator[str]:
        """See `Store.names`. A symbolic link is a name like another; whoever gets it is told."""
        return (path for path, _ in self._walk("", prefix, links=True))

    def now(self) -> datetime | None:
        """See `Store.now`: that of a file made now, since the folder may lie on another machine."""
        begin, end = TEMPORARY
        try:
            with tempfile.NamedTemporaryFile(prefix=begin, suffix=end, dir=self.root) as file:
                return _moment(os.fstat(file.fileno()))
        except OSError:
            return None

    def delete(self, key: str) -> None:
        """See `Store.delete`. The folder stays, empty or not."""
        check_key(key)
        with self._explained(key), contextlib.suppress(FileNotFoundError), self._parent(key) as folder:
            os.unlink(_name(key), dir_fd=folder)
            os.fsync(folder)

    def sweep(self, before: datetime, *, dry_run: bool = False) -> tuple[str, ...]:
        """Remove temporary files older than that time, left by writers that were killed; return their paths."""
        begin, end = TEMPORARY
        old = tuple(
            path
            for path, found in self._walk("", "", hidden=True, links=True)
            if _name(path).startswith(begin) and path.endswith(end) and found.st_mtime < before.timestamp()
        )
        for path in () if dry_run else old:
            with self._explained(path):
                (self.root / path).unlink(missing_ok=True)
        return old

    def _write(self, folder: int, key: str, data: bytes) -> None:
        _refuse_taken(folder, key, self.uri)
        try:
            try:
                create_file(folder, _name(key), data)
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                # After a failed fsync the kernel may call the same pages clean: only a new file proves anything.
                create_file(folder, _name(key), data)
        except FileExistsError as error:
            # Whoever made it may not have synced yet, and our caller will take it for stored.
            os.fsync(folder)
            raise KeyExists(key, self.uri) from error

    @contextlib.contextmanager
    def _object(self, key: str) -> Iterator[int]:
        check_key(key)
        with self._explained(key):
            try:
                with self._parent(key) as folder:
                    handle = _open(folder, _name(key), _OBJECT)
            except (FileNotFoundError, NotADirectoryError) as error:
                raise KeyMissing(key, self.uri) from error
            try:
                mode = os.fstat(handle).st_mode
                if stat.S_ISDIR(mode):
                    raise KeyMissing(key, self.uri)
                if not stat.S_ISREG(mode):
                    raise IntegrityError(f"{self.root / key} is no regular file; remove it, and run scrapy verify")
                yield handle
            finally:
                os.close(handle)

    @contextlib.contextmanager
    def _parent(self, key: str, *, make: bool = False) -> Iterator[int]:
        """Open the folder that holds a key; with `make`, folders that are missing are made, and all are durable."""
        folder = os.open(self.root, _FOLDER & ~os.O_NOFOLLOW)
        try:
            for part in Path(key).parents[-2::-1]:
                if make:
                    self._make(folder, part)
                below = _open(folder, part.name, _FOLDER)
                os.close(folder)
                folder = below
            yield folder
        finally:
            os.close(folder)

    def _make(self, above: int, folder: Path) -> None:
        made = False
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder.name, dir_fd=above)
            made = True
        # One that was there is synced too, once: its maker, another process, may not have done so yet.
        if made or str(folder) not in self._synced:
            os.fsync(above)
            self._synced.add(str(folder))

    def _walk(
        self, folder: str, prefix: str, *, hidden: bool = False, links: bool = False
    ) -> Iterator[tuple[str, os.stat_result]]:
        """Yield (path, status) of files below a folder in the order of their whole paths, with `links` links, too."""
        with self._explained(folder):
            try:
                with os.scandir(self.root / folder) as found:
                    # "a-b" sorts before "a/b": a folder's place is that of its name with the slash.
                    entries = sorted((e.name + "/" if e.is_dir(follow_symlinks=False) else e.name, e) for e in found)
            except FileNotFoundError:
                return
        for name, entry in entries:
            path = folder + name
            if name[0] == "." and not hidden:
                continue
            if name[-1] == "/" and (path.startswith(prefix) or prefix.startswith(path)):
                yield from self._walk(path, prefix, hidden=hidden, links=links)
            elif name[-1] != "/" and path.startswith(prefix) and (status := self._status(entry, path, links=links)):
                yield path, status

    def _status(self, entry: os.DirEntry[str], path: str, *, links: bool) -> os.stat_result | None:
        if entry.is_symlink() and is_key(path) and not links:
            raise _linked(entry.name, self.root / path)
        with self._explained(path), contextlib.suppress(FileNotFoundError):
            return entry.stat(follow_symlinks=False)
        return None

    @contextlib.contextmanager
    def _explained(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _explanation(error, self.root / key) from error


def _moment(status: os.stat_result) -> datetime:
    try:
        return datetime.fromtimestamp(status.st_mtime, UTC)
    except (ValueError, OverflowError, OSError):
        # File systems hold times past the calendar's.
        return _LAST if status.st_mtime > 0 else _FIRST


def _name(key: str) -> str:
    return key.rpartition("/")[2]


def _refuse_taken(folder: int, key: str, uri: str) -> None:
    """Look before writing a file in vain; the link decides all the same."""
    try:
        mode = os.stat(_name(key), dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), key)
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), _name(key))
    os.fsync(folder)
    raise KeyExists(key, uri)


def _open(folder: int, name: str, flags: int) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR) and stat.S_ISLNK(_mode(folder, name)):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name) from error
        raise


def _mode(folder: int, name: str) -> int:
    return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode


def _make_root(root: Path) -> None:
    missing = [folder for folder in (root, *root.parents) if not folder.exists()]
    root.mkdir(parents=True, exist_ok=True)
    for made in missing:
        handle = os.open(made.parent, _FOLDER & ~os.O_NOFOLLOW)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _read(handle: int, key: str, offset: int, length: int) -> bytes:
    parts = []
    while length > 0:
        part = os.pread(handle, length, offset)
        if not part:
            raise short(key, offset + length)
        parts.append(part)
        offset, length = offset + len(part), length - len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _linked(name: str, path: Path) -> IntegrityError:
    return IntegrityError(f"{name} in {path} is a symbolic link; an archive holds none: remove it, run scrapy verify")


def _explanation(error: OSError, path: Path) -> ArchiveError:
    why = error.strerror or str(error)
    if error.errno == errno.ELOOP:
        return _linked(str(error.filename), path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpace(
            f"no space for {path} ({why}): free some on its file system, then run the command again; what was stored "
            "before is whole, nothing half-written stays"
        )
    remedy = _REMEDIES.get(error.errno or 0, "check the file system, then run the command again")
    return StorageError(f"cannot use {path} ({why}): {remedy}")
