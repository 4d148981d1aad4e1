"""`scrapy history ID`: an article's life in words: its events, its versions, and what is not known of it."""

import argparse
from collections.abc import Iterator
from typing import Any

from archive.catalog.history import history_of
from archive.catalog.selection import Word
from archive.errors import UsageError
from archive.exporters.own import selected
from archive.facts.outcomes import ROTATING
from archive.texts.amounts import amount
from crawler.cli.command import ArchiveCommand, as_json, say, told_by
from crawler.cli.selecting import DAYS, add_selection
from crawler.cli.shown import state_in_words

_WORDS: frozenset[Word] = frozenset({"since", "until", "silent", "event", "source"})
_TOLD: dict[Word, str] = {
    "since": f"only what was seen from a day or instant on ({DAYS})",
    "silent": "only what was edited silently",
    "event": "only these events and remarks",
}


class Command(ArchiveCommand):
    """Print an article's life."""

    words = "[--noise] [--since DATE] [--until DATE] [--silent] [--event EVENT,…] [--source own|all] [--json] ID"
    says = "An article's life: versions, changes, removals"
    examples = (
        ("711958", "an article's life"),
        ("--silent --since 2026-11-01 711958", "its silent edits since a day"),
    )
    takes = (1, 1)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own option."""
        parser.add_argument("--noise", action="store_true", help="show what rotates, too: counters, side boxes")
        add_selection(parser, _WORDS, _TOLD)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the life."""
        whole = self.archive()
        chosen = self.selection(whole, opts)
        if chosen.since.seq:
            raise UsageError(f"--since {opts.since}: a life is told by days; write --since 2026-11-24")
        with selected(whole, chosen.source) as archive:
            zone = archive.catalog.vocabulary.zone
            told = history_of(archive.catalog.db, self.number(archive, args[0]), chosen=chosen, zone=zone)
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
    lines = [
        f"{told['article_id']}  {told['headline'] or '(never read)'}",
        f"{told['url']}",
        f"published {told['printed'] or 'unknown'}; {state_in_words(told)}, last seen {told['last_seen'] or 'never'}",
        "",
        *(f"version {v['version']}  cite {v['cite']}  {told_by(v['source'])}" for v in told["versions"]),
        *([""] if told["versions"] else []),
    ]
    happened = [*told["events"], *told["remarks"], *noise]
    if not happened:
        lines.append("no event and no remark fits what was asked for")
    lines += [_line(event) for event in sorted(happened, key=lambda event: str(event["not_after"]))]
    whose = f"{told['looks_of_others']} of them by others" if told["looks_of_others"] else "always by ourselves"
    looked = f"looked at {amount(told['looks'], 'time')}, {whose}"
    return [*lines, "", f"{looked}; what happened between two looks was not observed"]


_SAYS = {"silently_edited": "no clock of the outlet moved", "headline_edited": "now"}
"""What neither the name of an event nor its detail says."""


def _line(event: dict[str, Any]) -> str:
    since = f"between {event['not_before']} and" if event["not_before"] else "at"
    words = (event["event"], _SAYS.get(event["event"]), event["detail"])
    return f"{since} {event['not_after']}\n    {': '.join(filter(None, words))}" + "".join(_others(event))


def _others(event: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each of the two looks around an event that was not our own."""
    if event.get("source"):
        yield f"\n    seen by others: {event['source']}"
    if event.get("source_before"):
        yield f"\n    the look before by others: {event['source_before']}"
