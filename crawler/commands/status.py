"""`scrapy status`: where the log ends, what the archive holds, how the last crawl went, what is due."""

import argparse
from datetime import UTC, datetime
from functools import partial
from typing import Any

from archive.catalog import articles
from archive.catalog.state import state_of
from archive.facts.names import instant
from archive.opened import Archive
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.crawl import recheck


class Command(ArchiveCommand):
    """Print the archive's state."""

    def short_desc(self) -> str:
        """Say what the command does."""
        return "Head of the log, articles, versions, last crawl, sections, what is due"

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the state."""
        del args
        assert self.settings is not None
        state = _told(self.archive(), datetime.now(UTC), self.settings.getint("RECHECK_BUDGET"))
        if opts.json:
            print(as_json(state))
        else:
            say(_lines(state))


def _told(archive: Archive, now: datetime, budget: int) -> dict[str, Any]:
    db = archive.catalog.db
    due = recheck.due(articles.standings(db), now, partial(articles.absent_since, db))
    return {
        "schema": "presstv.status/1",
        "archive": archive.store.uri,
        **state_of(archive.catalog),
        "due": len(due),
        "longest_overdue_seconds": int((now - min(at for at, _ in due)).total_seconds()) if due else 0,
        "recheck_budget": budget,
        "crawls_to_catch_up": -(-len(due) // budget),
    }


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
