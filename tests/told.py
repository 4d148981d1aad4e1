"""The story that the documentation's outputs come from, told again: its commands are run, its outputs compared."""

import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from demo.outlet import Outlet, written
from demo.server import serve
from demo.story import BAKER, make_news
from tests import loaded
from tests.project import ROOT, environment
from tests.stepped import Stepped

HOURS = (11, 12, 18)
"""Of the three crawls: the third comes six hours after the second, so that it confirms a removal."""
CRAWLS = (
    "scrapy crawl presstv -a outlet={url} -a sections=all",
    "scrapy crawl presstv -a outlet={url} -a sections=all -a recheck=all",
    "scrapy crawl presstv -a outlet={url} --json",
)
_SETTINGS = ["-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "LOG_LEVEL=ERROR"]
_CHANGING = (
    (r"sha256:[0-9a-f]{64}", "sha256:DIGEST"),
    (r"\bsha256 [0-9a-f]{64}", "sha256 DIGEST"),
    (r"\b\d{8}t\d{6}z-[0-9a-f]{8}", "CRAWL"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "INSTANT"),
    (r"\d{8}T\d{6}\.\d{6}Z", "INSTANT"),
    (r"(?<=DIGEST )\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "SECOND"),
    (r"(?<=two looks: )\d+:\d\d:\d\d", "SPAN"),
    (r"127\.0\.0\.1:\d+", "OUTLET"),
    (r"\b\d+ bytes", "BYTES"),
    (r"at byte \d+", "at byte N"),
    (r"(?<=requests in )[\d a-z]+?(?=\n|, ended)", "SPAN"),
)


def plain(text):
    """Return an output without what differs from one run to the next: digests, instants, sizes, the port."""
    for pattern, name in _CHANGING:
        text = re.sub(pattern, name, text)
    return text.rstrip()


def blocks(page):
    """Yield (command line, output) of each `$ scrapy` line in a page's console blocks."""
    for block in re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            if line.startswith("scrapy "):
                yield line.strip(), output.strip("\n")


def agrees(printed, told):
    """Tell whether an output is what a page tells of it; a line `…` in the page stands for any lines."""
    parts = [re.escape(plain(part)) for part in re.split(r"^…$", told, flags=re.MULTILINE)]
    return re.fullmatch(r"\s*[\s\S]*?\s*".join(part.strip() for part in parts), plain(printed).strip()) is not None


def forked(folder, commands, env=None):
    """Run commands (lists of words behind `scrapy`) in a folder, one after the other; return (code, stdout, stderr) of each."""
    lines = [[sys.executable, "-m", "scrapy", name, *_SETTINGS, *rest] for name, *rest in commands]
    ended = [loaded.run(line, env=environment(env), folder=folder) for line in lines]
    return [(done.returncode, done.stdout, done.stderr) for done in ended]


class Told:
    """A folder in which the story has happened: three crawls, the editors at work between the first two."""

    def __init__(self, folder):
        self.folder, self.clock = folder, Stepped()
        self.outputs = {}
        shutil.copy(ROOT / "scrapy.cfg", folder)

    def tell(self):
        """Crawl three times; what `scrapy history` says of the removed article is asked after the second, too."""
        outlet = Outlet(written(), clock=self.clock)
        with serve(outlet=outlet) as server:
            for number, (hour, line) in enumerate(zip(HOURS, CRAWLS, strict=True)):
                self.clock.now = datetime(2026, 11, 24, hour, 41 if number == 2 else 26, 1, tzinfo=UTC)
                if number == 1:
                    make_news(outlet)
                self.ask(line.format(url=server.url))
                if number == 1:
                    self.ask(f"scrapy history {BAKER}")

    def ask(self, *lines):
        """Run command lines in the folder, one after the other; keep code, stdout and stderr by the line, portless."""
        commands = [line.partition(" | ") for line in lines]
        words = [shlex.split(command)[1:] for command, _, _ in commands]
        for line, (_, _, pipe), (code, out, err) in zip(
            lines, commands, forked(self.folder, words, self.clock.environment()), strict=True
        ):
            self.outputs.setdefault(plain(line), []).append((code, self._piped(out, pipe), err))

    def _piped(self, text, line):
        # A page shows `| grep …` where an output is long.
        if not line:
            return text
        return subprocess.run(["bash", "-c", line], input=text, stdout=subprocess.PIPE, text=True, check=False).stdout


def pages():
    """Return the pages whose outputs are compared, by name."""
    return {name: (Path(ROOT) / name).read_text(encoding="utf-8") for name in ("README.md", "docs/commands.md")}
