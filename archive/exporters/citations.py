"""Lists of citations for reference managers: BibTeX, RIS and CSL-JSON, one for each article or version."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from archive.catalog.articles import cited
from archive.catalog.selection import Selection
from archive.errors import UsageError
from archive.exporters.citing import Cited, bibtex, cited_as, csl, digits_of, ris
from archive.exporters.format import Format, Option, Progress, unwatched
from archive.exporters.packing import packed
from archive.exporters.targets import write_to
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical
from archive.opened import Archive

BASE = Option(
    name="base", metavar="URL", default="", help="where `scrapy browse` serves this archive, for links to it"
)  # fmt: skip
"""The option of every format that links to the archive's pages."""


def check_base(base: str) -> str:
    """Return the address of the archive's pages. Raises UsageError where it is none."""
    if base and not base.startswith(("http://", "https://")):
        raise UsageError(f"--base {base!r} is no address of pages; write one that begins with https:// or http://")
    return base


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationList:
    """How a list of citations is written; called as `Format.write` is."""

    each: Callable[[Cited], bytes]
    before: bytes = b""
    between: bytes = b""
    behind: bytes = b""

    def __call__(
        self, archive: Archive, view: str, *, chosen: Selection, target: str | None, base: str,
        progress: Progress = unwatched,
    ) -> int:  # fmt: skip
        """Write a citation for each row of a view; count them. Raises UsageError for a `base` that is no address."""
        check_base(base)
        rows = progress(VIEWS[view](archive, chosen))
        outlet, db = archive.catalog.vocabulary.outlet, archive.catalog.db
        told = (cited_as(f"{cited(db, row)}-{digits_of(row)}", row, outlet, base) for row in rows)
        return write_to(target, partial(self._fill, map(self.each, told)))

    def _fill(self, items: Iterable[bytes], out: BinaryIO, name: str) -> int:
        count = 0
        with packed(out, name) as raw:
            raw.write(self.before)
            for item in items:
                raw.write(self.between * bool(count) + item)
                count += 1
            raw.write(self.behind)
        return count


_VIEWS = ("latest", "versions")
FORMATS = tuple(
    Format(name=name, views=_VIEWS, options=(BASE,), write=write)
    for name, write in {
        "bibtex": CitationList(each=lambda told: bibtex(told).encode(), between=b"\n"),
        "ris": CitationList(each=lambda told: ris(told).encode()),
        "csl": CitationList(each=lambda told: canonical(csl(told)), before=b"[\n", between=b",\n", behind=b"\n]\n"),
    }.items()
)
