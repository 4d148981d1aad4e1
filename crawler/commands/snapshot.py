"""`scrapy snapshot`: store the catalog as it is, packed, so that another machine need not fold the whole log."""

import argparse
from contextlib import closing

from archive.errors import IntegrityError, NoArchive
from archive.log.chain import Log
from archive.opened import passed_over
from archive.seen.judging import check, recall
from archive.seen.memory import HeadMemory
from archive.stores.opening import open_store
from archive.trust.signing import public_keys
from archive.trust.snapshots import Refolded, refolded
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.crawl.keys import key_of
from crawler.crawl.progress import counting
from crawler.crawl.snapshots import snapshot

SCHEMA = "presstv.made-snapshot/1"
CHECKED = "presstv.checked-snapshot/1"
_VOUCHED = {"signed": "a key of VERIFY_KEY signed it", "unsigned": "no key of VERIFY_KEY vouches for it"}


class Command(ArchiveCommand):
    """Make a snapshot, or check one."""

    words = "[--check] [--json]"
    says = "Store the catalog for machines that never saw the archive; signed where there is a key"
    examples = (
        ("", "of the catalog as it stands"),
        ("--check", "the newest one held against the log, folded anew"),
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        told = "store nothing: say whether the newest one is what the log folds to; 9 where it is not"
        parser.add_argument("--check", action="store_true", help=told)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fold up to the head, store, and print the key; or check."""
        del args
        assert self.settings is not None
        if opts.check:
            self._check(opts)
            return
        key = key_of(self.settings)
        with closing(self.archive(writes=True)) as archive:
            if not archive.catalog.head().seq:
                raise NoArchive(f"no commit yet in {archive.store.uri}; the first crawl makes one")
            made = snapshot(archive, key)
        by = key.public if key else None
        if opts.json:
            print(as_json({"schema": SCHEMA, "key": made.key(), "seq": made.seq, "public_key": by}))
        else:
            serves = f"signed as {by}" if by else "nobody signed it: reading commands alone take it"
            say([f"{made.key()}: the catalog at commit {made.seq}; {serves}"])

    def _check(self, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        log = Log(open_store(self.settings["ARCHIVE_URI"]))
        check(log, recall(log, HeadMemory(self.settings["CATALOG_PATH"])))
        keys = public_keys(self.settings["VERIFY_KEY"])
        with counting("folding commits") as progress:
            found = refolded(log, keys, self._vocabulary_of(log.edition()), progress)
        if found.differing:
            self.exitcode = IntegrityError.exit_code
        made = found.snapshot
        told = {
            "schema": CHECKED, "key": made and made.key(), "seq": made and made.seq,
            "signed": found.vouched == "signed", "differing": found.differing, "wrong": found.wrong,
        }  # fmt: skip
        lines = [*passed_over(log), *_lines(found)]
        self.print_either(told, lines, json=opts.json)


def _lines(found: Refolded) -> list[str]:
    lines = [f"{key} is not what it says: {why}; scrapy gc removes it" for key, why in found.wrong.items()]
    made = found.snapshot
    if made is None:
        return [*lines, "there is no snapshot of this program's schema to check; scrapy snapshot makes one"]
    is_fold = f"{made.key()}: the log folds to it, up to commit {made.seq}"
    is_none = f"{made.key()}: the log folds to something else ({', '.join(found.differing)}); delete its three files"
    return [*lines, f"{is_none if found.differing else is_fold}; {_VOUCHED[found.vouched]}"]
