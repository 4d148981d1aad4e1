"""`scrapy browse`: the archive as pages for a browser, until Ctrl-C."""

import argparse
import os
import re
import sys
import webbrowser
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from archive.errors import UsageError
from archive.stores.temporary import temporary_folder
from archive.texts.terminal import printable
from crawler.cli.command import ArchiveCommand
from crawler.cli.notes import tell_notes
from crawler.cli.stopping import stopping
from crawler.crawl.keys import judge_of
from crawler.editions.known import edition_of

_HIGHEST_PORT = 65_535
_ORIGIN = re.compile(r"https?://[a-z0-9.\-]+(?::[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](?::[0-9]{1,5})?")


class Command(ArchiveCommand):
    """Serve pages."""

    words = "[--host HOST] [--port PORT] [--name NAME]… [--cors ORIGIN]… [--no-open] [SOURCE…]"
    says = "Read an archive, or exported files, in a browser: search, compare, cite"
    examples = (
        ("", "the archive of the settings"),
        ("versions.jsonl.gz checks.jsonl.gz", "exported files, without an archive"),
        ("--port 0 --no-open", "on any port; no browser is opened"),
    )
    takes = (0, 1000)
    prints_data = False

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", default="8642", help="port to listen on, 0 for any (default: 8642)")
        parser.add_argument(
            "--name", action="append", default=[], help="a further host name under which it is reached, as of a proxy"
        )
        parser.add_argument(
            "--cors",
            action="append",
            default=[],
            help="an origin whose web pages may read this, as https://example.org",
        )
        parser.add_argument("--no-open", action="store_true", help="open no browser")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve until stopped."""
        # Scrapy imports every command to begin any: the web framework is only for who serves.
        from browse.asking import Site  # noqa: PLC0415
        from browse.reader import Reader  # noqa: PLC0415
        from browse.server import bound, serve  # noqa: PLC0415
        from crawler.cli.reading import facts_of, made_searchable, opened  # noqa: PLC0415

        assert self.settings is not None
        with bound(opts.host, _port(opts.port)) as place, temporary_folder("browse") as folder, stopping():
            sources, name = [self.placed(word) for word in args], edition_of(self.settings).name
            judge = judge_of(self.settings)
            found = opened(sources, Path(folder), name, judge) if sources else (self.archive(), None, None)
            archive, alone, searchable = found
            if sources:
                tell_notes(archive)
            with closing(Reader(archive, still=alone is not None)) as reader, made_searchable(searchable, _complain):
                edition = self.edition(archive)
                site = Site(
                    reader=reader, outlet=facts_of(edition), clock=lambda: datetime.now(UTC), alone=alone,
                    complain=_complain,
                )  # fmt: skip
                serve(
                    site, place, names=tuple(opts.name), origins=tuple(map(_origin, opts.cors)),
                    opened=_opening(place.url, opens=not opts.no_open),
                )  # fmt: skip


def _port(text: str) -> int:
    if text.isdecimal() and text.isascii() and len(text) < 6 and int(text) <= _HIGHEST_PORT:
        return int(text)
    raise UsageError(f"--port {text!r} is no port; give a number from 0 to {_HIGHEST_PORT}")


def _origin(text: str) -> str:
    if text == "*" or _ORIGIN.fullmatch(text):
        return text
    raise UsageError(f"--cors {text!r} is no origin; write https://example.org without a path, or * for every one")


def _opening(url: str, *, opens: bool) -> Callable[[], None]:
    def opened() -> None:
        print(f"the archive is open at {url} (Ctrl-C ends it)", flush=True)
        if opens and sys.stdout is not None and sys.stdout.isatty() and _has_browser():
            webbrowser.open(url)

    return opened


def _has_browser() -> bool:
    # Without a screen Python would start a browser of the terminal's, which takes the terminal for itself.
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _complain(line: str) -> None:
    print(f"browse: {printable(' '.join(line.split()))}", file=sys.stderr, flush=True)
