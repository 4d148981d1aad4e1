"""One rule of what is known of an address: the crawl's memory of its open batch, and the catalog's fold of commits.

Each sequence of looks goes twice through the steps that judge and write: once with nothing committed, once with a
commit behind each look. What is known then, and what each look comes to, has to be the same.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from archive.catalog import memory
from archive.catalog.selection import Selection
from archive.exporters.views import VIEWS
from archive.facts.names import stamp
from archive.facts.teasers import Teaser, teasers_digest
from archive.trust.verify import verify
from pipelines.export import Export
from pipelines.look import Look
from pipelines.version import Judge, Rules
from tests.made import START, archive_at, article, capture, url_of, writer_of

RULES = Rules(revision=1, keep_for=timedelta(days=30), reread=lambda record: None)
HERE, THERE, ELSEWHERE = url_of("7"), f"{url_of('7')}-corrige", f"{url_of('7')}-encore"
TAG = (("ETag", '"a"'), ("Last-Modified", "Tue, 24 Nov 2026 08:00:00 GMT"))


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One look: on which day, and what came back."""

    day: int
    status: int | None = 200
    body: bytes = b"une page"
    headers: tuple = ()
    lead: str = ""
    outcome: str = "article"
    led: str | None = None
    """Where a redirect led."""
    retried: int = 0
    """Answers of 503 before."""
    listed: tuple = ()
    shown: str | None = ""
    """What a listing says of each of its articles; None where that is not kept, as before version 0.2.0."""
    named: bool = True
    """Whether the look says where the redirect led: one that is ended on its way does not."""

    def look(self):
        """Return the look as it reaches the version step."""
        at = START + timedelta(days=self.day)
        late = [at - timedelta(seconds=10 - n) for n in range(self.retried + (self.led is not None))]
        hops = [capture(HERE, at=when, status=503, body=b"occupe") for when in late[: self.retried]]
        if self.led is not None:
            hops.append(capture(HERE, at=late[-1], status=302, body=b"ailleurs", headers=(("Location", self.led),)))
        taken = None
        if self.status not in (None, 304):
            taken = capture(self.led or HERE, at=at, status=self.status, body=self.body, headers=self.headers)
        return Look(
            url=HERE, kind="section" if self.listed else "article", at=at, outcome=self.outcome, status=self.status,
            article_id=None if self.listed else "7", capture=taken, listed=self.listed, hops=tuple(hops),
            teasers=tuple(Teaser(text=self.shown) for _ in self.listed if self.status == 200 and self.shown is not None),
            article=article(lead=self.lead, url=self.led or HERE) if self.outcome == "article" else None,
            answered=self.led if self.named else None,
        )  # fmt: skip


def ok(day, **more):
    return Seen(day=day, **more)


def same(day, **more):
    return Seen(day=day, status=304, outcome="unchanged", **more)


def gone(day, **more):
    return Seen(day=day, **{"status": 404, "outcome": "gone", "body": b"introuvable"} | more)


def silent(day, **more):
    return Seen(day=day, status=None, outcome="timeout", **more)


def page(day, listed="9 8", body=b"une liste", shown="Un bac"):
    return Seen(day=day, outcome="listed", listed=tuple(listed.split()), body=body, shown=shown)


def page_again(day, listed="9 8"):
    return Seen(day=day, status=304, outcome="listed", listed=tuple(listed.split()))


ROWS = {
    "new": ([ok(0)], "new:capture"),
    "unchanged soon": ([ok(0), ok(1)], "new:capture unchanged:drop"),
    "unchanged, other bytes": ([ok(0), ok(1, body=b"b")], "new:capture unchanged:drop"),
    "changed": ([ok(0), ok(1, lead="Un chapeau.", body=b"b")], "new:capture changed:capture"),
    "repeated": ([ok(0), ok(40), ok(60)], "new:capture unchanged:revisit unchanged:drop"),
    "repeated twice": ([ok(0), ok(40), ok(80)], "new:capture unchanged:revisit unchanged:revisit"),
    "proved anew": ([ok(0), ok(40, body=b"b"), ok(80, body=b"b")],
                    "new:capture unchanged:capture unchanged:revisit"),
    "other bytes of the day before": ([ok(0), ok(1, body=b"b"), ok(40, body=b"b")],
                                      "new:capture unchanged:drop unchanged:capture"),
    "validators": ([ok(0, headers=TAG), ok(1)], "new:capture unchanged:drop"),
    "a 304": ([ok(0, headers=TAG), same(1)], "new:capture unchanged:drop"),
    "a 304 after a changed tag": ([ok(0), ok(1, headers=TAG), same(2), ok(40)],
                                  "new:capture unchanged:drop unchanged:drop unchanged:revisit"),
    "a 304 proves nothing": ([ok(0, headers=TAG), same(20), ok(40)],
                             "new:capture unchanged:drop unchanged:revisit"),
    "a 304 of what nobody knows": ([same(0)], "unchanged:drop"),
    "a 304 after an error": ([ok(0, headers=TAG), silent(1), same(2)], "new:capture timeout:drop unchanged:drop"),
    "gone": ([ok(0, headers=TAG), gone(1, headers=TAG)], "new:capture gone:capture"),
    "gone at first": ([gone(0)], "gone:capture"),
    "gone and gone": ([ok(0), gone(1), gone(2, body=b"b")], "new:capture gone:capture gone:drop"),
    "gone for long": ([gone(0), gone(40), gone(41)], "gone:capture gone:revisit gone:drop"),
    "gone and back": ([ok(0), gone(1), ok(2)], "new:capture gone:capture unchanged:drop"),
    "a wall": ([ok(0), gone(1, status=403, outcome="challenge", body=b"robot ?")], "new:capture challenge:capture"),
    "no answer": ([ok(0, headers=TAG), silent(1)], "new:capture timeout:drop"),
    "no answer at first": ([silent(0), ok(1)], "timeout:drop new:capture"),
    "no answer twice": ([silent(0), silent(1)], "timeout:drop timeout:drop"),
    "a listing": ([page(0), page(1, body=b"b")], "listed:capture listed:drop"),
    "a listing with another article": ([page(0), page(1, "9 8 7")], "listed:capture listed:capture"),
    "a listing for long": ([page(0), page(40), page(80, body=b"b")], "listed:capture listed:revisit listed:capture"),
    "a listing with another teaser": ([page(0), page(1, shown="Un pont"), page(2, shown="Un pont")],
                                      "listed:capture listed:capture listed:drop"),
    "a listing with a 304": ([page(0), page_again(1), page(2)], "listed:capture listed:drop listed:drop"),
    "a listing without teasers": ([replace(page(0), shown=None), page(1)], "listed:capture listed:drop"),
    "a listing that fails": ([page(0), silent(1), page(2)], "listed:capture timeout:drop listed:capture"),
    "a listing that is empty": ([page(0), ok(1, outcome="empty")], "listed:capture empty:capture"),
    "busy, then there": ([ok(0, retried=2), ok(1, retried=1)], "new:capture unchanged:drop"),
    "busy, then no answer": ([silent(0, retried=2), ok(1)], "timeout:capture new:capture"),
    "busy is no proof": ([ok(0), silent(29, retried=2), ok(31)],
                         "new:capture timeout:capture unchanged:revisit"),
    "busy is no proof of a repetition": ([ok(0, body=b"occupe"), silent(29, retried=2), ok(40, body=b"occupe")],
                                         "new:capture timeout:capture unchanged:revisit"),
    "led elsewhere": ([ok(0, led=THERE), ok(1, led=THERE)], "new:capture unchanged:drop"),
    "led elsewhere for long": ([ok(0, led=THERE), ok(40, led=THERE)], "new:capture unchanged:revisit"),
    "led elsewhere later": ([ok(0), ok(40, led=THERE), ok(80, led=THERE)],
                            "new:capture unchanged:revisit unchanged:revisit"),
    "led to one, then another": ([ok(0, led=THERE), ok(40, led=ELSEWHERE), ok(80)],
                                 "new:capture unchanged:revisit unchanged:revisit"),
    "led with the redirect's own bytes": ([ok(0, led=THERE, body=b"ailleurs"), ok(40, led=THERE, body=b"ailleurs")],
                                          "new:capture unchanged:revisit"),
    "led off the outlet": ([ok(0), gone(1, status=302, outcome="redirected_offsite", led=THERE, named=False)],
                           "new:capture redirected_offsite:capture"),
}  # fmt: skip


def judged(writer, seen):
    """Spool, judge and write one look, as a crawl does; return its outcome and what is kept."""
    look = seen.look()
    for taken in (*look.hops, *((look.capture,) if look.capture else ())):
        writer.spool(taken)
    verdict = Export(writer).process_item(Judge(writer, RULES).process_item(look)).verdict
    return f"{verdict.outcome}:{verdict.keep}"


def in_memory(folder, clock, looks):
    """Return what each look came to, and what was known after it, with nothing committed; and the archive."""
    archive = archive_at(folder, clock)
    writer = writer_of(archive, folder, clock, age=timedelta(days=999))
    told = [(judged(writer, seen), writer.last_look(HERE)) for seen in looks]
    writer.close({})
    return told, archive


def in_the_catalog(folder, clock, looks):
    """Return the same with each look committed before the next."""
    archive, told = archive_at(folder, clock), []
    for number, seen in enumerate(looks):
        writer = writer_of(archive, folder, clock, crawl=f"20261124t120000z-{number:08x}")
        came = judged(writer, seen)
        writer.close({})
        told.append((came, memory.last_look(archive.catalog.db, HERE)))
    return told, archive


@pytest.mark.parametrize(("looks", "verdicts"), ROWS.values(), ids=ROWS)
def test_both_memories_hold_one_rule(tmp_path, clock, looks, verdicts):
    """What is known after each look is the same, committed or not, and so is what the look comes to."""
    (open_batch, one), (committed, other) = (
        form(tmp_path / name, clock, looks) for form, name in ((in_memory, "memory"), (in_the_catalog, "catalog"))
    )
    sound = [verify(archive.log).problems for archive in (one, other)]
    refolded = memory.last_look(one.catalog.db, HERE)
    for archive in (one, other):
        archive.close()

    assert " ".join(came for came, _ in open_batch) == verdicts
    assert open_batch == committed
    assert refolded == open_batch[-1][1]
    assert sound == [[], []]


CONFIRMED = {
    "read": ([ok(0, headers=TAG)], 0),
    "found unchanged": ([ok(0), ok(1, headers=TAG)], 0),
    "changed": ([ok(0), ok(1, lead="Un chapeau.", body=b"b")], 1),
    "changed, then a 304": ([ok(0), ok(1, lead="Un chapeau.", body=b"b", headers=TAG), same(2)], 1),
    "a 304": ([ok(0, headers=TAG), same(1)], 0),
    "a 304 of what nobody knows": ([same(0)], None),
    "gone": ([ok(0), gone(1)], None),
    "no answer": ([ok(0), silent(1)], None),
    "a listing": ([page(0)], None),
}  # fmt: skip


@pytest.mark.row("F-CON-21")
@pytest.mark.parametrize("form", [in_memory, in_the_catalog], ids=["memory", "catalog"])
@pytest.mark.parametrize(("looks", "day"), CONFIRMED.values(), ids=CONFIRMED)
def test_what_a_304_would_confirm(tmp_path, clock, looks, day, form):
    """It is the record that the look which gave the validators read or found unchanged; none where it saw none."""
    told, archive = form(tmp_path, clock, looks)
    archive.close()

    assert told[-1][1].confirms == (None if day is None else stamp(START + timedelta(days=day)))


def test_an_older_look_leaves_the_newest_page_as_it_is(tmp_path, clock):
    """A look of an earlier day that is committed later proves what it saw, and takes nothing from what is known."""
    told, archive = in_the_catalog(tmp_path, clock, [ok(5, headers=TAG, body=b"b"), gone(1), ok(2, lead="Vieux.")])
    (_, newest), *older = told
    archive.close()

    assert [known for _, known in older] == [newest, newest]
    assert (newest.outcome, newest.etag, stamp(newest.kept_at)) == ("new", '"a"', "2026-11-29T12:00:00.000000Z")


def test_what_is_known_is_of_one_address(tmp_path, clock):
    """The address that a redirect led to is not known by that: nobody asked for it."""
    _, archive = in_the_catalog(tmp_path, clock, [ok(0, led=THERE)])
    there, here = (memory.last_look(archive.catalog.db, url) for url in (THERE, HERE))
    archive.close()

    assert there is None
    assert (here.kept_url, here.kept_at) == (THERE, START)
    assert here == replace(here, proved_at=START)


@pytest.mark.row("F-LST-03")
def test_teasers_are_stored_where_they_changed(tmp_path, clock):
    """The list with the first look and with each that keeps its bytes, else the digest; a 304 repeats the last one's."""
    looks = [
        page(0),
        page(1),
        page_again(2),
        page(3, "9 8 7"),
        page(4, "9 8 7"),
        page(50, "9 8 7"),
        silent(51),
        page(52, "9 8 7"),
    ]
    told, archive = in_the_catalog(tmp_path, clock, looks)
    checks = [row for row in VIEWS["checks"](archive, Selection()) if row.get("listed")]
    rows = list(VIEWS["placements"](archive, Selection()))
    archive.close()

    assert ["teasers" if "teasers" in check else "digest" for check in checks] == [
        "teasers", "digest", "digest", "teasers", "digest", "teasers", "teasers",
    ]  # fmt: skip
    assert all(("teasers" in check) != ("teasers_digest" in check) for check in checks)
    assert {row["teaser"] for row in rows} == {"Un bac"}
    assert told[-1][1].teasers == teasers_digest([{"text": "Un bac"}] * 3)
