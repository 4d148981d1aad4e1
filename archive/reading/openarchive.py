"""An archive opened by a program: iterators over its views, and the names, citations and proofs of its versions."""

import atexit
from collections.abc import Callable, Generator, Iterator, Mapping
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Generic, Literal, Self, TypeVar, Unpack, cast
from weakref import WeakSet

from archive.catalog.articles import Version
from archive.catalog.articles import cited as cite_of
from archive.catalog.naming import named_version
from archive.catalog.selection import Selection, Word
from archive.errors import UsageError
from archive.exporters.citing import Cited, bibtex, cited, csl, ris
from archive.exporters.own import selected
from archive.exporters.rowtypes import (
    ArticleCells,
    CaptureRow,
    ChangeRow,
    CheckRow,
    CommitRow,
    EventRow,
    LatestRow,
    PlacementRow,
    ReadingRow,
)
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical
from archive.log.chain import Head
from archive.opened import Archive
from archive.reading.chosen import Choice, typed_out
from archive.trust.proof import prove

RowT = TypeVar("RowT")
Choose = Callable[[Archive, str, Mapping[Word, Any]], Selection]
"""Reads the words of a selection, as texts, for a view of an archive. Raises UsageError."""
Reference = Literal["bibtex", "ris", "csl"]
_REFERENCES: Mapping[Reference, Callable[[Cited], str]] = {
    "bibtex": bibtex,
    "ris": ris,
    "csl": lambda told: canonical(csl(told)).decode(),
}


_left = WeakSet["OpenArchive"]()


@atexit.register
def _close_left() -> None:
    # Rows that nobody read to their end are let go of before the catalog below them is closed.
    for opened in list(_left):
        opened.close()


class RowStream(Iterator[RowT], Generic[RowT]):
    """The rows of a view, one after the other, read while they are asked for."""

    def __init__(self, opened: "OpenArchive", found: Generator[dict[str, Any], None, None]) -> None:
        self._opened, self._found = opened, found

    def __next__(self) -> RowT:
        """Return the next row. Raises UsageError where the archive was closed meanwhile."""
        self._opened.check_open()
        return cast("RowT", next(self._found))

    def stop(self) -> None:
        """Let go of what the rest would be read from."""
        self._found.close()


class OpenArchive:
    """An archive opened for reading; made by `archive.open`, closed by `close` or at the end of a `with`.

    Every method that gives rows takes the words by which commands choose (`archive.reading.chosen.Choice`), and gives
    dicts with the fields that DATA_FORMAT.md (Export views) lists: of one moment, as of the `head`, in the order of the
    export of that view. Instants are RFC 3339 text in UTC. An archive is for one thread at a time.
    All raise UsageError for a word that means nothing, and what reading a store may raise (`archive.errors`).
    """

    def __init__(
        self, parts: Archive, *, choose: Choose, named: Callable[[Archive, str], str],
        folder: "TemporaryDirectory[str] | None" = None,
    ) -> None:  # fmt: skip
        self._parts, self._choose, self._named, self._folder = parts, choose, named, folder
        self._given = WeakSet[RowStream[Any]]()
        self._closed = False
        _left.add(self)

    def articles(self, **words: Unpack[Choice]) -> RowStream[ArticleCells]:
        """Give every article that was ever seen, read or not, with its state and what its newest text says."""
        return self._rows("articles", words)

    def latest(self, **words: Unpack[Choice]) -> RowStream[LatestRow]:
        """Give the newest text of each article that was read."""
        return self._rows("latest", words)

    def versions(self, **words: Unpack[Choice]) -> RowStream[LatestRow]:
        """Give every version of every article, with the record that began it."""
        return self._rows("versions", words)

    def changes(self, **words: Unpack[Choice]) -> RowStream[ChangeRow]:
        """Give what changed between each two neighbouring versions, and whether a clock of the outlet said so."""
        return self._rows("changes", words)

    def events(self, **words: Unpack[Choice]) -> RowStream[EventRow]:
        """Give what happened to articles, each not before and not after which instants."""
        return self._rows("events", words)

    def checks(self, **words: Unpack[Choice]) -> RowStream[CheckRow]:
        """Give every look at every address, and what came of it."""
        return self._rows("checks", words)

    def placements(self, **words: Unpack[Choice]) -> RowStream[PlacementRow]:
        """Give who stood where in which listing, at each look."""
        return self._rows("placements", words)

    def records(self, **words: Unpack[Choice]) -> RowStream[ReadingRow]:
        """Give every reading of every capture."""
        return self._rows("records", words)

    def captures(self, **words: Unpack[Choice]) -> RowStream[CaptureRow]:
        """Give every HTTP exchange: what was asked, what came, in which WARC file at which byte it lies."""
        return self._rows("captures", words)

    def commits(self, **words: Unpack[Choice]) -> RowStream[CommitRow]:
        """Give the log, commit by commit."""
        return self._rows("commits", words)

    def version(self, name: str) -> Version:
        """Return one version by `ID`, `ID@TIME`, `ID@2` or `ID@DIGITS`, as `scrapy show` takes it.

        Raises UsageError where there is none of that name.
        """
        self.check_open()
        catalog = self._parts.catalog
        return named_version(catalog.db, self._named(self._parts, name), catalog.vocabulary.zone)

    def cite(self, row: LatestRow | ReadingRow) -> str:
        """Return `ID@TIME` of a row of latest, versions or records: what its capture is cited by, for ever."""
        self.check_open()
        return cite_of(self._parts.catalog.db, row)

    def citation(self, name: str, form: Reference = "bibtex", *, base: str = "") -> str:
        """Return a citation of a version; `base` is the address of the archive's pages, where they are served.

        Raises UsageError as `version` does, and for a form that is none.
        """
        if form not in _REFERENCES:
            raise UsageError(f"no form of citation {form!r}; choose from {', '.join(_REFERENCES)}")
        return _REFERENCES[form](cited(self.version(name), self._parts.catalog.vocabulary.outlet, base))

    def proof(self, name: str) -> bytes:
        """Return what proves a version to somebody without the archive; docs/check_proof.py checks it.

        Raises UsageError as `version` does, and IntegrityError where the archive does not hold what its record says.
        """
        return prove(self._parts, self.version(name).record)

    @property
    def head(self) -> Head:
        """The commit as of which all is told: its number and digest."""
        self.check_open()
        return self._parts.catalog.head()

    @property
    def uri(self) -> str:
        """Where the archive lies."""
        return self._parts.store.uri

    @property
    def edition(self) -> str:
        """The name of the edition that it is of."""
        return self._parts.catalog.vocabulary.edition

    def close(self) -> None:
        """Close the archive; rows that were not read yet can't be read any more. Closing it again does nothing."""
        if not self._closed:
            for rows in list(self._given):
                rows.stop()
            self._closed = True
            self._parts.close()
            if self._folder:
                self._folder.cleanup()

    def check_open(self) -> None:
        """Raise UsageError once the archive is closed."""
        if self._closed:
            raise UsageError(f"{self.uri} was closed; open it again, and read its rows before the `with` ends")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        at = "closed" if self._closed else f"commit {self._parts.catalog.head().seq}"
        return f"<archive {self.uri} of {self.edition}, {at}>"

    def _rows(self, view: str, words: Choice) -> RowStream[Any]:
        self.check_open()
        # A word that is wrong is told here, and not at the first row.
        chosen = self._choose(self._parts, view, typed_out(words))
        rows = RowStream[Any](self, self._told(view, chosen))
        self._given.add(rows)
        return rows

    def _told(self, view: str, chosen: Selection) -> Generator[dict[str, Any], None, None]:
        with selected(self._parts, chosen.source) as archive:
            yield from VIEWS[view](archive, chosen)
