"""Kill crawls with -9 at random moments, then crawl once whole, and hold the archive against what the outlet says.

usage: python -m tests.faults.kill_many --kills 200 [--synthetic 300] [--seed N] [--replica FILE] [--folder FOLDER]

The outlet is the replica that lies beside the project, run as its own process; its request log says what was fetched,
and how often. Moments are drawn so that the kills spread over start, adoption, listings and articles, and so that the
last one still finds articles to fetch. Prints the figures; exit 0 when all promises held, 1 and which did not otherwise.
"""

import argparse
import contextlib
import json
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faultproxy import Proxy, faultproxy
from tests.faulty import numbers
from tests.project import ROOT, Project, environment

REPLICA = ROOT.parent / "shared" / "replica" / "replica.py"
CONCURRENT = 4
WORDS = (
    "-a", "sections=une,europe,continu", "-s", "BATCH_CAPTURES=10", "-s", f"CONCURRENT_REQUESTS={CONCURRENT}",
    "-s", f"CONCURRENT_REQUESTS_PER_DOMAIN={CONCURRENT}", "-L", "ERROR",
)  # fmt: skip
_ARTICLE = re.compile(r"/Detail/\d+/\d+/\d+/(\d+)/")
_SLOWEST = 60
_MOST_LATE = 0.75
_LEFT = 5
"""Kills that do not come: the articles that they would have cost are for the last crawl."""
_OVERSHOT = 4
"""Articles that are asked, on average, between the wish to kill and the death."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the kills came to; `refetched` holds one number a kill."""

    kills: int
    crawls: int
    seconds: float
    phases: dict[str, int]
    """Phase of a crawl → kills in it."""
    left_spools: int
    """Kills that left a spool to be adopted."""
    last_exit: int
    last_new: int
    verify: int
    live: int
    versions: Counter[str]
    answered: int
    refetched: list[int]
    twice_in_one: int
    spools: int


def problems(found: Figures, wanted: int) -> list[str]:
    """Return the promises that were broken, in words."""
    held = {
        f"{found.kills} kills of {wanted}": found.kills == wanted,
        f"the last crawl ended with {found.last_exit}": found.last_exit == 0,
        f"verify ended with {found.verify}": found.verify == 0,
        f"{len(found.versions)} articles of {found.live} have a version": len(found.versions) == found.live,
        "an article has several versions": set(found.versions.values()) <= {1},
        f"{max(found.refetched, default=0)} fetched again after one kill": max(found.refetched, default=0)
        <= CONCURRENT,
        "one crawl fetched an article twice": not found.twice_in_one,
        f"{found.spools} spools are left": not found.spools,
    }
    return [words for words, well in held.items() if not well]


@contextlib.contextmanager
def replica(script: Path, synthetic: int) -> Iterator[int]:
    """Run the replica and yield its port."""
    words = [sys.executable, str(script), "--port", "0", "--synthetic", str(synthetic)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline().rpartition(":")[2])
    finally:
        process.kill()
        process.communicate()


def lines(port: int, what: str) -> list[dict]:
    """Return the replica's own word on `truth` or `requests`."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_replica/{what}", timeout=60) as answer:
        return [json.loads(line) for line in answer.read().splitlines()]


def kill_many(folder: Path, script: Path, *, kills: int, synthetic: int, seed: int) -> Figures:
    """Kill so many crawls, crawl once to the end, and return the figures."""
    dice, began = random.Random(seed), time.monotonic()
    with replica(script, synthetic) as port, faultproxy(port) as proxy:
        project = Project(folder, proxy.endpoint)
        live = {row["id"] for row in lines(port, "truth") if row["state"] == "live"}
        crawls, phases, left = 1, Counter(), 0
        while phases.total() < kills:
            crawls += 1
            fresh = len(live) - len({match[1] for _, path in proxy.requests if (match := _ARTICLE.match(path))})
            phase = killed(project, proxy, dice, fresh / (kills - phases.total() + _LEFT))
            phases.update([phase] if phase else [])
            left += bool(list(project.spool.glob("*"))) if project.spool.exists() else 0
            if phases.total() % 10 == 0:
                print(f"{phases.total()} kills, {fresh} articles to fetch", file=sys.stderr, flush=True)
        last = project.report(*WORDS)
        again, twice = refetched(log := lines(port, "requests"))
        return Figures(
            kills=phases.total(), crawls=crawls, seconds=time.monotonic() - began,
            phases=dict(sorted(phases.items())), left_spools=left, last_exit=last["exit"],
            last_new=last["articles"].get("new", 0), verify=project.run("verify").returncode, live=len(live),
            versions=numbers(project), answered=sum(1 for row in log if row["status"] == 200 and _ARTICLE.match(row["path"])), refetched=again, twice_in_one=twice,
            spools=len(list(project.spool.iterdir())),
        )  # fmt: skip


def killed(project: Project, proxy: Proxy, dice: random.Random, pace: float) -> str:
    """Start a crawl, kill it, and return the phase in which it died; empty where it was done before.

    `pace` is how many articles it may fetch on average: the fewer, the more often it dies before its first one.
    """
    before = len(proxy.requests)
    late = dice.random() < min(pace / _OVERSHOT, _MOST_LATE)
    articles = dice.uniform(0, 2 * max(pace - _OVERSHOT, 0.5))
    requests, seconds = dice.choice([(dice.randrange(30), _SLOWEST), (_SLOWEST, dice.uniform(0.3, 1.5))])
    # No fork: how a process begins is what some of the kills are to hit.
    command = project.command(*project.crawl_words(*WORDS))
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + (_SLOWEST if late else seconds)
    while process.poll() is None and time.monotonic() < end:
        if len(articles_of(proxy, before)) > articles if late else len(proxy.requests) - before > requests:
            time.sleep(dice.uniform(0, 0.02))
            break
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if process.returncode != -signal.SIGKILL:
        return ""
    if articles_of(proxy, before):
        return "articles"
    return "listings" if len(proxy.requests) > before else "start"


def articles_of(proxy: Proxy, since: int) -> list[str]:
    """Return the paths of articles asked since so many requests."""
    return [path for _, path in proxy.requests[since:] if _ARTICLE.match(path)]


def refetched(log: list[dict]) -> tuple[list[int], int]:
    """Return for each crawl but the last how many of its articles later ones fetched again, and doubles within one.

    A crawl begins with its robots.txt: an answer to the one before may be noted when the next has started already.
    """
    crawls: list[list[str]] = []
    for row in log:
        if row["path"] == "/robots.txt":
            crawls.append([])
        elif row["status"] == 200 and (match := _ARTICLE.match(row["path"])):
            crawls[-1].append(match[1])
    later = [set().union(*crawls[n + 1 :]) for n in range(len(crawls))]
    again = [len(set(crawl) & after) for crawl, after in zip(crawls, later, strict=True)]
    return again[:-1], sum(len(crawl) - len(set(crawl)) for crawl in crawls)


def report(found: Figures) -> str:
    """Return the figures in words."""
    again = found.refetched
    return "\n".join(
        [
            f"{found.kills} kills in {found.crawls} crawls and {found.seconds:.0f} s; by phase: {found.phases}",
            f"{found.left_spools} kills left a spool, the next crawl adopted it; {found.spools} are left now",
            f"last crawl: exit {found.last_exit}, {found.last_new} new; verify: exit {found.verify}",
            f"{len(found.versions)} articles with a version of {found.live} live, "
            f"{sum(found.versions.values())} versions",
            f"{found.answered} article pages answered: {sum(again)} again, {sum(map(bool, again))} kills of "
            f"{found.kills} cost any, {max(again, default=0)} the most (bound: {CONCURRENT}); "
            f"{found.twice_in_one} twice in one crawl",
        ]
    )


def main() -> int:
    """Kill, print the figures, and return 0 where every promise held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--synthetic", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--replica", type=Path, default=REPLICA)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        found = kill_many(folder, options.replica, kills=options.kills, synthetic=options.synthetic, seed=options.seed)
    broken = problems(found, options.kills)
    print(report(found))
    print("\n".join(f"BROKEN: {words}" for words in broken) or "every promise held")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
