"""`scrapy export FORMAT`: the archive's views as files; the same archive gives the same bytes on any day."""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from archive.catalog.moment import one_moment
from archive.catalog.selection import WORDS, Selection, Word
from archive.errors import UsageError
from archive.exporters.folders import NOWHERE, check_folder, is_folder
from archive.exporters.format import Format, default_views, options_of, views_of
from archive.exporters.own import selected
from archive.exporters.targets import (
    MANIFEST,
    Written,
    check_target,
    is_store,
    local_path,
    put_manifest,
    write_manifest,
)
from archive.facts.names import dated
from archive.opened import Archive
from archive.parallel.workers import check_processes
from archive.texts.amounts import amount
from archive.texts.terminal import printable
from crawler.cli.command import ArchiveCommand, as_json
from crawler.cli.formats import FORMATS
from crawler.cli.machines import add_dask, check_dask, on_cluster
from crawler.cli.meant import check_meant
from crawler.cli.rangewise import joined, rangewise
from crawler.cli.selecting import add_processes, add_selection, given
from crawler.cli.stopping import stopping
from crawler.cli.streams import tell
from crawler.crawl.clock import present
from crawler.crawl.program import PROGRAM
from crawler.crawl.progress import passing

SCHEMA, JOINED = "presstv.export/1", "presstv.join/1"
_TOLD: dict[Word, str] = {"event": "view events: only these"}


class Command(ArchiveCommand):
    """Export a view; what there is to choose from is asked of the table of formats."""

    examples = (
        ("jsonl -o latest.jsonl.gz", "the newest texts"),
        ("csv --view changes --silent --since yesterday", "silent edits since yesterday"),
        ("wacz --ids 711958 -o 711958.wacz", "an article's captures, to replay"),
    )
    takes = (1, 1)

    def syntax(self) -> str:
        """Return the words after the name."""
        own = "".join(f" [--{option.name} {option.metavar}]" for option, _ in options_of(FORMATS.values()))
        return (
            f"{'|'.join(FORMATS)} [--view {'|'.join(views_of(FORMATS.values()))}] [--since SEQ|DATE] "
            f"[--until DATE] [--section NAME,…] [--silent] …{own} [--processes N | --dask ADDRESS] "
            "[--share N/T | --join PART…] [--json] [--dry-run] [-o PATH|URI]"
        )

    def short_desc(self) -> str:
        """Say what the command does."""
        *most, last = views_of(FORMATS.values())
        return f"Write a view of the archive: {', '.join(most)} or {last}"

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options, and those of each format."""
        formats = FORMATS.values()
        told = f"{', '.join(views_of(formats))} (default: {default_views(formats)})"
        parser.add_argument("--view", metavar="VIEW", help=told)
        add_selection(parser, WORDS, _TOLD)
        for option, having in options_of(formats):
            told = f"{having}: {option.help} (default: {option.default})"
            parser.add_argument(f"--{option.name}", metavar=option.metavar, help=told)
        add_processes(parser, "make rows of jsonl and csv")
        parser.add_argument("--share", metavar="N/T", help="jsonl, csv: the N-th of T ranges of articles, into a file")
        add_dask(parser, "make rows of jsonl and csv on the workers of a Dask scheduler")
        parser.add_argument("--join", nargs="+", metavar="PART", help="join the files of all shares")
        parser.add_argument(
            "--manifest", metavar="PATH|URI", help="where its manifest goes (default: beside a file; none for stdout)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be written, write nothing")
        parser.add_argument(
            "-o", "--output", metavar="PATH|URI", help="file (.gz, .zst), folder or s3://… (default: stdout)"
        )

    def may_repeat(self, opts: argparse.Namespace) -> bool:
        """To stdout rows may have gone already; a file appears whole or not at all."""
        return opts.output not in (None, "-")

    def _asked(self, chosen: Format, opts: argparse.Namespace) -> str | None:
        """Return where a manifest was asked for, None where it goes beside. Raises UsageError for no place."""
        if opts.manifest is None:
            return None
        if chosen.place == "folder":
            raise UsageError(f"--manifest is not for {chosen.name}: what it is lies in its folder")
        if opts.manifest in ("", "-"):
            raise UsageError("--manifest names a file of its own, such as latest.jsonl.manifest.json")
        place, target = self.placed(opts.manifest), self.placed(opts.output or "-")
        check_target(place)
        if place == target or (
            not is_store(place) and not is_store(target) and local_path(place) == local_path(target)
        ):
            raise UsageError(f"--manifest {opts.manifest}: the export itself goes there; name another file")
        return place

    def _going(self, chosen: Format, opts: argparse.Namespace, place: str) -> "_Going":
        """Return where the export goes. Raises UsageError where it can't."""
        target = None if opts.output is None else self.placed(opts.output)
        folder = chosen.place == "folder" or (chosen.place == "either" and is_folder(target))
        asked = self._asked(chosen, opts)
        replaced = check_folder(target) if folder else check_target(target)
        if replaced and chosen.place == "folder":
            raise UsageError(f"{place} holds files already: {chosen.name} wants a folder of its own; name a new one")
        return _Going(target=target, folder=folder, manifest=asked, replaced=replaced)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the export, and say which commit it stands at and how many rows went where."""
        chosen, view = _chosen(args[0], opts.view)
        own, place = _own(chosen, opts, self.zone()), _place(opts)
        _check_words(chosen, view, opts, place)
        if opts.join is not None:
            self._join(chosen, opts, own, place)
            return
        many = rangewise(chosen, view, opts, place)
        going = self._going(chosen, opts, place)
        with stopping(), contextlib.ExitStack() as stack:
            by = stack.enter_context(on_cluster(opts)) or opts.processes
            whole = stack.enter_context(self.looking()) if opts.dry_run else self.archive()
            selection = self.selection(whole, opts)
            many.check(selection)
            _check_since(chosen, selection.since.seq, folder=going.folder)
            archive = stack.enter_context(selected(whole, selection.source))
            stack.enter_context(one_moment(archive.catalog.db))
            progress = stack.enter_context(passing("writing rows"))
            selection = many.own(archive, selection)
            assert self.settings is not None
            ranges = stack.enter_context(many.ranges(archive, selection, by, self.settings["VERIFY_KEY"]))
            write, target = ranges.write if ranges else chosen.write, going.nowhere if opts.dry_run else going.target
            rows = write(archive, view, chosen=selection, target=target, progress=progress, **own)
            told = _report(archive, chosen.name, view, selection) | {"rows": int(rows), "target": place}
            if isinstance(rows, Written) and chosen.place != "folder" and not opts.dry_run:
                told |= _with_manifest(rows, many.manifest(archive, selection), going.beside(view), going.manifest)
        if ranges and ranges.journal.taken:
            went_on = amount(ranges.journal.taken, "range")
            tell(f"went on: {went_on} of articles had been made when the same export was stopped")
        self._tell(opts, told, replaced=going.replaced, folder=going.folder)

    def _tell(self, opts: argparse.Namespace, told: dict[str, Any], *, replaced: bool, folder: bool) -> None:
        what, place = f"{amount(told['rows'], 'row')} of {told['view']}", told["target"]
        if opts.json:
            print(as_json(told))
        if opts.dry_run:
            what_is_there = "the files" if folder else "the file"
            there = f", in place of {what_is_there} that {'are' if folder else 'is'} there" if replaced else ""
            would = printable(f"would write {what} to {place}{there}; nothing was written")
            print(would, file=sys.stderr if opts.json else sys.stdout)
            return
        head = f"commit {told['head']['seq']} {told['head']['digest'] or '(no commit yet)'}"
        print(printable(f"{what} in {place}, at {head}"), file=sys.stderr)

    def _join(self, chosen: Format, opts: argparse.Namespace, own: dict[str, str], place: str) -> None:
        """Write what the files of all shares hold as one; no archive is read."""
        others = (opts.view, opts.share, opts.dask)
        if given(opts) or opts.dry_run or opts.manifest or any(other is not None for other in others):
            raise UsageError("--join takes the files as they are: beside it go -o, --json and the format's own options")
        target = None if opts.output is None else self.placed(opts.output)
        with stopping():
            view, rows = joined(chosen, [self.placed(part) for part in opts.join], target, own)
        if opts.json:
            report = {"schema": JOINED, "view": view, "rows": int(rows), "target": place, "shares": len(opts.join)}
            print(as_json(report))
        told = f"{amount(rows, 'row')} of {view} from {amount(len(opts.join), 'share')} in {place}"
        print(printable(told), file=sys.stderr)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Going:
    """Where an export goes."""

    target: str | None
    """None is stdout."""
    folder: bool
    manifest: str | None
    """Where it was asked for; None: beside the target."""
    replaced: bool
    """Whether something lies there."""

    @property
    def nowhere(self) -> str:
        """What takes the export of a dry run, and keeps none of it."""
        return NOWHERE if self.folder else os.devnull

    def beside(self, view: str) -> str | None:
        """Return what the manifest of a view lies beside."""
        return f"{str(self.target).rstrip('/')}/{view}" if self.folder else self.target


def _check_words(chosen: Format, view: str, opts: argparse.Namespace, place: str) -> None:
    """Raise UsageError for words that don't go together, whatever the archive holds."""
    if place == "stdout" and not (chosen.text or opts.dry_run) and sys.stdout is not None and sys.stdout.isatty():
        raise UsageError(f"{chosen.name} is no text for a terminal: name a file with -o, or pipe it on")
    check_meant(view, given(opts), chosen.words)
    check_processes(opts.processes)
    check_dask(opts)


def _chosen(name: str, view: str | None) -> tuple[Format, str]:
    """Return the format and its view that are asked for. Raises UsageError for what is none."""
    if name not in FORMATS:
        raise UsageError(f"no export format {name!r}; choose from {', '.join(FORMATS)}")
    chosen = FORMATS[name]
    if view is not None and view not in chosen.views:
        raise UsageError(f"no view {view!r}; choose from {', '.join(chosen.views)}")
    return chosen, view or chosen.views[0]


def _with_manifest(
    rows: Written, tell_of: Callable[[Written, Mapping[str, Any]], bytes], beside: str | None, asked: str | None
) -> dict[str, str]:
    """Write what tells of an export where it was asked for, else beside its files; return its name for the report."""
    if asked is None:
        return {"manifest": write_manifest(str(beside), tell_of(rows, PROGRAM))} if rows.files else {}
    if rows.streamed:
        # Whoever keeps the stream names it as its manifest.
        name = asked.rpartition("/")[2].removesuffix(MANIFEST) or "stdout"
        rows = Written(rows, replace(rows.streamed, name=name))
    return {"manifest": put_manifest(asked, tell_of(rows, PROGRAM))}


def _report(archive: Archive, name: str, view: str, selection: Selection) -> dict[str, Any]:
    head = archive.catalog.head()
    return {
        "schema": SCHEMA, "archive": archive.store.uri, "edition": archive.catalog.vocabulary.edition, "format": name,
        "view": view, "head": {"seq": head.seq, "digest": head.digest}, "selection": selection.told(),
    }  # fmt: skip


def _place(opts: argparse.Namespace) -> str:
    if opts.output == "":
        raise UsageError("-o is empty: name a file, or leave it out for stdout")
    place = "stdout" if opts.output in (None, "-") else str(opts.output)
    if opts.json and place == "stdout" and not opts.dry_run:
        raise UsageError("--json is about an export that goes to a file: stdout holds its rows; name the file with -o")
    return place


def _check_since(chosen: Format, seq: int, *, folder: bool) -> None:
    """Raise UsageError for an increment of what can only be written whole."""
    if not seq or chosen.grows == "either" or (chosen.grows == "folder" and folder):
        return
    having = [
        each.name + {"folder": " into a folder", "either": ""}[each.grows] for each in FORMATS.values() if each.grows
    ]
    raise UsageError(
        f"--since {seq}: {chosen.name}{' in one file' if chosen.grows else ''} is written whole and takes in nothing "
        f"since a commit; leave --since out or give a day, or choose {', or '.join(having)}"
    )


def _own(chosen: Format, opts: argparse.Namespace, zone: tzinfo) -> dict[str, str]:
    """Return the options of the format that was chosen, days of the zone; those of another one are refused."""
    for option, having in options_of(FORMATS.values()):
        if option not in chosen.options and getattr(opts, option.name) is not None:
            raise UsageError(f"--{option.name} is not for {chosen.name}; it goes with {having}")
    given = {option: getattr(opts, option.name) for option in chosen.options}
    now = present()
    return {each.name: each.default if value is None else dated(value, now, zone) for each, value in given.items()}
