"""Whether a disk has room: what SQLite says of a full one may as well be said of a broken one."""

import errno
import os
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says where a disk, a quota or the largest size of a file is reached."""

_LEAST_ROOM = 64 * 2**10


def is_full(folder: Path) -> bool:
    """Tell whether the disk of a folder has no room, or no inode, for another file; False where nobody can tell."""
    # SQLite that finds none for a new file says "unable to open" or "I/O error", and hides the errno.
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _LEAST_ROOM or (disk.f_files > 0 and disk.f_favail == 0)
