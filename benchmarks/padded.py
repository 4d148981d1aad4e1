"""The demo outlet with pages as heavy as real ones, in a process of its own, and what it was asked.

The demo's pages weigh 4 kB, the outlet's and its like 30 to 120: menus and boxes are what a parser spends its time on.
"""

import argparse
import json
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from urllib.parse import unquote

from demo.outlet import Outlet, generated, written
from demo.routes import Answer
from demo.server import MOST_KEPT, Server

BOX = 350
_ROWS = "".join(
    f'<li class="teaser t{n % 7}"><div class=thumb><a href="/Photo/{n}/serie-{n * 7919 % 9973}">'
    f'<img src="//cdn.invalid/{n * 104_729 % 99_991}.jpg" alt="" width=90></a></div><h4>Série d’images n° {n}</h4></li>'
    for n in range(BOX)
)
FILLER = f"<aside class=teasers><ul>{_ROWS}</ul></aside>"


class Padded(Server):
    """A server whose article pages carry a box of teasers before the end of the body."""

    def __init__(self, outlet: Outlet) -> None:
        self.padded: dict[str, tuple[Answer, tuple[bytes, bytes, str]]] = {}
        super().__init__(outlet)

    def answer(self, path: str) -> tuple[Answer, tuple[bytes, bytes, str]]:
        """Return what a path says, padded; the outlet never changes here, so made once is enough."""
        if path not in self.padded:
            answer, encoded = super().answer(path)
            if answer.status == 200 and path.startswith("/Detail/"):
                text = encoded[0].decode().replace("</body>", f"{FILLER}</body>")
                encoded = replace(answer, text=text).encoded()
            if len(self.padded) >= MOST_KEPT:
                self.padded.clear()
            self.padded[path] = answer, encoded
        return self.padded[path]


def open_padded(more: int, first: int = 0) -> Padded:
    """Serve the written articles and `more` generated ones, or such past the `first` alone.

    With few enough of them every page is made beforehand.
    """
    known = () if first else written()
    server = Padded(Outlet(chain(known, generated(more, first=first)), clock=lambda: datetime.now(UTC)))
    if more < MOST_KEPT:
        for article in server.outlet.articles.values():
            server.answer(unquote(article.path))
    return server


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The server's process as seen from here."""

    url: str
    articles: int

    def asked(self) -> list[dict[str, Any]]:
        """Return every request so far: method, path, status, bytes sent, whether it was conditional."""
        order = urllib.request.Request(f"{self.url}/_control/requests", data=b"{}", method="POST")
        with urllib.request.urlopen(order, timeout=30) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found


@contextmanager
def site(more: int, first: int = 0) -> Iterator[Site]:
    """Run the server in a child process, which ends with the block."""
    command = [sys.executable, "-m", "benchmarks.padded", "--more", str(more), "--first", str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            url, articles = child.stdout.readline().split()
            yield Site(url=url, articles=int(articles))
        finally:
            child.terminate()


def main() -> None:
    """Serve until terminated; the first line says the address and the number of articles."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.padded")
    parser.add_argument("--more", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    told = parser.parse_args()
    with open_padded(told.more, told.first) as server:
        print(server.url, len(server.outlet.articles), flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
