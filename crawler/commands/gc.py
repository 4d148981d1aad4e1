"""`scrapy gc`: remove segments that no commit names and uploads left unfinished, once they are older than a day."""

import argparse
import sys
from collections.abc import Collection
from datetime import UTC, datetime

from archive.errors import CredentialsError, IntegrityError
from archive.log.chain import Log
from archive.seen.judging import check, check_writable, recall
from archive.seen.memory import HeadMemory
from archive.stores import opening
from archive.stores.store import NotOffered, Store
from archive.texts.amounts import amount
from archive.texts.terminal import printable
from archive.trust.derived import sweep_derived
from archive.trust.orphans import OLD, age_from, remove_old, remove_shares
from archive.trust.signing import public_keys
from archive.trust.snapshots import remove_damaged, remove_superseded
from crawler.cli.command import ArchiveCommand, as_json, say

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
        removed = remove_old(log, now, dry_run=opts.dry_run)
        wrong, partial = sweep_derived(log, dry_run=opts.dry_run)
        damaged = remove_damaged(log, public_keys(self.settings["VERIFY_KEY"]), dry_run=opts.dry_run)
        superseded = _superseded(log, now, dry_run=opts.dry_run, damaged=damaged)
        wrong |= damaged
        shares = remove_shares(log, now, dry_run=opts.dry_run)
        swept = self._swept(store, now - OLD, dry_run=opts.dry_run)
        if opts.json:
            rows = [{"key": e.key, "bytes": e.size} for e in removed]
            told = {
                "schema": SCHEMA,
                "dry_run": opts.dry_run,
                "orphans": rows,
                "unfinished": list(swept),
                "derived": wrong,
                "partial": partial,
                "snapshots": superseded,
                "shares": shares,
            }
            print(as_json(told))
            return
        word = "would remove" if opts.dry_run else "removed"
        say(f"{word} {entry.key}, {amount(entry.size, 'byte')}" for entry in removed)
        say(f"{word} {key}, which is derived: {why}" for key, why in wrong.items())
        say(f"{word} {key}, which a wider one came after" for key in partial)
        say(f"{word} {key}, an older snapshot" for key in superseded)
        say(f"{word} {key}, of shares thirty days ago" for key in shares)
        say(f"{word} unfinished {name}" for name in swept)
        say([f"{word} {amount(len(removed), 'orphan')}, {amount(sum(e.size for e in removed), 'byte')}"])

    def _swept(self, store: Store, before: datetime, *, dry_run: bool) -> tuple[str, ...]:
        try:
            return opening.sweep(store, before, dry_run=dry_run)
        except (CredentialsError, NotOffered) as error:
            # A right, or an operation, that nothing else needs; the orphans are done.
            print(f"uploads left unfinished were not looked for: {printable(str(error))}", file=sys.stderr)
            return ()


def _superseded(log: Log, now: datetime, *, dry_run: bool, damaged: Collection[str]) -> list[str]:
    try:
        return remove_superseded(log, now, dry_run=dry_run, damaged=damaged)
    except IntegrityError as error:
        # A link among them is none of ours, and nothing depends on what lies there.
        print(f"older snapshots were not looked for: {printable(str(error))}", file=sys.stderr)
        return []
