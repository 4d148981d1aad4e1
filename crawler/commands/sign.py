"""`scrapy sign`: sign commits that are not signed yet: our own, or those that are named, once they are shown."""

import argparse
import re
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from archive.catalog.since import Since, check_reached
from archive.errors import ConfigurationError, IntegrityError, UsageError
from archive.facts.names import stamp
from archive.log.chain import Commit
from archive.opened import Archive
from archive.texts.amounts import amount
from archive.trust.guarding import Guard, is_signed, lacking, told_of
from archive.trust.signing import public_keys
from archive.trust.unsigned import is_young, ranges
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.cli.selecting import DAYS, add_selection
from crawler.crawl.keys import key_of

SCHEMA = "presstv.sign/1"
_WORD = re.compile(r"([0-9]{1,12})(?:-([0-9]{1,12}))?")


class Command(ArchiveCommand):
    """Sign what is there."""

    words = "[--since SEQ|DATE] [--json] [NUMBER | FIRST-LAST …]"
    says = "Sign commits that are not signed yet, with the key of SIGNING_KEY_FILE or SIGNING_KEY"
    examples = (
        ("", "all that is not signed yet"),
        ("42", "commit 42"),
    )
    takes = (0, 1000)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        told = f"only commits past a number, or made from a day or instant on ({DAYS})"
        add_selection(parser, {"since"}, {"since": told})

    def may_repeat(self, opts: argparse.Namespace) -> bool:
        """It writes, and is not done twice."""
        del opts
        return False

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Sign, and print which commits were; those that are named are shown first."""
        assert self.settings is not None
        since, key = self.since(opts), key_of(self.settings)
        if args and opts.since:
            raise UsageError("--since goes without numbers: write scrapy sign 7-9, or scrapy sign --since 6")
        if key is None:
            raise ConfigurationError("no key to sign with: set SIGNING_KEY_FILE, or SIGNING_KEY in the environment")
        with closing(self.archive(writes=True)) as archive:
            check_reached(since.seq, archive.catalog.head().seq)
            guard = Guard(
                log=archive.log, memory=archive.catalog.memory, head=archive.catalog.head, clock=_now, key=key,
                verify_keys=public_keys(self.settings["VERIFY_KEY"]),
            )  # fmt: skip
            commits, left = (_named(archive, args), []) if args else _ours(archive, guard, since)
            if args and not opts.json:
                say(_shown(commits))
            signed = [commit.seq for commit in commits if not is_signed(archive.log, commit, guard.keys)]
            for commit in commits:
                guard.sign(commit)
            if not (args or left or opts.since):
                guard.begin()
        if opts.json:
            shown = [_told(commit) for commit in commits] if args else []
            print(as_json({"schema": SCHEMA, "signed": signed, "shown": shown, "public_key": key.public}))
        else:
            say([f"signed {amount(len(signed), 'commit')} as {key.public}"])
        self._leave(left)

    def _leave(self, left: list[Commit]) -> None:
        """Say which commits others made, and fail for those that no writer is about to sign."""
        old = [commit for commit in left if not is_young(commit.committed_at, _now())]
        if young := [commit.seq for commit in left if commit not in old]:
            say([f"left for those who made them, younger than an hour: {ranges(young)}"])
        if old:
            numbers = ranges(commit.seq for commit in old)
            raise IntegrityError(
                f"not signed, since this machine did not make them: {numbers}; the first is of {told_of(old[0])}; "
                f"scrapy sign {numbers.replace(', ', ' ')} shows and signs them"
            )


def _now() -> datetime:
    return datetime.now(UTC)


def _named(archive: Archive, words: Iterable[str]) -> list[Commit]:
    """Return the commits that the words name, in their order. Raises UsageError for one that is not there."""
    numbers: dict[int, None] = {}
    last = archive.catalog.head().seq
    for word in words:
        found = _WORD.fullmatch(word)
        first, end = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= end <= last:
            raise UsageError(f"{word!r} names no commits; write 7 or 7-9, up to {last}")
        numbers |= dict.fromkeys(range(first, end + 1))
    return [commit for seq in numbers if (commit := archive.log.read(seq))]


def _ours(archive: Archive, guard: Guard, since: Since) -> tuple[list[Commit], list[Commit]]:
    """Return the unsigned commits that are signed without being named, and those that are not.

    The former are all where none bounds them yet, else those before that one, which holds them, and our own.
    """
    found = lacking(archive.log, archive.catalog.head(), guard.keys, guard.bound)
    ours, left = list[Commit](), list[Commit]()
    for seq in found.unsigned:
        commit = archive.log.read(seq)
        if commit and since.holds(seq, stamp(commit.committed_at)):
            mine = seq not in found.must or guard.memory.is_own(commit.digest)
            (ours if mine else left).append(commit)
    return ours, left


def _told(commit: Commit) -> dict[str, Any]:
    """Return what a commit is, by its own words."""
    lines: dict[str, int] = {}
    for segment in commit.segments:
        lines[segment.kind] = lines.get(segment.kind, 0) + segment.lines
    return {
        "seq": commit.seq, "digest": commit.digest, "committed_at": stamp(commit.committed_at), "crawl": commit.crawl,
        "writer": dict(commit.writer), "segments": len(commit.segments), "lines": lines,
        "outcomes": commit.summary.get("outcomes", {}),
    }  # fmt: skip


def _shown(commits: Iterable[Commit]) -> Iterable[str]:
    for commit in commits:
        told = _told(commit)
        yield f"commit {commit.seq} {commit.digest}"
        extractor = commit.writer.get("extractor", "?")
        yield f"  made {told_of(commit)}, extractor revision {extractor}"
        lines = ", ".join(f"{amount(number, 'line')} of {kind}" for kind, number in told["lines"].items())
        yield f"  {amount(told['segments'], 'segment')}: {lines or 'nothing'}"
        yield f"  outcomes: {_counts(told['outcomes'])}"


def _counts(outcomes: Any) -> str:
    if not isinstance(outcomes, dict) or not outcomes:
        return "none told"
    return ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
