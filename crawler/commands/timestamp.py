"""`scrapy timestamp`: have an authority say that the log's head, and so all before it, exists now."""

import argparse
from functools import partial

from archive.errors import ConfigurationError
from archive.facts.names import stamp
from archive.log.chain import beside
from archive.trust.timestamps import authority, stamp_once
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.net.timestamping import ask


class Command(ArchiveCommand):
    """Stamp the head."""

    says = "Have the authority of TIMESTAMP_URL stamp the log's head (RFC 3161)"
    examples = (("", "of the head as it stands"),)

    def may_repeat(self, opts: argparse.Namespace) -> bool:
        """It writes, and is not done twice."""
        del opts
        return False

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Ask, check the answer, store it; a head that has a stamp keeps it."""
        del args
        assert self.settings is not None
        url, by = self.settings["TIMESTAMP_URL"], authority(self.settings["TIMESTAMP_CERTS"])
        if not url or by is None:
            raise ConfigurationError("time-stamps need TIMESTAMP_URL and TIMESTAMP_CERTS, the authority's certificates")
        archive = self.archive(writes=True)
        head = archive.last()
        fresh, at = stamp_once(archive.store, head, by, partial(ask, url))
        key, moment = beside(head.seq, "tsr"), stamp(at)
        if opts.json:
            print(as_json({"schema": "presstv.timestamp/1", "seq": head.seq, "at": moment, "key": key, "new": fresh}))
        else:
            say([f"{key}: commit {head.seq} existed at {moment}{'' if fresh else ', stamped before'}"])
