"""`scrapy doctor`: what is misconfigured, and how to mend it."""

import argparse
from dataclasses import asdict
from datetime import UTC, datetime

from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.doctor.checks import FINE, WARNING, WRONG, Finding, examine

SCHEMA = "presstv.doctor/1"
_SIGNS = {FINE: "✓", WARNING: "!", WRONG: "✗"}


class Command(ArchiveCommand):
    """Examine program, settings, store and archive."""

    words = "[--offline] [--json]"
    says = "Say what is misconfigured and how to mend it"
    examples = (
        ("", "look at everything"),
        ("--offline", "ask nobody in the network"),
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument("--offline", action="store_true", help="ask neither the store nor the outlet")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print a line a check; exit 4 where one is wrong."""
        del args
        assert self.settings is not None
        found = []
        for finding in examine(self.settings, lambda: datetime.now(UTC), offline=opts.offline):
            found.append(finding)
            if not opts.json:
                say(_lines(finding))
        if opts.json:
            print(as_json({"schema": SCHEMA, "checks": [asdict(finding) for finding in found]}))
        if any(finding.state == WRONG for finding in found):
            self.exitcode = 4


def _lines(finding: Finding) -> list[str]:
    line = f"{_SIGNS[finding.state]} {finding.check}: {finding.found}"
    return [line, f"    {finding.mend}"] if finding.mend else [line]
