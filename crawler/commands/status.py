"""`scrapy status`: where the log ends, what the archive holds, how the last crawl went, what is due."""

import argparse
from datetime import UTC, datetime
from typing import Any

from archive.catalog.state import state_of
from archive.facts.names import instant
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.crawl.recheck import backlog


class Command(ArchiveCommand):
    """Print the archive's state."""

    says = "Head of the log, articles, versions, last crawl, sections, what is due"

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
        f"holds     {counts['articles']} articles ({counts['live']} live, {counts['gone']} gone, "
        f"{counts['removed']} removed, {counts['unread']} unread), {counts['versions']} versions, "
        f"{counts['captures']} captures, {counts['checks']} looks, {counts['bytes']} bytes",
    ]
    if last:
        requests = ", ".join(f"{number} {outcome}" for outcome, number in last["requests"].items())
        lines.append(f"crawl     {last['crawl']} ended {_minute(last['at'])} with exit {last['exit']}: {requests}")
    lines += [
        f"suspect   {held['crawl']}: {held['waiting']} looks wait; scrapy accept {held['crawl']}, or a new layout "
        "and scrapy replay"
        for held in state["suspect"]
    ]
    for walk in state["sections"]:
        word = "complete" if walk["complete"] else "not complete, the next crawl goes deeper"
        lines.append(f"section   {walk['section']}: {word}; {walk['pages']} pages at {_minute(walk['at'])}")
    lines.append(f"due       {state['due']} articles{_overdue(state)}")
    return lines


def _overdue(state: dict[str, Any]) -> str:
    if not state["due"]:
        return ""
    crawls = state["crawls_to_catch_up"]
    rest = f"; {crawls} crawls of {state['recheck_budget']} each will catch up" if crawls > 1 else ""
    return f", the longest for {state['longest_overdue_seconds'] // 60} minutes{rest}"


def _minute(text: str) -> str:
    return instant(text).strftime("%Y-%m-%d %H:%M UTC")
