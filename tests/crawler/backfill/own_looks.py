"""Looks of our own at articles, committed as a crawl commits them, to stand beside what others captured."""

from dataclasses import dataclass
from functools import partial
from itertools import count

from archive.facts.items import Capture, Check
from archive.facts.outcomes import Outcome
from archive.log.spool import Spool
from crawler.reread.stored import reader
from tests.french import EDITION
from tests.made import capture, committer_of, url_of

_NUMBERS = count(1)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A look at an article, and how it ended; one that read nothing new leaves a check alone."""

    number: str
    taken: Capture
    outcome: Outcome
    confirms: str | None = None


def saw(number, body, at, outcome="new", *, confirms=None, **answer):
    """Return a look that got a page at an instant; `answer` is what its capture says besides."""
    taken = capture(url_of(number), at=at, body=body, **answer)
    return Seen(number=number, taken=taken, outcome=outcome, confirms=confirms)


def crawled(archive, folder, clock, *looks, summary=None):
    """Commit looks as one crawl, with what its last commit says besides, and return its id."""
    crawl = f"20261124t120000z-{next(_NUMBERS):08x}"
    committer = committer_of(archive, clock, crawl=crawl)
    batch = committer.begin(partial(Spool.create, folder / "spool"))
    for look in looks:
        taken = look.taken
        if look.outcome != "unchanged":
            batch.spooled(taken)
        if look.outcome in ("new", "changed"):
            batch.records.append((reader(EDITION)(taken, ""), taken))
        batch.checks.append(
            Check(
                at=taken.captured_at, url=taken.url, kind="article", outcome=look.outcome, article_id=look.number,
                status=taken.status, payload=taken.payload, confirms=look.confirms,
            )
        )  # fmt: skip
    committer.commit(batch, {"exit": 0, **(summary or {})})
    return crawl
