"""`scrapy browse`: the archive as pages for a browser, until Ctrl-C."""

import argparse
import os
import sys
import webbrowser
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from archive.errors import UsageError
from archive.facts.items import Capture
from archive.texts.terminal import printable
from browse.asking import Site
from browse.outlet import OutletFacts
from browse.reader import Reader
from browse.server import bound, serve
from crawler.backfill.replays import unwrapped
from crawler.cli.command import ArchiveCommand, stopping
from crawler.editions.edition import Edition
from crawler.editions.known import edition_named, in_zone
from crawler.pages import decoding

_HIGHEST_PORT = 65_535


class Command(ArchiveCommand):
    """Serve pages."""

    words = "[--host HOST] [--port PORT] [--name NAME]… [--no-open]"
    says = "Read the archive in a browser: search, compare, cite; writes nothing"
    prints_data = False

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", default="8642", help="port to listen on, 0 for any (default: 8642)")
        parser.add_argument(
            "--name", action="append", default=[], help="a further host name under which it is reached, as of a proxy"
        )
        parser.add_argument("--no-open", action="store_true", help="open no browser")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve until stopped."""
        del args
        assert self.settings is not None
        if not (opts.port.isdecimal() and int(opts.port) <= _HIGHEST_PORT):
            raise UsageError(f"--port {opts.port!r} is no port; give a number from 0 to {_HIGHEST_PORT}")
        with bound(opts.host, int(opts.port)) as place, closing(Reader(self.archive())) as reader:
            edition = in_zone(edition_named(reader.catalog.vocabulary.edition), self.settings)
            site = Site(reader=reader, outlet=facts_of(edition), clock=lambda: datetime.now(UTC), complain=_complain)
            with stopping():
                serve(site, place, names=tuple(opts.name), opened=_opening(place.url, opens=not opts.no_open))


def _opening(url: str, *, opens: bool) -> Callable[[], None]:
    def opened() -> None:
        print(f"the archive is open at {url} (Ctrl-C ends it)", flush=True)
        seen = sys.stdout.isatty() and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or _is_desktop())
        if opens and seen:
            webbrowser.open(url)

    return opened


def _is_desktop() -> bool:
    return sys.platform in ("darwin", "win32")


def _complain(line: str) -> None:
    print(f"browse: {printable(' '.join(line.split()))}", file=sys.stderr, flush=True)


def facts_of(edition: Edition) -> OutletFacts:
    """Return what pages are told of an edition."""

    def article_of(url: str) -> tuple[str, datetime | None] | None:
        bare, at, _ = unwrapped(url if "://" in url else f"https://{url}")
        number = edition.article_id(bare)
        return (number, at) if number else None

    return OutletFacts(
        name="Press TV",
        edition=edition.name,
        language=edition.language,
        zone=edition.zone,
        sections={section.key: section.name for section in edition.sections},
        article_of=article_of,
        html_of=_html_of,
    )


def _html_of(capture: Capture) -> str:
    return decoding.html(capture)[0]
