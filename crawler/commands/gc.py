"""`scrapy gc`: remove segments that no commit names and uploads left unfinished, once they are older than a day."""

import argparse
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from archive.errors import CredentialsError, IntegrityError
from archive.log.chain import Log
from archive.seen.judging import check, check_writable, recall
from archive.seen.memory import HeadMemory
from archive.stores import opening
from archive.stores.store import Entry, NotOffered, Store
from archive.texts.amounts import amount
from archive.texts.terminal import printable
from archive.trust.derived import sweep_derived
from archive.trust.orphans import OLD, age_from, remove_old, remove_shares
from archive.trust.signing import public_keys
from archive.trust.snapshots import remove_damaged, remove_superseded
from crawler.cli.command import ArchiveCommand

SCHEMA = "presstv.gc/1"


class Command(ArchiveCommand):
    """Remove what died before it was committed."""

    words = "[--dry-run] [--json]"
    says = "Remove segments that no commit names and are older than a day; --dry-run first"
    examples = (("--dry-run", "what would be removed"),)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument("--dry-run", action="store_true", help="name what would be removed, remove nothing")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Remove, and print what was removed."""
        del args
        assert self.settings is not None
        store = opening.open_store(self.settings["ARCHIVE_URI"])
        now = age_from(store, datetime.now(UTC))
        log = Log(store)
        # With the end of the log cut off, what it named would look like orphans; so it would in a copy half made.
        check_writable(check(log, recall(log, HeadMemory(self.settings["CATALOG_PATH"]))))
        removed = self._remove(log, now, dry_run=opts.dry_run)
        told = {"schema": SCHEMA, "dry_run": opts.dry_run, **removed.report()}
        self.print_either(told, removed.lines("would remove" if opts.dry_run else "removed"), json=opts.json)

    def _remove(self, log: Log, now: datetime, *, dry_run: bool) -> "_Removed":
        assert self.settings is not None
        orphans = remove_old(log, now, dry_run=dry_run)
        wrong, partial = sweep_derived(log, dry_run=dry_run)
        damaged = remove_damaged(log, public_keys(self.settings["VERIFY_KEY"]), dry_run=dry_run)
        return _Removed(
            orphans=orphans, derived=wrong | damaged, partial=partial,
            snapshots=_superseded(log, now, dry_run=dry_run, damaged=damaged),
            shares=remove_shares(log, now, dry_run=dry_run),
            unfinished=self._swept(log.store, now - OLD, dry_run=dry_run),
        )  # fmt: skip

    def _swept(self, store: Store, before: datetime, *, dry_run: bool) -> tuple[str, ...]:
        try:
            return opening.sweep(store, before, dry_run=dry_run)
        except (CredentialsError, NotOffered) as error:
            # A right, or an operation, that nothing else needs; the orphans are done.
            print(f"uploads left unfinished were not looked for: {printable(str(error))}", file=sys.stderr)
            return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Removed:
    """What went, or would go: names, and keys of objects."""

    orphans: list[Entry]
    derived: dict[str, str]
    """Keys, and what is wrong with each."""
    partial: list[str]
    snapshots: list[str]
    shares: list[str]
    unfinished: tuple[str, ...]

    def report(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return {
            "orphans": [{"key": entry.key, "bytes": entry.size} for entry in self.orphans],
            "unfinished": list(self.unfinished), "derived": self.derived, "partial": self.partial,
            "snapshots": self.snapshots, "shares": self.shares,
        }  # fmt: skip

    def lines(self, word: str) -> Iterator[str]:
        """Yield it for a person; `word` says whether it went or would go."""
        yield from (f"{word} {entry.key}, {amount(entry.size, 'byte')}" for entry in self.orphans)
        yield from (f"{word} {key}, which is derived: {why}" for key, why in self.derived.items())
        yield from (f"{word} {key}, which a wider one came after" for key in self.partial)
        yield from (f"{word} {key}, an older snapshot" for key in self.snapshots)
        yield from (f"{word} {key}, of shares thirty days ago" for key in self.shares)
        yield from (f"{word} unfinished {name}" for name in self.unfinished)
        size = sum(entry.size for entry in self.orphans)
        yield f"{word} {amount(len(self.orphans), 'orphan')}, {amount(size, 'byte')}"


def _superseded(log: Log, now: datetime, *, dry_run: bool, damaged: Collection[str]) -> list[str]:
    try:
        return remove_superseded(log, now, dry_run=dry_run, damaged=damaged)
    except IntegrityError as error:
        # A link among them is none of ours, and nothing depends on what lies there.
        print(f"older snapshots were not looked for: {printable(str(error))}", file=sys.stderr)
        return []
