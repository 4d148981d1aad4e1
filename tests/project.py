"""Commands run as a person runs them, in a folder of their own, against an outlet on loopback."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests import loaded

ROOT = Path(__file__).resolve().parents[1]


class Project:
    """One archive in one folder, and the outlet that is crawled into it."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        self.archive, self.spool = folder / "archive", folder / "spool"

    def command(self, *words):
        """Return the command line of a command with its options."""
        settings = {
            "ARCHIVE_URI": f"file:{self.archive}",
            "CATALOG_PATH": self.folder / "catalog.sqlite",
            "SPOOL_DIR": self.spool,
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": 0,
            "RETRY_BACKOFF_BASE": 0,
        }
        options = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
        return [sys.executable, "-m", "scrapy", words[0], *options, *map(str, words[1:])]

    def crawl_words(self, *words):
        """Return the words of a crawl of every section."""
        return ("crawl", "presstv", "-a", f"outlet={self.url}", "-a", "sections=all", *words)

    def run(self, *words, env=None, **more):
        """Run a command to its end."""
        return _run(self.command(*words), env, more)

    def run_by(self, script, *words, env=None, **more):
        """Run a command by a Python program that ends in Scrapy's `execute`."""
        return _run(self.scripted(script, *words), env, more)

    def scripted(self, script, *words):
        """Return the command line of a command that is run by a program."""
        python, _, _, *rest = self.command(*words)
        return [python, "-c", script, *rest]

    def start(self, *words):
        """Start a crawl and return its process."""
        return loaded.start(self.command(*self.crawl_words(*words)), env=environment())

    def crawl(self, *words):
        """Crawl every section."""
        return self.run(*self.crawl_words(*words))

    def report(self, *words):
        """Crawl every section and return the report with the exit code."""
        done = self.crawl("--json", *words)
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def rows(self, view):
        """Return a view of the archive."""
        return [json.loads(line) for line in self.run("export", "jsonl", "--view", view).stdout.splitlines()]


def _run(command, env, more):
    if not more:
        return loaded.run(command, env=environment(env))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    return subprocess.run(command, cwd=ROOT, env=environment(env), check=False, timeout=120, **pipes | more)


def environment(more=None):
    """Return this process's environment with the project on the path."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **(more or {})}


def forked(*words):
    """Run Scrapy with these words, in a fork of a process that loaded it."""
    return loaded.run([sys.executable, "-m", "scrapy", *words], env=environment())
