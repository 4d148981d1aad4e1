"""`scrapy export FORMAT`: the archive's views as files; the same archive gives the same bytes on any day."""

import argparse
import sys

from archive.catalog.since import Since
from archive.errors import UsageError
from archive.exporters import FORMATS
from archive.exporters.views import VIEWS
from crawler.cli.command import ArchiveCommand


class Command(ArchiveCommand):
    """Export a view."""

    takes = (1, 1)
    prints_data = False

    def syntax(self) -> str:
        """Return the words after the name."""
        return f"{'|'.join(FORMATS)} [--view {'|'.join(VIEWS)}] [--since SEQ|DATE] [-o PATH|URI]"

    def short_desc(self) -> str:
        """Say what the command does."""
        return "Write a view of the archive: latest, versions, changes, events, checks or placements"

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument("--view", default="latest", metavar="VIEW", help=f"{', '.join(VIEWS)} (default: latest)")
        parser.add_argument(
            "--since", metavar="SEQ|DATE", help="only what came after a commit number, or from a day on"
        )
        parser.add_argument("-o", "--output", metavar="PATH|URI", help="file (.gz, .zst) or s3://… (default: stdout)")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the export and say on stderr how many rows went where."""
        if args[0] not in FORMATS:
            raise UsageError(f"no export format {args[0]!r}; choose from {', '.join(FORMATS)}")
        if opts.view not in VIEWS:
            raise UsageError(f"no view {opts.view!r}; choose from {', '.join(VIEWS)}")
        since = Since(opts.since)
        rows = VIEWS[opts.view](self.archive(), since)
        count = FORMATS[args[0]](rows, opts.output)
        if opts.output not in (None, "-"):
            print(f"{count} rows of {opts.view} in {opts.output}", file=sys.stderr)
