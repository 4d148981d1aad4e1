"""What is said on stderr of an archive that was opened: what was passed over, who vouches, by how much a copy lags."""

import sys
from collections.abc import Iterator

from archive.opened import Archive, passed_over
from archive.texts.terminal import printable

_UNPROVEN = (
    "what is told comes from a snapshot that no key of VERIFY_KEY signed, and nobody vouches for it: a crawl folds the "
    "archive itself, and so does any command where -s SNAPSHOTS=0 says so"
)


def tell_notes(archive: Archive, *, only_unproven: bool = False) -> None:
    """Say on stderr what is worth knowing of an archive, or only where nobody vouches for its catalog."""
    if archive.unproven or not only_unproven:
        for line in notes_of(archive):
            print(f"note: {printable(line)}", file=sys.stderr)


def notes_of(archive: Archive) -> Iterator[str]:
    """Yield what is worth knowing of an archive that was opened, a line each."""
    yield from passed_over(archive.log)
    if archive.unproven:
        yield _UNPROVEN
    if archive.lag is not None:
        yield str(archive.lag)
