"""How the archive is: the last crawls, how fresh each section is, what waits; for people and for monitors."""

import re
from collections.abc import Iterator
from dataclasses import asdict

from starlette.responses import Response

from archive.catalog import crawls
from archive.catalog.suspects import suspects
from archive.facts.names import instant
from browse.asking import Ask, as_json
from browse.pages.front import counts, head_json, known_counts
from browse.pages.lists import section_name
from browse.queries.crawls import last_crawls

_CRAWLS = 20
_NO_LABEL = re.compile(r'[\\"\n]')
Sample = tuple[dict[str, str], float]


def status(ask: Ask) -> Response:
    """Show the last crawls with what they came to, each section's freshness, what waits."""
    now = ask.site.clock()
    walks = [(walk, section_name(ask, walk["section"]), now - instant(walk["at"])) for walk in crawls.walks(ask.db)]
    return ask.render(
        "status.html", crawls=last_crawls(ask.db, _CRAWLS), walks=walks, suspects=suspects(ask.db),
        head=ask.head, behind=ask.site.reader.behind, counts=counts(ask),
    )  # fmt: skip


def status_json(ask: Ask) -> Response:
    """Answer the same as JSON."""
    return as_json(
        {
            "schema": "presstv.status/1", "head": head_json(ask), "behind": ask.site.reader.behind,
            "counts": known_counts(ask), "crawls": [asdict(crawl) for crawl in last_crawls(ask.db, _CRAWLS)],
            "sections": crawls.walks(ask.db), "suspect": suspects(ask.db),
        }
    )  # fmt: skip


def metrics(ask: Ask) -> Response:
    """Give the same as numbers for a monitor (Prometheus text format 0.0.4)."""
    lines = [line for name, help_text, samples in _measured(ask) for line in _written(name, help_text, samples)]
    return Response("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8")


def _measured(ask: Ask) -> Iterator[tuple[str, str, list[Sample]]]:
    told = known_counts(ask)
    states = {name: told[name] or 0 for name in ("live", "gone", "removed", "unread")}
    if ask.head:
        yield "head_seq", "Number of the log's last commit.", [({}, ask.head[0])]
    yield "articles", "Articles by state.", [({"state": name}, number) for name, number in states.items()]
    for name in ("versions", "captures", "checks", "commits"):
        if (number := told[name]) is not None:
            yield name, f"How many {name} the archive holds.", [({}, number)]
    yield (
        "log_behind",
        "1 where the log could not be read when it was last asked.",
        [({}, bool(ask.site.reader.behind))],
    )
    waiting = sum(held["waiting"] for held in suspects(ask.db))
    yield "suspect_looks", "Looks of crawls under suspicion that are not counted yet.", [({}, waiting)]
    for last in last_crawls(ask.db, 1):
        yield "last_crawl_end_seconds", "When the last crawl ended, Unix time.", [({}, _seconds(last.ended))]
        yield "last_crawl_exit_code", "The last crawl's exit code.", [({}, last.exit)]
        outcomes: list[Sample] = [({"outcome": name}, number) for name, number in last.outcomes.items()]
        yield "last_crawl_requests", "The last crawl's requests by outcome.", outcomes
    walks = crawls.walks(ask.db)
    ends: list[Sample] = [({"section": walk["section"]}, _seconds(walk["at"])) for walk in walks]
    whole: list[Sample] = [({"section": walk["section"]}, walk["complete"]) for walk in walks]
    yield "section_walk_seconds", "When each section was last walked, Unix time.", ends
    yield "section_walk_complete", "1 where that walk was complete.", whole


def _seconds(at: str) -> float:
    return instant(at).timestamp()


def _written(name: str, help_text: str, samples: list[Sample]) -> Iterator[str]:
    if not samples:
        return
    yield f"# HELP presstv_{name} {help_text}"
    yield f"# TYPE presstv_{name} gauge"
    for labels, number in samples:
        told = ",".join(f'{key}="{_NO_LABEL.sub("_", value)}"' for key, value in labels.items())
        yield f"presstv_{name}{{{told}}} {float(number):.15g}" if told else f"presstv_{name} {float(number):.15g}"
