"""What is said on stderr of an archive that was opened: what was passed over, who vouches, by how much a copy lags."""

from collections.abc import Iterator

from archive.opened import Archive, passed_over

_UNPROVEN = (
    "what is told comes from a snapshot that no key of VERIFY_KEY signed, and nobody vouches for it: a crawl folds the "
    "archive itself, and so does any command where -s SNAPSHOTS=0 says so"
)


def notes_of(archive: Archive) -> Iterator[str]:
    """Yield a line for each thing worth knowing that is no fault."""
    yield from passed_over(archive.log)
    if archive.unproven:
        yield _UNPROVEN
    if archive.lag is not None:
        yield str(archive.lag)
