"""Forks of a loaded process do what commands do that begin by themselves: each command is begun both ways."""

import json
import pkgutil
import re
import subprocess

import pytest

from crawler import commands
from demo.server import serve
from tests import loaded
from tests.project import ROOT, Project, environment
from tests.stepped import Stepped, faketime
from tests.told import plain

WORDS = {
    "accept": ["none"],
    "backfill": ["none.warc.gz"],
    "browse": ["--no-open", "--port", "0", "none.jsonl"],
    "commit-shares": [],
    "completion": ["bash"],
    "crawl": ["presstv", "-a", "limit=2", "-a", "outlet=URL"],
    "diff": ["ID", "1", "9"],
    "doctor": ["-s", "CRAWLER_CONTACT=mailto:archive@example.org", "-s", "OUTLET_BASE=URL"],
    "export": ["jsonl", "--view", "latest"],
    "gc": [],
    "head": [],
    "help": ["exit-codes"],
    "history": ["ID"],
    "layouts": [],
    "manual": [],
    "pack": [],
    "prove": ["ID"],
    "replay": [],
    "schedule": ["--list"],
    "search": ["mer"],
    "show": ["ID"],
    "sign": [],
    "snapshot": [],
    "status": [],
    "timestamp": [],
    "verify": [],
    "version": [],
}
# Nothing else may depend on how a command begins than what these say.
BEGINNINGS = {
    "plain": {},
    "c-locale": {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "TERM": "dumb"},
    "production": {"SCRAPY_PROJECT": "production", "BATCH_CAPTURES": "many"},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a project whose archive holds some articles."""
    with serve() as server:
        made = Project(tmp_path_factory.mktemp("loaded"), server.url)
        made.crawl("-a", "limit=8")
        made.id = made.rows("latest")[0]["article_id"]
        yield made


def both(project, name, words, env):
    """Run a command by itself, then as a fork; return code, stdout and stderr of each, without what time changes."""
    words = [word.replace("URL", project.url).replace("ID", project.id) for word in words]
    command, env = project.command(name, *words), environment(env)
    own = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=False)
    fork = loaded.run(command, env=env)
    return [
        (done.returncode, *(re.sub(r"\d+", "N", plain(text)) for text in (done.stdout, done.stderr)))
        for done in (own, fork)
    ]


def test_every_command_is_begun():
    """One that is new belongs into the table."""
    assert sorted(WORDS) == sorted(module.name for module in pkgutil.iter_modules(commands.__path__))


@pytest.mark.parametrize("name", WORDS)
def test_a_fork_says_what_the_command_says(project, name):
    """Code, stdout and stderr are the same."""
    own, fork = both(project, name, WORDS[name], {})

    assert fork == own


@pytest.mark.parametrize("env", BEGINNINGS.values(), ids=BEGINNINGS)
def test_a_fork_begins_as_the_environment_says(project, env):
    """Locale and settings of the environment count, as ever."""
    own, fork = both(project, "status", [], env)

    assert fork == own


@pytest.mark.skipif(faketime() is None, reason="needs libfaketime (apt-get install faketime)")
def test_a_fork_begins_when_the_story_says(project):
    """Each has a clock of its own, forward or back."""
    clock, seen = Stepped(), []
    for day in (400, 30, 800):
        at = clock.at(day)
        done = project.run("schedule", "--list", "--json", env=clock.environment())
        seen.append(json.loads(done.stdout)["runs"][0]["at"][:13] == f"{at:%Y-%m-%dT%H}")

    assert seen == [True] * 3


def test_a_command_that_takes_too_long_is_killed(project):
    """As `subprocess.run` does, and nothing of it is left."""
    command = project.command("schedule", "-s", "SCHEDULE=yearly: 0 0 1 1 * sections=une", "--no-catch-up")

    with pytest.raises(subprocess.TimeoutExpired):
        loaded.run(command, env=environment(), seconds=0.2)
