"""What a backfill's captures tell its brake: how many known articles they show changed or gone, in whatever order.

A capture is held against the one before it in time. One that comes in later and lies between them takes that place.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.facts.addresses import host_of
from archive.facts.names import instant
from archive.facts.outcomes import Outcome
from archive.facts.record import Record
from archive.languages.vocabulary import Vocabulary
from archive.texts.readings import read_otherwise
from crawler.backfill.neighbours import Judgement
from crawler.backfill.sources import Provenance
from crawler.crawl.brake import BackfillBrake

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """A capture that found nothing of an article."""

    number: str
    url: str
    at: datetime
    outcome: Outcome


def weigh(brake: BackfillBrake, record: Record, judged: Judgement, vocabulary: Vocabulary) -> None:
    """Tell a backfill's brake what a record of others came to, and what comes of the one of others behind it."""
    known, after = judged.before or _ours_of_that_day(judged.after, record), judged.after
    if known is not None:
        _note(brake, record, _against(known, record, vocabulary))
    if after is not None and after["capture"].get("source"):
        _note(brake, after, _against(record, after, vocabulary))


def miss(brake: BackfillBrake, missed: Vanished, provenance: Provenance) -> None:
    """Tell a backfill's brake of a capture that shows nothing of an article which was read."""
    for who in provenance.makers:
        brake.note(who, host_of(missed.url), missed.at, missed.outcome)


def _note(brake: BackfillBrake, record: Record, outcome: Outcome) -> None:
    name = (record["article_id"], record["captured_at"], record["digests"]["payload"])
    for who in Provenance(**record["capture"]["source"]).makers:
        brake.note(who, host_of(record["url"]), instant(record["captured_at"]), outcome, name=name)


def _against(known: Record, record: Record, vocabulary: Vocabulary) -> Outcome:
    alike = known["digests"]["version"] == record["digests"]["version"]
    return "unchanged" if alike or read_otherwise(known, record, vocabulary) else "changed"


def _ours_of_that_day(after: Record | None, record: Record) -> Record | None:
    """Return the record of ours that followed one within 24 hours, if one did: it can tell a forged one, too."""
    if after is None or after["capture"].get("source"):
        return None
    return after if instant(after["captured_at"]) - instant(record["captured_at"]) <= _DAY else None
