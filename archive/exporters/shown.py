"""What each listing showed of its articles at each look: a look that found it again only names it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archive.facts.teasers import teasers_digest
from archive.log.segments import decode_lines, most, read_segment
from archive.opened import Archive

_KEPT = 8
"""How many lists of one address are remembered: two crawls side by side may name one that is not the last."""
_Teasers = Sequence[Mapping[str, Any]]


class ShownTeasers:
    """The teasers of listings, taken from their checks in the order of the log; earlier ones are looked up."""

    def __init__(self, archive: Archive, *, since: int) -> None:
        """Begin behind the commit `since`: every check after it is given to `of`."""
        self._archive, self._back = archive, since
        self._known: dict[str, dict[str, _Teasers]] = {}

    def of(self, check: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
        """Yield (article, its teaser) of a listing's check in the order of rank; None where no teasers were kept.

        Raises IntegrityError for a segment that can't be read.
        """
        full, listed, digest = check.get("teasers"), check.get("listed", ()), check.get("teasers_digest")
        if full:
            lists = self._known.setdefault(check["url"], {})
            lists[teasers_digest(full)] = full
            if len(lists) > _KEPT:
                del lists[next(iter(lists))]
        elif digest:
            full = self._named(check["url"], digest)
        yield from zip(listed, full or [None] * len(listed), strict=True)

    def _named(self, url: str, digest: str) -> _Teasers | None:
        while digest not in self._known.get(url, {}) and self._back > 0:
            self._look_back()
        return self._known.get(url, {}).get(digest)

    def _look_back(self) -> None:
        commit = self._archive.log.read(self._back)
        self._back -= 1
        if commit is None:
            return
        for segment in commit.segments:
            if segment.kind == "checks":
                for check in decode_lines(
                    read_segment(self._archive.store, segment), segment.key, most(commit, segment)
                ):
                    if full := check.get("teasers"):
                        self._known.setdefault(check["url"], {}).setdefault(teasers_digest(full), full)
