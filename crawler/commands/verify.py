"""`scrapy verify`: read the whole archive and prove it, or name what is wrong with it."""

import argparse
from dataclasses import asdict

from archive.catalog import remembered_head
from archive.errors import IntegrityError, NoArchive
from archive.log import Log
from archive.stores import open_store
from archive.verify import Report, fault, verify
from crawler.command import ArchiveCommand, as_json, say


class Command(ArchiveCommand):
    """Verify the archive."""

    def short_desc(self) -> str:
        """Say what the command does."""
        return "Prove the archive whole: chain, segments, index, digests"

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Verify, print what was read, and fail with 9 where something is wrong."""
        del args
        assert self.settings is not None
        store = open_store(self.settings["ARCHIVE_URI"])
        seen = remembered_head(self.settings["CATALOG_PATH"], store.uri)
        try:
            report = verify(Log(store), seen)
        except NoArchive as error:
            if seen.seq:
                raise IntegrityError(f"missing: archive.json: this machine saw {seen.seq} commits there") from error
            raise
        if opts.json:
            print(as_json(asdict(report) | {"whole": report.whole, "archive": store.uri}))
        else:
            say(_lines(report, seen.seq))
        if wrong := fault(report, store.uri):
            self.fail(wrong)


def _lines(report: Report, seen: int) -> list[str]:
    lines = [f"{p.kind}: {p.key}: {p.detail}" for p in report.problems]
    lines += [f"orphan: {key}: no commit names it; scrapy gc removes it after a day" for key in report.orphans]
    lines.append(
        f"{'whole' if report.whole else 'NOT WHOLE'}: {report.commits} commits, {report.segments} segments, "
        f"{report.captures} captures, {report.records} records, {report.bytes} bytes"
    )
    lines.append(f"head: commit {report.head.seq} {report.head.digest or '(no commit yet)'}")
    if not seen:
        lines.append("this machine had not seen this archive before: only a published head vouches for the log's end")
    return lines
