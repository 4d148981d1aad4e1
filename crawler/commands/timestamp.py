"""`scrapy timestamp`: have an authority say that the log's head, and so all before it, exists now."""

import argparse

from archive.errors import ConfigurationError, IntegrityError, NoArchive, OutletUnreachable
from archive.facts.names import stamp
from archive.log.chain import beside
from archive.trust.timestamps import authority, keep_stamp, question, stamped_at
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.net.timestamping import ask


class Command(ArchiveCommand):
    """Stamp the head."""

    def short_desc(self) -> str:
        """Say what the command does."""
        return "Have the authority of TIMESTAMP_URL stamp the log's head (RFC 3161)"

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Ask, check the answer, store it; a head that has a stamp keeps it."""
        del args
        assert self.settings is not None
        url, by = self.settings["TIMESTAMP_URL"], authority(self.settings["TIMESTAMP_CERTS"])
        if not url or by is None:
            raise ConfigurationError("time-stamps need TIMESTAMP_URL and TIMESTAMP_CERTS, the authority's certificates")
        archive = self.archive()
        head = archive.log.read(archive.catalog.head().seq)
        if head is None:
            raise NoArchive(f"no commit yet in {archive.store.uri}; the first crawl makes one")
        key = beside(head.seq, "tsr")
        fresh = not any(entry.key == key for entry in archive.store.list(key))
        if fresh:
            asked = question(head)
            answer = ask(url, asked.data)
            try:
                stamped_at(head, answer, by, asked)
            except IntegrityError as error:
                raise OutletUnreachable(f"the answer of TIMESTAMP_URL is no good: {error}; nothing stored") from error
            fresh = keep_stamp(archive.store, head, answer)
        moment = stamp(stamped_at(head, archive.store.get(key), by))
        if opts.json:
            print(as_json({"schema": "presstv.timestamp/1", "seq": head.seq, "at": moment, "key": key, "new": fresh}))
        else:
            say([f"{key}: commit {head.seq} existed at {moment}{'' if fresh else ', stamped before'}"])
