"""`scrapy accept CRAWL`: believe what a suspect crawl saw; its edits and removals are derived from then on."""

import argparse
from datetime import UTC, datetime

from archive import suspicion
from archive.archive import Archive, open_for_writing
from archive.errors import UsageError
from archive.ids import crawl_id
from archive.log import Commit, Draft
from archive.signing import sign_commit
from crawler.command import ArchiveCommand, as_json
from crawler.edition import FRENCH
from crawler.session import PROGRAM, check_clock
from crawler.vouching import key_of
from settings.base import VERSION

SCHEMA = "presstv.accept/1"


class Command(ArchiveCommand):
    """Accept a suspect crawl."""

    takes = (1, 1)

    def syntax(self) -> str:
        """Return the words after the name."""
        return "[--json] CRAWL"

    def short_desc(self) -> str:
        """Say what the command does."""
        return "Believe a suspect crawl: derive its edits and removals"

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Append the commit that accepts the crawl."""
        assert self.settings is not None
        now, key = datetime.now(UTC), key_of(self.settings)
        # Read first: where there is no archive none is made.
        self.archive().close()
        archive = open_for_writing(
            self.settings["ARCHIVE_URI"], self.settings["CATALOG_PATH"], edition=FRENCH.name, version=VERSION, now=now
        )
        try:
            waiting = waiting_of(archive, args[0])
            made = accept(archive, args[0], now)
            if key:
                sign_commit(archive.store, made, key)
        finally:
            archive.close()
        if opts.json:
            told = {"crawl": args[0], "waiting": waiting, "commit": made.seq, "digest": made.digest}
            print(as_json({"schema": SCHEMA} | told))
        else:
            print(f"accepted {args[0]} in commit {made.seq}: {waiting} looks are believed")


def waiting_of(archive: Archive, crawl: str) -> int:
    """Return how many looks of a suspect crawl wait. Raises UsageError where the crawl isn't there or isn't suspect."""
    found = {held["crawl"]: held["waiting"] for held in suspicion.suspects(archive.catalog.db)}
    if crawl not in found:
        what = "waits for nothing" if suspicion.known(archive.catalog.db, crawl) else "is not in the archive"
        names = ", ".join(found) or "none"
        raise UsageError(f"crawl {crawl!r} {what}; suspect crawls: {names}")
    return int(found[crawl])


def accept(archive: Archive, crawl: str, now: datetime) -> Commit:
    """Append the commit that accepts a crawl, and fold it; `now` is aware UTC. Raises what the store raises."""
    check_clock(archive, now)
    draft = Draft(
        crawl=crawl_id(now),
        writer=PROGRAM,
        segments=[],
        summary={"outcomes": {}, "accept": crawl},
        committed_at=now,
    )
    made = archive.log.append(draft, archive.catalog.head())
    archive.catalog.follow(archive.log)
    return made
