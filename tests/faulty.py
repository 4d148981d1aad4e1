"""The demo outlet with faults: other answers at some paths, or held back until they are let go."""

import re
import threading
from collections import Counter
from datetime import UTC, datetime

from demo.outlet import Outlet, written
from demo.server import Server

ARTICLE = re.compile(r"/Detail/\d+/\d+/\d+/(\d+)/")


class Faulty(Server):
    """The demo outlet; a path may be given another answer, or be held back until it is let go."""

    def __init__(self):
        self.instead, self.gate, self.reached = {}, None, threading.Event()
        super().__init__(Outlet(written(), clock=lambda: datetime.now(UTC)))

    def answer(self, path):
        """Answer as scripted, else as the outlet does."""
        for part, answer in self.instead.items():
            if part == path or (part != "/" and part in path):
                return answer, answer.encoded()
        if self.gate and ARTICLE.match(path) and len(self.articles()) >= self.gate[0]:
            self.reached.set()
            # Longer than any test waits for a crawl, so that only a test lets go.
            self.gate[1].wait(120)
        return super().answer(path)

    def hold_after(self, count):
        """Let so many articles be answered and hold back the rest until `release`."""
        self.gate = (count, threading.Event())

    def release(self):
        """Let everything be answered."""
        if self.gate:
            self.gate[1].set()

    def articles(self):
        """Return the numbers of the articles answered, as often as they were asked."""
        return [match[1] for r in self.requests if (match := ARTICLE.match(r.path)) and r.status == 200]

    def close(self):
        """Let go of what is held, then stop."""
        self.release()
        super().close()


def numbers(project):
    """Return how often each article has a version."""
    return Counter(row["article_id"] for row in project.rows("versions"))
