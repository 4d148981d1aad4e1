"""Which known articles are due, and in which order."""

from datetime import timedelta

import pytest

from archive.catalog import articles
from archive.catalog.due import due_at
from archive.facts.names import stamp
from crawler.crawl.recheck import backlog, most_overdue
from tests import facts
from tests.archive.catalog.test_due import DAY, HOUR, NOW, article


def test_the_most_overdue_comes_first():
    """By how many of their own intervals they wait; equals by number."""
    old, young = article("3", looked=2.3 * DAY), article("12", published=HOUR, looked=HOUR)
    gone, late = article("5", state="gone", looked=5 * HOUR), article("2", looked=10 * DAY)
    known = [(int(each.article_id), each.last_look, stamp(due_at(each))) for each in (old, late, gone, young)]

    assert most_overdue(known, NOW, 3) == [12, 2, 3]
    assert most_overdue(known, NOW, 2) == [12, 2]


@pytest.mark.parametrize(
    ("late", "budget", "found"),
    [
        (timedelta(0), 2, (0, 0)),
        (DAY, 2, (3, 2)),
        (DAY, 3, (3, 1)),
        (DAY, 500, (3, 1)),
    ],
    ids=["none", "two-crawls", "one-crawl", "a-part-of-one"],
)
def test_how_long_the_queue_is(late, budget, found):
    """How many are due, the longest wait among them, and how many crawls of that many re-checks it takes."""
    log = facts.new_log()
    facts.write(log, *(facts.read(number, number) for number in (1, 2, 3)))
    db, now = facts.folded(log).catalog.db, facts.at(3) + late
    told = backlog(db, now, budget)
    since = [at for row in articles.article_rows(db) if (at := due_at(row)) <= now]

    assert (told["due"], told["crawls_to_catch_up"]) == (found[0], found[-1])
    assert told["longest_overdue_seconds"] == (int((now - min(since)).total_seconds()) if since else 0)
    assert (told["longest_overdue_seconds"] > 0, told["recheck_budget"]) == (found[0] > 0, budget)
