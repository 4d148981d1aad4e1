"""`scrapy version`: which program this is, how it reads, what it can open."""

import argparse
import platform
from importlib.metadata import version

from archive.log.chain import FORMAT
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.crawl.program import PROGRAM


class Command(ArchiveCommand):
    """Print the program's version."""

    words = "[-v] [--json]"
    says = "Version of this program, its extractor's revision, the archive's format"
    examples = (("-v", "those of the libraries, too"),)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own option, which is Scrapy's."""
        parser.add_argument("-v", "--verbose", action="store_true", help="those of the libraries, too")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print a line each."""
        del args
        told = {**PROGRAM, "format": FORMAT, "scrapy": version("scrapy"), "python": platform.python_version()}
        libraries = _libraries() if opts.verbose else {}
        if opts.json:
            print(as_json({"schema": "presstv.version/1", **told, "libraries": libraries}))
            return
        say([f"{told['name']} {told['version']}", f"extractor revision {told['extractor']}"])
        say([f"archive format {FORMAT}", f"Scrapy {told['scrapy']}, Python {told['python']}"])
        say(f"  {name} {' '.join(number.split())}" for name, number in libraries.items())


def _libraries() -> dict[str, str]:
    # Who only asks for the program's version need not wait for Scrapy.
    from scrapy.utils.versions import get_versions  # noqa: PLC0415

    return dict(get_versions())
