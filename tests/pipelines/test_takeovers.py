"""What many looks together teach: from when to when a host was somebody else's."""

import pytest

from archive.facts.names import stamp
from pipelines.takeovers import Takeovers
from tests import facts
from tests.facts import at, url_of

HOST, OTHER = "127.0.0.1", "autre.exemple"


def noticed(takeovers, minute, reason="seized", host=HOST):
    """Let a look meet a notice."""
    takeovers.look(url_of(7, host), stamp(at(minute)), "challenge", reason)


def served(takeovers, minute, host=HOST):
    """Let a look see an article."""
    takeovers.look(url_of(8, host), stamp(at(minute)), "unchanged", "")


def learned(takeovers, log=None):
    """Return host → (after, first, last, until) in minutes of what was learned."""
    found = takeovers.learned(facts.folded(log or facts.new_log()).catalog.db)
    told = found.get("taken_over", {})
    names = ("after", "first", "last", "until")
    return {h: [tuple(s[n] and facts.minutes(s[n]) for n in names) for s in spans] for h, spans in told.items()}


@pytest.mark.parametrize("reason", ["seized", "parked"])
def test_a_stretch_lies_between_two_sights_of_the_outlet(reason):
    """Looks come in any order; what lay before and after on the same host bounds it, another host's looks don't."""
    takeovers = Takeovers()
    for minute in (30, 20):
        noticed(takeovers, minute, reason)
    for minute in (60, 10, 5, 90):
        served(takeovers, minute)
    served(takeovers, 25, OTHER)

    assert learned(takeovers) == {HOST: [(10, 20, 30, 60)]}


def test_a_wall_is_no_notice():
    """Who is asked whether it is a person was at the outlet."""
    takeovers = Takeovers()
    noticed(takeovers, 20, "wall")

    assert learned(takeovers) == {}


def test_without_a_sight_the_notices_bound_it():
    """Nothing is known of before the first notice, and it lasts."""
    takeovers = Takeovers()
    noticed(takeovers, 20)

    assert learned(takeovers) == {HOST: [(20, 20, 20, None)]}


def test_what_the_archive_knows_is_taken_in_and_not_said_again():
    """Sights of earlier crawls bound a stretch; the next crawl adds its end, and one without news says nothing."""
    log = facts.new_log()
    facts.write(log, facts.read(8, 0), facts.saw(8, 5))
    takeovers = Takeovers()
    noticed(takeovers, 20)
    facts.write(log, summary={"learned": takeovers.learned(facts.folded(log).catalog.db)})
    again, back = Takeovers(), Takeovers()
    noticed(again, 20)
    served(back, 50)

    assert learned(again, log) == {}
    assert learned(back, log) == {HOST: [(5, 20, 20, 50)]}


def test_a_host_may_be_taken_over_twice():
    """Between two stretches it served the outlet."""
    takeovers = Takeovers()
    noticed(takeovers, 20)
    noticed(takeovers, 80)
    served(takeovers, 50)

    assert learned(takeovers) == {HOST: [(20, 20, 20, 50), (50, 80, 80, None)]}


def test_what_is_long_over_is_not_looked_into_again():
    """A host that came back and serves since costs no reading of its looks; one seized anew, of those since then alone."""
    log = facts.new_log()
    facts.write(log, facts.read(8, 0))
    first = Takeovers()
    noticed(first, 20)
    served(first, 50)
    facts.write(log, summary={"learned": first.learned(facts.folded(log).catalog.db)}, minute=51)
    facts.write(log, facts.saw(8, 70), minute=71)
    db, asked = facts.folded(log).catalog.db, []
    calm, again = Takeovers(), Takeovers()
    for one in (calm, again):
        served(one, 80)
    noticed(again, 90)
    db.set_trace_callback(asked.append)

    assert calm.learned(db) == {}
    assert not [sql for sql in asked if "FROM checks" in sql]
    assert learned(again, log) == {HOST: [(0, 20, 20, 50), (80, 90, 90, None)]}
    assert learned(seized(95), log) == {HOST: [(0, 20, 20, 50), (70, 95, 95, None)]}


def seized(minute):
    """Return what a crawl noted that met a notice alone."""
    takeovers = Takeovers()
    noticed(takeovers, minute)
    return takeovers
