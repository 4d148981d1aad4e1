"""A new file under a name that is free: temp file, fsync, link(2) to the final name, fsync of the directory."""

import ctypes
import errno
import logging
import os
import secrets

from archive.errors import UnsafeStore

TEMPORARY = (".", ".part")
"""How the name of a temporary file begins and ends; no key has such a part."""
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_RENAME_NOREPLACE = 1
_log = logging.getLogger(__name__)


def create_file(folder: int, name: str, data: bytes) -> None:
    """Write a file whole and durable under a name in an open directory that is free, or not at all.

    Raises OSError, FileExistsError for a name that is taken; the temporary file is removed whatever happens, but by a
    kill. Raises UnsafeStore where the file system has no way to take a name that is free.
    """
    temporary = secrets.token_hex(8).join(TEMPORARY)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644, dir_fd=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        _take(folder, temporary, name)
    finally:
        _remove(folder, temporary)
    os.fsync(folder)


def _take(folder: int, temporary: str, name: str) -> None:
    try:
        os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _rename(folder, temporary, name)


def _rename(folder: int, temporary: str, name: str) -> None:
    """Rename to a name that is free, on file systems without hard links (exFAT, some FUSE): renameat2(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    rename = getattr(libc, "renameat2", None)
    failed = rename(folder, temporary.encode(), folder, name.encode(), _RENAME_NOREPLACE) if rename else -1
    code = ctypes.get_errno() if rename else errno.ENOSYS
    if failed and code in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
        raise UnsafeStore(
            "the file system of the archive knows neither hard links nor a rename that replaces nothing, so two "
            "writers could overwrite each other; use a directory on ext4, XFS, Btrfs, APFS, NFS or a bucket"
        )
    if failed:
        raise OSError(code, os.strerror(code), name)


def _remove(folder: int, temporary: str) -> None:
    try:
        os.unlink(temporary, dir_fd=folder)
    except FileNotFoundError:
        pass  # renamed
    except OSError as error:
        _log.warning("temporary file %s stays behind (%s); scrapy gc removes it", temporary, error.strerror)
