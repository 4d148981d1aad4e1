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
from itertools import pairwise
from pathlib import Path

from tests.faultproxy import Proxy, faultproxy
from tests.faulty import numbers
from tests.project import ROOT, Project

REPLICA = ROOT.parent / "shared" / "replica" / "replica.py"
CONCURRENT = 4
WORDS = (
    "-a", "sections=une,europe,continu", "-s", "BATCH_CAPTURES=10", "-s", f"CONCURRENT_REQUESTS={CONCURRENT}",
    "-s", f"CONCURRENT_REQUESTS_PER_DOMAIN={CONCURRENT}", "-L", "ERROR",
)  # fmt: skip
_ARTICLE = re.compile(r"/Detail/\d+/\d+/\d+/(\d+)/")
_BLIND_SHARE = 0.25
_SLOWEST = 60


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
        f"{max(found.refetched, default=0)} fetched again after one kill": max(found.refetched, default=0) <= CONCURRENT,
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
        starts, phases, left = [], Counter(), 0
        while phases.total() < kills:
            starts.append(time.time())
            fresh = len(live) - len({match[1] for _, path in proxy.requests if (match := _ARTICLE.match(path))})
            phase = killed(project, proxy, dice, fresh / (kills - phases.total()))
            phases[phase] += bool(phase)
            left += bool(list(project.spool.glob("*"))) if project.spool.exists() else 0
            if phases.total() % 10 == 0:
                print(f"{phases.total()} kills, {fresh} articles to fetch", file=sys.stderr, flush=True)
        starts.append(time.time())
        last = project.report(*WORDS)
        log = lines(port, "requests")
        again, twice = refetched(log, starts)
        return Figures(
            kills=phases.total(), crawls=len(starts), seconds=time.monotonic() - began,
            phases=dict(sorted(phases.items())), left_spools=left, last_exit=last["exit"],
            last_new=last["articles"].get("new", 0), verify=project.run("verify").returncode, live=len(live),
            versions=numbers(project), answered=len(articles(log)), refetched=again, twice_in_one=twice,
            spools=len(list(project.spool.iterdir())),
        )  # fmt: skip


def killed(project: Project, proxy: Proxy, dice: random.Random, pace: float) -> str:
    """Start a crawl, kill it, and return the phase in which it died; empty where it was done before.

    A quarter of the kills goes by time alone; the others come once some articles were asked, `pace` of them on average.
    """
    before = len(proxy.requests)
    process = project.start(*WORDS)
    end = time.monotonic() + (dice.uniform(0.5, 3) if dice.random() < _BLIND_SHARE else _SLOWEST)
    wanted = dice.uniform(0, 2 * pace)
    while process.poll() is None and time.monotonic() < end:
        if len(articles_of(proxy, before)) > wanted:
            time.sleep(dice.uniform(0, 0.06))
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


def articles(log: list[dict]) -> list[tuple[float, str]]:
    """Return (time, number) of each article that was answered with its page."""
    return [(row["at"], match[1]) for row in log if row["status"] == 200 and (match := _ARTICLE.match(row["path"]))]


def refetched(log: list[dict], starts: list[float]) -> tuple[list[int], int]:
    """Return for each crawl but the last how many of its articles later ones fetched again, and doubles within one."""
    answered = articles(log)
    crawls = [[number for at, number in answered if a <= at < b] for a, b in pairwise([*starts, float("inf")])]
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
        found = kill_many(
            folder, options.replica, kills=options.kills, synthetic=options.synthetic, seed=options.seed
        )
    broken = problems(found, options.kills)
    print(report(found))
    print("\n".join(f"BROKEN: {words}" for words in broken) or "every promise held")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
