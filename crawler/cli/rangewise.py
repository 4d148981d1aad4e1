"""An export made range by range of articles: in several processes, on a cluster, in shares that are joined later."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from archive.catalog.selection import Selection
from archive.errors import UsageError
from archive.exporters.format import Format
from archive.exporters.manifest import manifest, manifest_of, of_share
from archive.exporters.parts import join, read_parts
from archive.exporters.ranges import BY_ARTICLE, Ranges, numbers_of, share_of
from archive.exporters.targets import Written, check_target, write_manifest
from archive.facts.canonical import canonical
from archive.opened import Archive
from archive.parallel.cluster import Cluster
from archive.parallel.journal import journal
from archive.trust.signing import public_keys
from archive.trust.snapshots import judge
from crawler.cli.formats import FORMATS
from crawler.cli.machines import share_named
from crawler.crawl.clock import present
from crawler.crawl.program import PROGRAM


@dataclass(frozen=True, slots=True, kw_only=True)
class Rangewise:
    """One export, as far as it is made by many."""

    chosen: Format
    view: str
    share: tuple[int, int] | None
    """Which of how many."""
    by: str
    """The option by which many were asked for; empty: one makes all."""

    def check(self, selection: Selection) -> None:
        """Raise UsageError for what is not made range by range of articles."""
        if not self.by:
            return
        if self.chosen.lines is None or self.view not in BY_ARTICLE:
            raise UsageError(
                f"{self.by} goes with {_having_lines()} of {', '.join(BY_ARTICLE)}, whose rows stand article by "
                f"article; leave it out for {self.chosen.name} of {self.view}"
            )
        if selection.since.seq:
            told = f"--since {selection.since.seq}: what came since a commit is little"
            raise UsageError(f"{told}; leave out {self.by}")

    def own(self, archive: Archive, selection: Selection) -> Selection:
        """Return the selection of this share's articles alone."""
        return replace(selection, span=share_of(numbers_of(archive), *self.share)) if self.share else selection

    def manifest(self, archive: Archive, selection: Selection) -> Callable[[Written, Mapping[str, Any]], bytes]:
        """Return what tells of an export, by what was written and by which program; of a share, which one it is."""

        def told(written: Written, program: Mapping[str, Any]) -> bytes:
            whole = manifest(archive, self.chosen.name, self.view, selection, written, program)
            if self.share is None or selection.span is None:
                return whole
            (number, of), (first, last) = self.share, selection.span
            return of_share(whole, {"number": number, "of": of, "first": first, "last": last})

        return told

    @contextmanager
    def ranges(
        self, archive: Archive, selection: Selection, by: int | Cluster, verify_key: str
    ) -> Iterator[Ranges | None]:
        """Give what makes the rows in several processes or on a cluster; None where this process does."""
        if by == 1 or self.chosen.lines is None:
            yield None
            return
        catalog = archive.catalog
        words = [
            dict(PROGRAM), archive.store.uri, catalog.head().digest, self.chosen.name, self.view, selection.told(),
            archive.own, list(selection.span or ()), str(catalog.vocabulary.zone),
        ]  # fmt: skip
        judging = partial(judge, public_keys(verify_key), required=True)
        with journal(Path(catalog.path), "export", canonical(words), present()) as kept:
            yield Ranges(processes=by, lines=self.chosen.lines, journal=kept, judging=judging)


def rangewise(chosen: Format, view: str, opts: argparse.Namespace, place: str) -> Rangewise:
    """Read `--share`, `--dask` and `--processes`. Raises UsageError for a share whose manifest would lie nowhere."""
    asked = {"--share": opts.share is not None, "--dask": opts.dask is not None, "--processes": opts.processes > 1}
    share = None if opts.share is None else share_named(opts.share)
    if share and place == "stdout":
        raise UsageError("--share writes a file, and a manifest beside it by which it is joined: name the file with -o")
    by = next((name for name, was_asked in asked.items() if was_asked), "")
    return Rangewise(chosen=chosen, view=view, share=share, by=by)


def _having_lines() -> str:
    return " and ".join(each.name for each in FORMATS.values() if each.lines)


def joined(chosen: Format, files: list[str], target: str | None, own: dict[str, str]) -> tuple[str, Written]:
    """Write what the files of all shares hold as one, and its manifest; return the view. Raises UsageError."""
    if chosen.lines is None:
        raise UsageError(f"no shares of {chosen.name} can be joined; --join goes with {_having_lines()}")
    parts = read_parts(files)
    told = parts[0].same
    if told["format"] != chosen.name:
        raise UsageError(f"these are shares of {told['format']}, not of {chosen.name}: name that format")
    check_target(target)
    rows = join(parts, chosen.lines.head(told["view"], **own), target)
    if target is not None and rows.files:
        write_manifest(target, manifest_of(told, rows))
    return str(told["view"]), rows
