"""`scrapy export FORMAT`: the archive's views as files; the same archive gives the same bytes on any day."""

import argparse
import os
import sys

from archive.catalog.since import Since
from archive.errors import UsageError
from archive.exporters import FORMATS
from archive.exporters.format import Format, default_views, options_of, views_of
from archive.exporters.selection import SOURCES, selected, source_named
from archive.exporters.targets import check_target
from archive.texts.amounts import amount
from crawler.cli.command import ArchiveCommand, say


class Command(ArchiveCommand):
    """Export a view; what there is to choose from is asked of the table of formats."""

    takes = (1, 1)
    prints_data = False

    def syntax(self) -> str:
        """Return the words after the name."""
        own = "".join(f" [--{option.name} {option.metavar}]" for option, _ in options_of(FORMATS.values()))
        return (
            f"{'|'.join(FORMATS)} [--view {'|'.join(views_of(FORMATS.values()))}] [--since SEQ|DATE] "
            f"[--source {'|'.join(SOURCES)}]{own} [--dry-run] [-o PATH|URI]"
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
        parser.add_argument(
            "--since", metavar="SEQ|DATE", help="only what came after a commit number, or from a day on"
        )
        parser.add_argument(
            "--source",
            metavar="|".join(SOURCES),
            default="all",
            help="own: as if only we had captured (default: all)",
        )
        for option, having in options_of(formats):
            told = f"{having}: {option.help} (default: {option.default})"
            parser.add_argument(f"--{option.name}", metavar=option.metavar, help=told)
        parser.add_argument("--dry-run", action="store_true", help="say what would be written, write nothing")
        parser.add_argument("-o", "--output", metavar="PATH|URI", help="file (.gz, .zst) or s3://… (default: stdout)")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the export and say on stderr how many rows went where."""
        if args[0] not in FORMATS:
            raise UsageError(f"no export format {args[0]!r}; choose from {', '.join(FORMATS)}")
        chosen = FORMATS[args[0]]
        view = chosen.views[0] if opts.view is None else opts.view
        if view not in chosen.views:
            raise UsageError(f"no view {view!r}; choose from {', '.join(chosen.views)}")
        own, since, source = _own(chosen, opts), Since(opts.since), source_named(opts.source)
        target = None if opts.output is None else self.placed(opts.output)
        replaced = check_target(target)
        if opts.dry_run:
            with self.looking() as held, selected(held, source) as archive:
                count = chosen.write(archive, view, since=since, target=os.devnull, **own)
            there = ", in place of the file that is there" if replaced else ""
            place = f"{opts.output or 'stdout'}{there}"
            say([f"would write {amount(count, 'row')} of {view} to {place}; nothing was written"])
            return
        with selected(self.archive(), source) as archive:
            count = chosen.write(archive, view, since=since, target=target, **own)
        if opts.output not in (None, "-"):
            print(f"{amount(count, 'row')} of {view} in {opts.output}", file=sys.stderr)


def _own(chosen: Format, opts: argparse.Namespace) -> dict[str, str]:
    """Return the options of the format that was chosen; those of another one are refused."""
    for option, having in options_of(FORMATS.values()):
        if option not in chosen.options and getattr(opts, option.name) is not None:
            raise UsageError(f"--{option.name} is not for {chosen.name}; it goes with {having}")
    given = {option: getattr(opts, option.name) for option in chosen.options}
    return {option.name: option.default if value is None else value for option, value in given.items()}
