"""`scrapy export FORMAT`: the archive's views as files; the same archive gives the same bytes on any day."""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from archive.catalog.moment import one_moment
from archive.catalog.selection import WORDS, Selection, Word
from archive.errors import UsageError
from archive.exporters.folders import NOWHERE, check_folder, is_folder
from archive.exporters.format import Format, WrittenLines, default_views, options_of, views_of
from archive.exporters.manifest import manifest
from archive.exporters.own import selected
from archive.exporters.ranges import BY_ARTICLE, Ranges
from archive.exporters.targets import MANIFEST, Written, check_target, put_manifest, write_manifest
from archive.facts.canonical import canonical
from archive.facts.names import dated
from archive.opened import Archive
from archive.parallel.journal import Journal, journal
from archive.parallel.workers import check_processes
from archive.texts.amounts import amount
from archive.texts.terminal import printable
from crawler.cli.command import ArchiveCommand, as_json
from crawler.cli.formats import FORMATS
from crawler.cli.meant import check_meant
from crawler.cli.selecting import add_processes, add_selection, given
from crawler.cli.stopping import stopping
from crawler.cli.streams import tell
from crawler.crawl.clock import present
from crawler.crawl.program import PROGRAM
from crawler.crawl.progress import passing

SCHEMA = "presstv.export/1"
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
            f"[--until DATE] [--section NAME,…] [--silent] …{own} [--processes N] [--json] [--dry-run] [-o PATH|URI]"
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
        place = self.placed(opts.manifest)
        check_target(place)
        return place

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the export, and say which commit it stands at and how many rows went where."""
        if args[0] not in FORMATS:
            raise UsageError(f"no export format {args[0]!r}; choose from {', '.join(FORMATS)}")
        chosen = FORMATS[args[0]]
        view = chosen.views[0] if opts.view is None else opts.view
        if view not in chosen.views:
            raise UsageError(f"no view {view!r}; choose from {', '.join(chosen.views)}")
        own, place = _own(chosen, opts, self.zone()), _place(opts)
        if place == "stdout" and not (chosen.text or opts.dry_run) and sys.stdout is not None and sys.stdout.isatty():
            raise UsageError(f"{chosen.name} is no text for a terminal: name a file with -o, or pipe it on")
        check_meant(view, given(opts), chosen.words)
        check_processes(opts.processes)
        target = None if opts.output is None else self.placed(opts.output)
        folder = chosen.place == "folder" or (chosen.place == "either" and is_folder(target))
        asked = self._asked(chosen, opts)
        replaced = check_folder(target) if folder else check_target(target)
        if replaced and chosen.place == "folder":
            raise UsageError(f"{place} holds files already: {chosen.name} wants a folder of its own; name a new one")
        with stopping(), contextlib.ExitStack() as stack:
            whole = stack.enter_context(self.looking()) if opts.dry_run else self.archive()
            selection = self.selection(whole, opts)
            _check_since(chosen, selection.since.seq, folder=folder)
            archive = stack.enter_context(selected(whole, selection.source))
            stack.enter_context(one_moment(archive.catalog.db))
            goes = (NOWHERE if folder else os.devnull) if opts.dry_run else target
            progress = stack.enter_context(passing("writing rows"))
            write = chosen.write
            kept = None
            if opts.processes > 1:
                lines = _lines(chosen, view, selection)
                kept = stack.enter_context(_journal(archive, chosen.name, view, selection))
                write = Ranges(processes=opts.processes, lines=lines, journal=kept).write
            rows = write(archive, view, chosen=selection, target=goes, progress=progress, **own)
            told = _report(archive, chosen.name, view, selection) | {"rows": int(rows), "target": place}
            if isinstance(rows, Written) and chosen.place != "folder" and not opts.dry_run:
                tell_of = partial(manifest, archive, chosen.name, view, selection)
                beside = f"{str(target).rstrip('/')}/{view}" if folder else target
                told |= _with_manifest(rows, tell_of, beside, asked)
        if kept and kept.taken:
            tell(f"went on: {amount(kept.taken, 'range')} of articles had been made when the same export was stopped")
        what = f"{amount(rows, 'row')} of {view}"
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


def _lines(chosen: Format, view: str, selection: Selection) -> WrittenLines:
    """Return how rows are written. Raises UsageError for what is not made range by range of articles."""
    if chosen.lines is None or view not in BY_ARTICLE:
        having = " and ".join(each.name for each in FORMATS.values() if each.lines)
        raise UsageError(
            f"--processes goes with {having} of {', '.join(BY_ARTICLE)}, whose rows stand article by article; "
            f"leave it out for {chosen.name} of {view}"
        )
    if selection.since.seq:
        raise UsageError(f"--since {selection.since.seq}: what came since a commit is little; leave out --processes")
    return chosen.lines


def _journal(archive: Archive, name: str, view: str, selection: Selection) -> AbstractContextManager[Journal]:
    catalog = archive.catalog
    words = [PROGRAM, archive.store.uri, catalog.head().digest, name, view, selection.told(), archive.own]
    return journal(Path(catalog.path), "export", canonical(words), present())


def _own(chosen: Format, opts: argparse.Namespace, zone: tzinfo) -> dict[str, str]:
    """Return the options of the format that was chosen, days of the zone; those of another one are refused."""
    for option, having in options_of(FORMATS.values()):
        if option not in chosen.options and getattr(opts, option.name) is not None:
            raise UsageError(f"--{option.name} is not for {chosen.name}; it goes with {having}")
    given = {option: getattr(opts, option.name) for option in chosen.options}
    now = present()
    return {each.name: each.default if value is None else dated(value, now, zone) for each, value in given.items()}
