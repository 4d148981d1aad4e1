"""`scrapy status`: where the log ends, what the archive holds, how the last crawl went, what is due."""

import argparse
from datetime import UTC, datetime
from typing import Any

from archive.catalog.state import state_of
from archive.facts.names import instant
from archive.texts.amounts import amount, amounts
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.crawl.recheck import backlog


class Command(ArchiveCommand):
    """Print the archive's state."""

    says = "Head of the log, articles, versions, last crawl, sections, what is due"
    examples = (
        ("", "for people"),
        ("--json", "for programs"),
    )

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the state."""
        del args
        assert self.settings is not None
        archive, budget = self.archive(), self.settings.getint("RECHECK_BUDGET")
        state = {
            "schema": "presstv.status/1",
            "archive": archive.store.uri,
            **state_of(archive.catalog),
            **backlog(archive.catalog.db, datetime.now(UTC), budget),
        }
        if opts.json:
            print(as_json(state))
        else:
            say(_lines(state))


def _lines(state: dict[str, Any]) -> list[str]:
    counts, head, last = state["counts"], state["head"], state["last_crawl"]
    lines = [
        f"archive   {state['archive']}",
        f"head      commit {head['seq']} {head['digest'] or '(no commit yet)'}",
        f"holds     {amount(counts['articles'], 'article')} ({counts['live']} live, {counts['gone']} gone, "
        f"{counts['removed']} removed, {counts['unread']} unread), "
        + amounts(version=counts["versions"], capture=counts["captures"], look=counts["checks"], byte=counts["bytes"]),
    ]
    if last:
        lines.append(
            f"crawl     {last['crawl']} ended {_minute(last['at'])} with exit {last['exit']}; {_came_to(last)}"
        )
    lines += [
        f"suspect   {held['crawl']}: {_waiting(held['waiting'])}; scrapy accept {held['crawl']}, or a new layout "
        "and scrapy replay"
        for held in state["suspect"]
    ]
    for walk in state["sections"]:
        word = "complete" if walk["complete"] else "not complete, the next crawl goes deeper"
        lines.append(f"section   {walk['section']}: {word}; {amount(walk['pages'], 'page')} at {_minute(walk['at'])}")
    lines.append(f"due       {amount(state['due'], 'article')}{_overdue(state)}")
    return lines


def _came_to(last: dict[str, Any]) -> str:
    # Commits of before 0.2.0 tell of requests alone, a sitemap that is not there among them.
    of = "articles" if "articles" in last else "requests"
    return f"{of}: {', '.join(f'{number} {outcome}' for outcome, number in last[of].items()) or 'none asked for'}"


def _waiting(looks: int) -> str:
    return "1 look waits" if looks == 1 else f"{looks} looks wait"


def _overdue(state: dict[str, Any]) -> str:
    if not state["due"]:
        return ""
    crawls = state["crawls_to_catch_up"]
    rest = f"; {crawls} crawls of {state['recheck_budget']} each will catch up" if crawls > 1 else ""
    return f", the longest for {amount(state['longest_overdue_seconds'] // 60, 'minute')}{rest}"


def _minute(text: str) -> str:
    return instant(text).strftime("%Y-%m-%d %H:%M UTC")
