"""`scrapy status`: where the log ends, what the archive holds, how the last crawl went, what is due."""

import argparse
from datetime import UTC, datetime
from functools import partial
from typing import Any

from archive import lookup
from archive.archive import Archive
from archive.ids import instant
from crawler import recheck
from crawler.command import ArchiveCommand, as_json, say


class Command(ArchiveCommand):
    """Print the archive's state."""

    def short_desc(self) -> str:
        """Say what the command does."""
        return "Head of the log, articles, versions, last crawl, sections, what is due"

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the state."""
        del args
        state = state_of(self.archive(), datetime.now(UTC))
        if opts.json:
            print(as_json(state))
        else:
            say(_lines(state))


def state_of(archive: Archive, now: datetime) -> dict[str, Any]:
    """Return the archive's state at `now` (aware UTC), JSON-ready."""
    db = archive.catalog.db
    head, counts, last = archive.catalog.head(), lookup.counts(db), lookup.last_crawl(db)
    due = recheck.due(lookup.standings(db), now, partial(lookup.absent_since, db))
    return {
        "schema": "presstv.status/1",
        "archive": archive.store.uri,
        "head": {"seq": head.seq, "digest": head.digest},
        "counts": counts,
        "last_crawl": last,
        "sections": lookup.walks(db),
        "due": len(due),
        "longest_overdue_seconds": int((now - due[0][0]).total_seconds()) if due else 0,
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
    for walk in state["sections"]:
        word = "complete" if walk["complete"] else "not complete, the next crawl goes deeper"
        lines.append(f"section   {walk['section']}: {word}; {walk['pages']} pages at {_minute(walk['at'])}")
    overdue = f", the longest for {state['longest_overdue_seconds'] // 60} minutes" if state["due"] else ""
    lines.append(f"due       {state['due']} articles{overdue}")
    return lines


def _minute(text: str) -> str:
    return instant(text).strftime("%Y-%m-%d %H:%M UTC")
