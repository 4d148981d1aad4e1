"""`scrapy history ID`: an article's life in words: its events, its versions, and what is not known of it."""

import argparse
from collections.abc import Iterator
from typing import Any

from archive.catalog.history import history_of
from archive.facts.outcomes import ROTATING
from archive.texts.amounts import amount
from crawler.cli.command import ArchiveCommand, as_json, say


class Command(ArchiveCommand):
    """Print an article's life."""

    words = "[--json] [--noise] ID"
    says = "An article's life: versions, changes, removals"
    takes = (1, 1)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own option."""
        parser.add_argument("--noise", action="store_true", help="show what rotates, too: counters, side boxes")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the life."""
        told = history_of(self.archive().catalog.db, args[0])
        if opts.json:
            print(as_json(told))
        else:
            say(_lines(told, _noise(told) if opts.noise else []))


def _noise(told: dict[str, Any]) -> list[dict[str, Any]]:
    changes = [each["change"] for each in told["versions"] if each["change"] and each["change"]["noise"] in ROTATING]
    return [
        {"event": "noise", "not_before": each["from"], "not_after": each["to"], "detail": _both(each)}
        for each in changes
    ]


def _both(change: dict[str, Any]) -> str:
    pairs = [f"{edit['from']} → {edit['to']}" for edit in change["reworded"]]
    pairs += [f"- {text}" for text in change["removed"]] + [f"+ {text}" for text in change["added"]]
    return f"{change['noise']}: {'; '.join(pairs)}"


def _lines(told: dict[str, Any], noise: list[dict[str, Any]]) -> list[str]:
    by = f" by the word of others ({told['state_source']})" if told["state_source"] else ""
    lines = [
        f"{told['article_id']}  {told['headline'] or '(never read)'}",
        f"{told['url']}",
        f"published {told['published'] or 'unknown'}; {told['state']}{by}, last seen {told['last_seen'] or 'never'}",
        "",
    ]
    happened = [*told["events"], *told["remarks"], *noise]
    lines += [_line(event) for event in sorted(happened, key=lambda event: str(event["not_after"]))]
    whose = f"{told['looks_of_others']} of them by others" if told["looks_of_others"] else "always by ourselves"
    looked = f"looked at {amount(told['looks'], 'time')}, {whose}"
    lines += ["", f"{looked}; what happened between two looks was not observed"]
    lines += [f"cite a version as {told['versions'][-1]['cite']}"] if told["versions"] else []
    return lines


_WORDS = {"silently_edited": "no clock of the outlet moved", "headline_edited": "now"}
"""What neither the name of an event nor its detail says."""


def _line(event: dict[str, Any]) -> str:
    since = f"between {event['not_before']} and" if event["not_before"] else "at"
    words = (event["event"], _WORDS.get(event["event"]), event["detail"])
    return f"{since} {event['not_after']}\n    {': '.join(filter(None, words))}" + "".join(_others(event))


def _others(event: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each of the two looks around an event that was not our own."""
    if event.get("source"):
        yield f"\n    seen by others: {event['source']}"
    if event.get("source_before"):
        yield f"\n    the look before by others: {event['source_before']}"
