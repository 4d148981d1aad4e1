"""A host that was somebody else's says nothing of articles, folded at once or commit by commit; one that is itself does."""

import pytest

from archive.catalog import articles
from archive.facts.names import stamp
from tests import facts

DAY = 24 * 60


def taken_over(after, first, until=None):
    """Return a summary that states a stretch of the host, in minutes after noon."""
    spans = {"after": after, "first": first, "last": first, "until": until}
    told = {name: None if minute is None else stamp(facts.at(minute)) for name, minute in spans.items()}
    return {"learned": {"taken_over": {"127.0.0.1": [told | {"reason": "seized"}]}}}


def missed(number, *minutes):
    """Return looks that found nothing."""
    return [facts.saw(number, minute, "gone") for minute in minutes]


@pytest.mark.row("F-CON-41")
def test_what_a_host_answers_while_it_is_taken_over_removes_nothing():
    """404s on two days are no removal, and the article stays live, whichever commit came first."""
    for first in (True, False):
        log = facts.new_log()
        facts.write(log, facts.read(1, 0), facts.read(2, 0))
        looks, fact = missed(1, DAY, 2 * DAY), taken_over(0, DAY)
        facts.write(log, *looks, summary=fact if first else {})
        if not first:
            facts.write(log, summary=fact)
        archive, events = facts.told(log)

        assert events == []
        assert articles.state(archive.catalog.db, "1") == "live"


@pytest.mark.row("F-CON-41")
def test_what_it_answers_as_itself_counts():
    """Before it was taken over, and once it serves the outlet again, two 404s are a removal."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.read(2, 0), facts.read(3, 0))
    facts.write(log, *missed(1, 10, 10 + DAY), facts.saw(2, 2 * DAY))
    facts.write(log, *missed(2, 3 * DAY), facts.saw(3, 5 * DAY), summary=taken_over(2 * DAY, 3 * DAY, 5 * DAY))
    facts.write(log, *missed(3, 6 * DAY, 7 * DAY))

    assert facts.told(log)[1] == [("1", "removed"), ("3", "removed")]


def test_a_later_word_on_a_host_stands_for_the_earlier():
    """What lay in a stretch that is taken back counts again."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0))
    facts.write(log, *missed(1, DAY, 2 * DAY), summary=taken_over(0, DAY))
    facts.write(log, summary=taken_over(5 * DAY, 6 * DAY))

    assert facts.told(log)[1] == [("1", "removed")]
