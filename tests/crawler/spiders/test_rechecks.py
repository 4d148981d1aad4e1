"""Which known articles are asked for again, and how; called by hand, without a reactor."""

from dataclasses import replace

import pytest

from archive.errors import UsageError
from archive.facts.names import stamp
from crawler.spiders.articles import Articles
from crawler.spiders.host import Host
from crawler.spiders.rechecks import Rechecks
from crawler.spiders.soft404 import Soft404
from tests import facts
from tests.by_hand import BASE, MIRROR, archive_of, asker_of, parted, session_of, urls
from tests.french import EDITION

DUE = [facts.read(number, 0) for number in (1, 2, 3)]


def rechecks_of(archive, folder, clock, *, budget=10, base=BASE, **plan):
    """Return the re-checks of a crawl by such a plan, 40 days after the facts."""
    clock.forward(days=40 if "days" not in plan else plan.pop("days"))
    session = session_of(archive, folder, clock, **plan)
    asker = asker_of(session)
    soft404 = Soft404(asker=asker, edition=EDITION, address=lambda: f"{BASE}/made-up")
    articles = Articles(session=session, asker=asker, soft404=soft404)
    return Rechecks(session=session, host=Host(plan=session.plan, base=base), articles=articles, budget=budget)


@pytest.mark.parametrize(
    ("recheck", "budget", "count"),
    [("due", 10, 3), ("due", 2, 2), ("all", 2, 3), ("none", 10, 0)],
    ids=["due", "budget", "all", "none"],
)
def test_how_many_are_asked_for(tmp_path, clock, recheck, budget, count):
    """The budget bounds those due; `all` asks for all and `none` for none."""
    made = rechecks_of(archive_of(DUE), tmp_path, clock, recheck=recheck, budget=budget)

    assert len(urls(made.due())) == count


def test_what_is_not_due_rests(tmp_path, clock):
    """A look of a moment ago is enough."""
    assert urls(rechecks_of(archive_of(DUE), tmp_path, clock, days=0).due()) == []


def test_they_are_asked_for_on_the_host_that_is_crawled(tmp_path, clock):
    """Wherever they were read before."""
    made = rechecks_of(archive_of(DUE[:1]), tmp_path, clock, base=MIRROR)

    assert urls(made.due()) == [facts.url_of(1).replace(BASE, MIRROR)]


def test_named_articles(tmp_path, clock):
    """`ids` are asked for, due or not; one that the archive lacks is a usage error."""
    made = rechecks_of(archive_of(DUE), tmp_path, clock, days=0, ids=("2", "99"))
    asking = made.named()

    assert next(asking).url == facts.url_of(2)
    with pytest.raises(UsageError, match="99"):
        next(asking)


def seen(outcome="new", **more):
    """Return facts of article 1: read and kept, with an entity tag, then looked at a minute later."""
    first = facts.read(1, 0)
    if outcome == "changed":
        changed = facts.read(1, 1, facts.TEXTS[1], outcome=outcome)
        return [first, replace(changed, check=replace(changed.check, etag='"a"'))]
    last = facts.saw(1, 1, outcome, etag='"a"', payload=first.check.payload, confirms=stamp(facts.at(0)), **more)
    return [first, replace(last, capture=replace(first.capture, captured_at=facts.at(1)), repeats=first.capture)]


@pytest.mark.parametrize(
    ("outcome", "summary", "days", "expected"),
    [
        ("unchanged", {}, 10, b'"a"'),
        ("changed", {}, 10, b'"a"'),
        ("unchanged", {}, 31, None),
        ("gone", {}, 10, None),
        ("changed", {"suspect": True}, 10, None),
    ],
    ids=["unchanged", "changed", "too-long-ago", "gone", "suspect"],
)
def test_conditional_requests(tmp_path, clock, outcome, summary, days, expected):
    """The entity tag is sent while the page that it stands for was lately seen, kept and to be believed."""
    made = rechecks_of(archive_of(seen(outcome), summary=summary), tmp_path, clock, days=days, recheck="all")
    [request], _ = parted(made.due())

    assert request.headers.get("If-None-Match") == expected


SINCE = {
    "nothing": ([], b'"a"'),
    "another host, another text": ([facts.read(1, 5, facts.TEXTS[1], outcome="changed", host="127.0.0.2")], None),
    "another host, the same text, no record": ([facts.saw(1, 5, host="127.0.0.2", confirms=stamp(facts.at(0)))], b'"a"'),
    "a mirror, another text": (
        [facts.read(1, 5, facts.TEXTS[1], outcome="changed", host="127.0.0.2", kind="mirror")], b'"a"',
    ),
}  # fmt: skip


@pytest.mark.row("F-CON-21")
@pytest.mark.parametrize(("since", "expected"), SINCE.values(), ids=SINCE)
def test_what_came_from_elsewhere_is_not_confirmed(tmp_path, clock, since, expected):
    """An address is asked whole where the newest text was read elsewhere after its own look; else as before."""
    batches = [seen("unchanged"), *([since] if since else [])]
    made = rechecks_of(archive_of(*batches), tmp_path, clock, days=10, recheck="all")
    [request], _ = parted(made.due())

    assert request.headers.get("If-None-Match") == expected


@pytest.mark.row("F-CON-21")
@pytest.mark.parametrize(
    ("minute", "crawl", "expected"),
    [(5, "backfill-b", None), (-5, "backfill-b", b'"a"'), (5, "b", b'"b"')],
    ids=["backfilled", "backfilled, of an earlier day", "our own"],
)
def test_others_validators_are_not_sent(tmp_path, clock, minute, crawl, expected):
    """What a backfill brought for the very address gives no tag to ask with; our own later look does."""
    log, text = facts.new_log(), facts.TEXTS[1] if minute > 0 else facts.TEXTS[0]
    facts.write(log, *seen("unchanged"))
    later = facts.read(1, minute, text, outcome="changed")
    facts.write(log, replace(later, check=replace(later.check, etag='"b"')), crawl=crawl)
    made = rechecks_of(facts.folded(log), tmp_path, clock, days=10, recheck="all")
    [request], _ = parted(made.due())

    assert request.headers.get("If-None-Match") == expected


@pytest.mark.parametrize(("outcome", "counted"), [("unchanged", {"changed": 1}), ("gone", {})], ids=["live", "gone"])
def test_only_live_articles_tell_the_brake(tmp_path, clock, outcome, counted):
    """What was gone before and is another text now says nothing of the layout."""
    made = rechecks_of(archive_of([facts.read(1, 0), facts.saw(1, 1, outcome)]), tmp_path, clock, recheck="all")
    [request], _ = parted(made.due())
    made.session.ledger.end(request.url, "changed")

    assert made.session.ledger.brake.report()["rechecked"] == counted


def others(fact, crawl="backfill-b"):
    """Return an archive that we crawled once, and in which others captured this later."""
    log = facts.new_log()
    facts.write(log, *seen("unchanged"))
    facts.write(log, fact, crawl=crawl)
    return facts.folded(log)


def at_slug(fact, slug):
    """Return a look as it was at another slug of the article."""
    url = fact.check.url.replace("/titre", f"/{slug}")
    return replace(
        fact, check=replace(fact.check, url=url), capture=fact.capture and replace(fact.capture, url=url),
        record=fact.record and {**fact.record, "url": url},
    )  # fmt: skip


ELSEWHERE = {
    "another slug": at_slug(facts.read(1, 5), "autre-titre"),
    "another slug, another text": at_slug(facts.read(1, 5, facts.TEXTS[1], outcome="changed"), "autre-titre"),
    "another host": facts.read(1, 5, host="127.0.0.9"),
    "gone at another slug": at_slug(facts.saw(1, 5, "gone"), "autre-titre"),
}


@pytest.mark.row("F-OTH-01")
@pytest.mark.parametrize("fact", ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_others_captured_moves_no_address(tmp_path, clock, fact):
    """A capture of others at another slug or host, or a 404 there, leaves where we ask, and what our brake expects."""
    made = rechecks_of(others(fact), tmp_path, clock, days=10, recheck="all")
    [request], _ = parted(made.due())
    made.session.ledger.end(request.url, "gone")

    assert request.url == facts.url_of(1)
    assert made.session.ledger.brake.report()["rechecked"] == {"gone": 1}


def test_our_own_look_moves_the_address(tmp_path, clock):
    """A redirect that we followed to another slug does move it."""
    moved = facts.saw(1, 5, answered=facts.url_of(1) + "-corrige", confirms=stamp(facts.at(0)))
    made = rechecks_of(others(moved, crawl="second"), tmp_path, clock, days=10, recheck="all")

    assert urls(made.due()) == [facts.url_of(1) + "-corrige"]


@pytest.mark.row("F-OTH-01")
def test_what_only_others_captured_is_asked_for_and_tells_the_brake_nothing(tmp_path, clock):
    """Where they saw it, whole; that it is not there says nothing of our own texts."""
    made = rechecks_of(archive_of([facts.read(1, 0)], crawl="backfill-b"), tmp_path, clock, recheck="all")
    [request], _ = parted(made.due())
    made.session.ledger.end(request.url, "gone")

    assert (request.url, request.headers.get("If-None-Match")) == (facts.url_of(1), None)
    assert made.session.ledger.brake.report()["rechecked"] == {}
