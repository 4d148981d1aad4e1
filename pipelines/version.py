"""Step 6: hold what was read against what the archive knows: new, changed, unchanged; a record or only a check."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Protocol, Self

from archive.catalog.memory import LastLook
from archive.facts.addresses import host_of
from archive.facts.items import Article, Capture
from archive.facts.outcomes import ABSENT, Keep, Outcome
from archive.facts.record import Record, build, differ
from archive.facts.teasers import teasers_digest
from archive.texts.clocks import Pulse, pulse
from pipelines.look import Look

_NOT_MODIFIED = 304
Reread = Callable[[Record], Record | None]
Showed = Callable[[str, str], str | None]


class Memory(Protocol):
    """What judging asks of the archive; facts not yet committed included."""

    def latest(self, article_id: str) -> Record | None:
        """Return the article's newest standing record of a capture of ours, or None."""

    def last_look(self, url: str) -> LastLook | None:
        """Return what the last look at `url` left, or None."""

    def showed(self, article_id: str, version: str) -> str | None:
        """Return when the article's newest version of that digest began (RFC 3339), or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What judging depends on besides the look itself."""

    revision: int
    """Today's extractor revision."""
    keep_for: timedelta
    """How long a kept capture is proof enough of a page that reads as before."""
    reread: Reread
    """Reads a record's stored capture again with today's extractor; None where it can't be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one look comes to."""

    outcome: Outcome
    detail: str = ""
    record: Record | None = None
    superseding: Record | None = None
    """A stored capture read again by today's extractor, to stand beside the older reading."""
    keep: Keep = "drop"
    confirms: str | None = None
    """captured_at of the capture that a look which found nothing new confirms."""
    before: Record | None = None
    """The record that a changed one was held against."""
    pulse: Pulse = field(default_factory=dict)
    """What the outlet's clocks did since the last look."""
    shows: str | None = None
    """Of a listing the digest of its teasers, where the look before left one."""
    repeats: bool = False
    """Whether it shows of each article what the last look found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A look with its verdict: what the export step takes in."""

    look: Look
    verdict: Verdict
    last: LastLook | None


def judge(
    article: Article,
    capture: Capture,
    before: Record | None,
    last: LastLook | None,
    rules: Rules,
    *,
    feed: str | None = None,
) -> Verdict:
    """Return the verdict on an article that was read; `before` is its newest standing record.

    `feed` is the date that the outlet's feed gives for it, raw, where the feed was read in this crawl. Where an older
    revision made `before`, its stored capture is read again first, so that like is compared with like and an
    extractor's change is never an edit.
    """
    record = build(article, capture, mirror=host_of(capture.url), revision=rules.revision, feed=feed)
    if before is None:
        return Verdict(outcome="new", record=record, keep="capture")
    before, superseding = _alike(before, record, rules)
    verdict = Verdict(
        outcome="unchanged", superseding=superseding, pulse=pulse(before, record, last.last_modified if last else None)
    )
    if before["digests"]["version"] != record["digests"]["version"]:
        return replace(verdict, outcome="changed", record=record, keep="capture", before=before)
    if differ(before, record) or _another_layout(before, record):
        return replace(verdict, detail="beside the text", record=record, keep="capture")
    keep = _fresh_proof(capture, last, rules.keep_for)
    return replace(verdict, keep=keep, confirms=before["captured_at"])


def _another_layout(before: Record, record: Record) -> bool:
    # Like is held against like: without its record nobody sees what was taken out while the other layout stood.
    old, new = before["extraction"], record["extraction"]
    return old["revision"] == new["revision"] and old["layout"] != new["layout"]


def _alike(before: Record, record: Record, rules: Rules) -> tuple[Record, Record | None]:
    superseding = None
    if before["extraction"]["revision"] < rules.revision and differ(before, record):
        superseding = rules.reread(before)
    return superseding or before, superseding


def judge_mirror(look: Look, before: Record, last: LastLook | None, rules: Rules, showed: Showed) -> Verdict:
    """Return the verdict on an article as a mirror serves it, held against the archive's newest version.

    `unchanged` where it reads as that one, or as an older one: `confirms` names which, and the detail says that the
    mirror lags. Any other text is `changed`, and its record is kept: this host's alone, never a version of the article.
    """
    assert look.article is not None
    assert look.capture is not None
    record = build(look.article, look.capture, mirror=host_of(look.capture.url), revision=rules.revision)
    before, superseding = _alike(before, record, rules)
    digest, at = record["digests"]["version"], before["captured_at"]
    keep = _fresh_proof(look.capture, last, rules.keep_for)
    if digest == before["digests"]["version"]:
        return Verdict(outcome="unchanged", superseding=superseding, keep=keep, confirms=at)
    if older := showed(record["article_id"], digest):
        detail = f"behind: shows the version of {older}, the newest is of {at}"
        return Verdict(outcome="unchanged", detail=detail, superseding=superseding, keep=keep, confirms=older)
    detail = f"differs from the version of {at}"
    return Verdict(outcome="changed", detail=detail, record=record, superseding=superseding, keep="capture")


def unread(look: Look, error: BaseException) -> Look:
    """Return the look as it stands when code of ours tripped over it: its capture is kept, nothing read from it is."""
    detail = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return replace(look, outcome="extract_failed", detail=detail, article=None, listed=(), teasers=())


def judge_page(look: Look, capture: Capture, last: LastLook | None, keep_for: timedelta) -> Verdict:
    """Return the verdict on an answer that is no readable article: a listing, a feed, a 404, a wall.

    It reads as before when the last look ended alike and listed the same articles, or gave the same bytes; then it is
    only a check. A page that says an article is gone reads as before whatever its side boxes say.
    """
    if last is None or last.outcome != look.outcome or not _reads_as(look, capture, last):
        return Verdict(outcome=look.ended, detail=look.detail, keep="capture")
    return Verdict(outcome=look.ended, detail=look.detail, keep=_fresh_proof(capture, last, keep_for))


def _reads_as(look: Look, capture: Capture, last: LastLook) -> bool:
    # A sitemap changes with each article, and may be large: its bytes are kept as often as those that never change.
    if look.kind == "sitemap":
        return True
    if look.listed:
        # What an archive of before 0.2.0 knows of a listing are its articles alone.
        return last.listed == look.listed and last.teasers in (None, _shows(look))
    return look.outcome in ABSENT or last.payload == capture.payload


def _fresh_proof(capture: Capture, last: LastLook | None, keep_for: timedelta) -> Keep:
    if last is None or last.kept_at is None:
        return "capture"
    if capture.captured_at - (last.proved_at or last.kept_at) < keep_for:
        return "drop"
    return "revisit" if last.kept_payload == capture.payload else "capture"


def _shows(look: Look) -> str | None:
    return teasers_digest(teaser.fields() for teaser in look.teasers) if look.teasers else None


def _with_teasers(verdict: Verdict, look: Look, last: LastLook | None) -> Verdict:
    before = last.teasers if last else None
    if look.status == _NOT_MODIFIED:
        return replace(verdict, shows=before, repeats=bool(look.listed and before))
    shows = _shows(look)
    # With its bytes a listing's teasers are stored again, so that nobody has to look far back for them.
    return replace(verdict, shows=shows, repeats=shows is not None and shows == before and verdict.keep == "drop")


class Judge:
    """Judge each look against the archive's memory."""

    def __init__(self, memory: Memory, rules: Rules) -> None:
        self.memory, self.rules = memory, rules

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        """Make the step with the crawl's own writer as memory."""
        spider = crawler.spider
        return cls(spider.writer, spider.rules)

    def process_item(self, item: Look) -> Judged:
        """Return the look with its verdict."""
        last = self.memory.last_look(item.url)
        if item.article is not None and item.capture is not None:
            before = self.memory.latest(item.article.article_id)
            if item.kind == "mirror" and before is not None:
                verdict = judge_mirror(item, before, last, self.rules, self.memory.showed)
            else:
                verdict = judge(item.article, item.capture, before, last, self.rules, feed=item.feed_date)
        elif item.capture is not None:
            verdict = judge_page(item, item.capture, last, self.rules.keep_for)
        else:
            news = bool(item.hops) and (last is None or last.outcome != item.outcome)
            keep: Keep = "capture" if news else "drop"
            verdict = Verdict(outcome=item.ended, detail=item.detail, keep=keep, confirms=item.confirms)
        return Judged(look=item, verdict=_with_teasers(verdict, item, last), last=last)
