"""`scrapy verify`: read the archive and prove it, or name what is wrong with it, and mend it from another copy."""

import argparse
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.catalog.since import Since, check_reached
from archive.errors import IntegrityError, UsageError
from archive.facts.canonical import canonical
from archive.log.chain import Log
from archive.parallel.journal import Journal, journal
from archive.parallel.workers import check_processes
from archive.seen.judging import Recalled, recall
from archive.seen.memory import NAME, HeadMemory
from archive.stores.opening import open_store
from archive.stores.store import Store
from archive.texts.amounts import amount, amounts
from archive.trust.findings import MOST_TOLD
from archive.trust.part import Part, part_of
from archive.trust.repair import Repaired, examine
from archive.trust.verify import Report, digest_of, fault
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.cli.machines import add_dask, check_dask, on_cluster
from crawler.cli.selecting import DAYS, add_processes, add_selection
from crawler.cli.stopping import stopping
from crawler.crawl.vouchers import trust_of
from settings.base import VERSION

SCHEMA = "presstv.verify/1"


class Command(ArchiveCommand):
    """Verify the archive."""

    words = (
        "[--head DIGEST] [--since SEQ|DATE] [--sample N/T | --share N/T] [--processes N | --dask ADDRESS] "
        "[--repair-from URI] [--anew] [--require-signatures] [--json]"
    )
    says = "Prove the archive whole: chain, segments, index, digests, signatures"
    examples = (
        ("", "all of it"),
        ("--since 4000", "what commits past 4000 brought"),
        ("--repair-from s3://bucket/copy", "take what is damaged from a copy"),
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument("--head", metavar="DIGEST", help="a head that was published: must still be there")
        told = f"read only segments of commits past a number, or made from a day or instant on ({DAYS})"
        add_selection(parser, {"since"}, {"since": told})
        parser.add_argument("--sample", metavar="N/T", help="read only the N-th of T parts of the segments")
        parser.add_argument("--share", metavar="N/T", help="the same, and judge all of it: T machines prove the whole")
        add_processes(parser)
        add_dask(parser, "read on the workers of a Dask scheduler")
        parser.add_argument("--repair-from", metavar="URI", help="take what is missing or damaged from another copy")
        parser.add_argument("--anew", action="store_true", help="begin at the beginning, though one was stopped")
        parser.add_argument("--require-signatures", action="store_true", help="an unsigned commit is a fault")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Verify, print what was read, and fail with 9 where something is wrong."""
        del args
        assert self.settings is not None
        since, published = self.since(opts), digest_of(opts.head)
        part = _part(opts, since)
        store = open_store(self.settings["ARCHIVE_URI"])
        seen, forgot = self._seen(store)
        trust = trust_of(
            self.settings, seen=seen, published=published, required=opts.require_signatures, now=datetime.now(UTC)
        )
        other = None if opts.repair_from is None else Log(open_store(self.placed(opts.repair_from)))
        with stopping(), on_cluster(opts) as cluster, journal(*self._kept(opts, since, store.uri)) as kept:
            if opts.anew:
                kept.drop()
            done = examine(Log(store), other, part=part, trust=trust, processes=cluster or opts.processes, journal=kept)
        report = done.report
        if forgot:
            report.add("memory", NAME, forgot)
        if report.whole:
            check_reached(since.seq, report.head.seq)
        if opts.json:
            print(as_json(_told(done, kept.taken, store.uri)))
        else:
            say([*_gone_on(kept), *_lines(done, known=bool(seen.highest.seq or forgot))])
        if wrong := fault(report, store.uri):
            self.fail(wrong)

    def _seen(self, store: Store) -> tuple[Recalled, str]:
        """Return what this machine saw of the archive, and why it can't tell; that is empty where it can."""
        assert self.settings is not None
        try:
            return recall(Log(store), HeadMemory(self.settings["CATALOG_PATH"]), every=True), ""
        except IntegrityError as error:
            return Recalled(), str(error)

    def _kept(self, opts: argparse.Namespace, since: Since, uri: str) -> tuple[Path, str, bytes, datetime]:
        """Return what names the journal of a verification of these words."""
        assert self.settings is not None
        words = [VERSION, uri, since.text, opts.sample, opts.share]
        return Path(self.settings["CATALOG_PATH"]), "verify", canonical(words), datetime.now(UTC)


def _part(opts: argparse.Namespace, since: Since) -> Part:
    """Return what is to be read. Raises UsageError for options that exclude each other."""
    check_processes(opts.processes)
    check_dask(opts)
    if opts.dask is not None and opts.repair_from is not None:
        raise UsageError("--repair-from mends from this machine; leave out --dask")
    thorough = opts.share is not None
    if thorough and (opts.sample is not None or opts.since is not None):
        raise UsageError("--share is a share of the whole archive; leave out --sample and --since")
    sample = part_of("--share", opts.share) if thorough else part_of("--sample", opts.sample)
    return Part(since=since.holds, sample=sample, thorough=thorough)


def _told(done: Repaired, resumed: int, uri: str) -> dict[str, Any]:
    """Return the report, JSON-ready."""
    return {"schema": SCHEMA} | asdict(done.report) | {
        "resumed": resumed, "repaired": done.keys, "vouched": done.vouched, "not_repaired": done.refused,
        "whole": done.report.whole, "archive": uri,
    }  # fmt: skip


def _gone_on(kept: Journal) -> list[str]:
    if not kept.taken:
        return []
    return [f"went on: {amount(kept.taken, 'commit')} had been read when a verification of the same words was stopped"]


def _lines(done: Repaired, *, known: bool) -> list[str]:
    report = done.report
    lines = [f"repaired: {key}, vouched for by {by}" for key, by in done.vouched.items()]
    lines += [f"not repaired: {why}" for why in done.refused]
    lines += [f"{p.kind}: {p.key}: {p.detail}" for p in report.problems]
    lines += [f"{key}: {count - MOST_TOLD} more" for key, count in report.faults.items() if count > MOST_TOLD]
    lines += [f"orphan: {key}: no commit names it; scrapy gc removes it after a day" for key in report.orphans]
    lines += [f"stranger: {name}: no program of ours wrote it; move it out of the archive" for name in report.strangers]
    lines += [f"derived: {key}: {why}; nobody believes it, scrapy gc removes it" for key, why in report.derived.items()]
    lines += [f"note: {note}" for note in report.notes]
    left = f", {amount(report.skipped, 'segment')} not read" if report.skipped else ""
    held = amounts(
        commit=report.commits,
        segment=report.segments,
        capture=report.captures,
        record=report.records,
        byte=report.bytes,
    )
    lines.append(f"{'whole' if report.whole else 'NOT WHOLE'}: {held}{left}")
    lines += _vouched(report)
    lines.append(f"head: commit {report.head.seq} {report.head.digest or '(no commit yet)'}")
    if not known and report.published is None:
        lines.append("this machine had not seen this archive before: only a published head vouches for the log's end")
    return lines


def _vouched(report: Report) -> list[str]:
    lines = [f"signed: {amount(report.signed, 'commit')}"] if report.signed else []
    lines += [f"stamped: {key}: existed at {moment}" for key, moment in report.stamped.items()]
    if report.published is not None:
        lines.append(f"published: commit {report.published} is still there; {report.head.seq - report.published} since")
    return lines
