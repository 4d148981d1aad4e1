"""Everything that can go wrong, as one tree; each class carries the exit code that a command ends with.

ArchiveError                1
├── UsageError              2   the words of a command are off
├── ConfigurationError      4   a setting, an archive of a newer format, a clock behind the archive
├── OutletUnreachable       5   no seed of the outlet could be reached
├── ExtractionDrifted       6   the first-choice layout stopped matching
├── RefusedByOutlet         7   robots.txt, a wall or a rate limit
├── StorageError            8   the store can't be read or written
├── IntegrityError          9   what is stored is not what was committed
├── NoArchive              10   nothing to read there
├── SlotTaken              11   another scheduler runs this slot
├── CredentialsError       12   the store refuses who we are or what we may do
├── UnsafeStore            13   the store ignores create-if-absent
├── LimitReached           14   a limit ended the crawl
└── NoSpace                15   disk or quota is full
"""

import re
from typing import ClassVar, Self

# A user and password before a host, be the address whole or not; what a query names as a secret.
_USER = re.compile(r"""(?<=//)[^\s'"`/?#]*@|(?<=//)[^\s'"`/]*:[^\s'"`]*@|[^\s'"`/=(,]+:[^\s'"`/]*@""")
_SECRET = re.compile(
    r"""([?&][\w.-]*(?:token|secret|passw|sig|key|credential|auth)[\w.-]*=)[^&#\s'"`]+""", re.IGNORECASE
)


def without_secrets(text: str) -> str:
    """Return text with users and passwords of addresses in it, and what their queries name as secrets, left out."""
    return _SECRET.sub(r"\1…", _USER.sub("…@", text))


class ArchiveError(Exception):
    """Base of every error that a user may meet; `str()` is the one line to print: what, where, what to do next.

    Whoever raises it may repeat what was given: no credentials in an address get any further.
    """

    exit_code = 1

    def __init__(self, message: str = "") -> None:
        super().__init__(without_secrets(message))


class UsageError(ArchiveError):
    """Raise for words on the command line that fit no command, section, article or format."""

    exit_code = 2


class ConfigurationError(ArchiveError):
    """Raise for a setting out of range, an archive of a newer format, or a clock behind the archive."""

    exit_code = 4


class OutletUnreachable(ArchiveError):
    """Raise when no seed of the outlet answered."""

    exit_code = 5


class ExtractionDrifted(ArchiveError):
    """Raise when the first-choice layout failed on more than a fifth of the pages, or the brake was pulled."""

    exit_code = 6


class RefusedByOutlet(ArchiveError):
    """Raise when robots.txt, a wall or a rate limit refused every seed."""

    exit_code = 7


class StorageError(ArchiveError):
    """Raise when the store can't be reached, read or written."""

    exit_code = 8


class NamedMeanwhile(StorageError):
    """Raise when another commit names a segment that was about to be named; once the log is followed all is well."""


class IntegrityError(ArchiveError):
    """Raise when stored bytes differ from what a commit names, or the log is not the one known."""

    exit_code = 9


class NoArchive(ArchiveError):
    """Raise when a place holds no archive."""

    exit_code = 10


class SlotTaken(ArchiveError):
    """Raise when a scheduled slot was claimed by another process."""

    exit_code = 11


class CredentialsError(ArchiveError):
    """Raise when the store refuses the credentials or a right is missing."""

    exit_code = 12


class UnsafeStore(ArchiveError):
    """Raise when the store's create-if-absent can't be relied on."""

    exit_code = 13


class LimitReached(ArchiveError):
    """Raise when a limit that the user set left something undone."""

    exit_code = 14


class NoSpace(ArchiveError):
    """Raise when the disk or the bucket's quota is full."""

    exit_code = 15


class _OfKey(StorageError):
    says: ClassVar[str]

    def __init__(self, key: str, where: str) -> None:
        super().__init__(self.says.format(key=key, where=where))
        self.key, self._where = key, where

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        """Let it be raised in another process than it came of."""
        return type(self), (self.key, self._where)


class KeyMissing(_OfKey):
    """Raise when a key holds no object."""

    says = "no object {key} in {where}"


class KeyExists(_OfKey):
    """Raise when create-if-absent finds the key taken; whose bytes lie there is the caller's to read."""

    says = "object {key} exists already in {where}"
