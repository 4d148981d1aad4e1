"""Whom parity looks ask, and what a mirror's answer is; called by hand, without a reactor."""

from dataclasses import replace

import pytest
from scrapy.exceptions import DownloadTimeoutError

from crawler.crawl.ask import Ask, ask_of
from crawler.spiders.parity import Parity
from tests import facts
from tests.by_hand import BASE, MIRROR, answer_to, archive_of, asker_of, failure_of, parted, session_of, urls
from tests.made import page

READ = [facts.read(number, 0) for number in range(1, 8)]
MIRRORED = replace(facts.look(1, 1, kind="mirror"), url=f"{MIRROR}/Detail/2026/11/24/1/titre")


@pytest.fixture
def parity(tmp_path, clock):
    """Return a function that makes the parity looks of a crawl, some hours after the facts."""

    def make(*known, hours=30, days=1, **plan):
        clock.forward(hours=hours)
        session = session_of(archive_of(known or READ), tmp_path, clock, **plan)
        session.ledger.schedule(f"{BASE}/", "front")
        return Parity(session=session, asker=asker_of(session), days=days)

    return make


def mirror_front(parity):
    """Return the request for the mirror's front page."""
    [request], _ = parted(parity.fronts())
    return request


def test_a_mirror_is_asked_for_the_newest_articles(parity):
    """Once its front page proves to be the edition's, five of them; all behind what the crawl itself asks for."""
    made = parity()
    request = mirror_front(made)
    sample, [look] = parted(made.front(answer_to(request, page("/"))))

    assert (request.url, request.priority) == (f"{MIRROR}/", -50)
    assert (look.kind, look.outcome) == ("mirror", "listed")
    assert [ask_of(each).article_id for each in sample] == ["7", "6", "5", "4", "3"]
    assert ask_of(sample[0]) == Ask(
        url=facts.url_of(7).replace(BASE, MIRROR), kind="mirror", base=MIRROR, article_id="7"
    )


@pytest.mark.parametrize(
    ("known", "hours", "days", "plan", "asked"),
    [
        (READ, 30, 1, {}, [f"{MIRROR}/"]),
        ([*READ, facts.Fact(check=MIRRORED)], 23, 1, {}, []),
        ([*READ, facts.Fact(check=MIRRORED)], 25, 1, {}, [f"{MIRROR}/"]),
        (READ, 30, 0, {}, []),
        (READ, 30, 1, {"recheck": "none"}, []),
        (READ, 30, 1, {"limit": 9}, []),
        (READ, 30, 1, {"outlet": (BASE,)}, []),
        ([facts.saw(1, 0, "timeout")], 30, 1, {}, []),
    ],
    ids=["never-looked", "rests", "rested", "off", "no-rechecks", "limit", "one-host", "nothing-live"],
)
def test_when_mirrors_are_asked(parity, known, hours, days, plan, asked):
    """Once in so many days, of crawls that re-check without a limit, and where there is something to compare."""
    assert urls(parity(*known, hours=hours, days=days, **plan).fronts()) == asked


@pytest.mark.parametrize("how", ["no menu", "no response"])
def test_a_lost_host_is_asked_for_what_it_served(parity, how):
    """Without patience: what is dead need not be asked four times."""
    made = parity(*READ, facts.Fact(check=MIRRORED))
    request = mirror_front(made)
    if how == "no menu":
        output = made.front(answer_to(request, b"<html><body><p>rien</p></body></html>"))
    else:
        output = request.errback(failure_of(request, DownloadTimeoutError("30 s")))
    lost, [look] = parted(output)

    assert look.outcome == ("extract_failed" if how == "no menu" else "timeout")
    assert [(each.url, each.meta.get("dont_retry")) for each in lost] == [(MIRRORED.url, True)]


def test_a_lost_host_rests_for_six_hours(parity):
    """Twice, hours apart, is a host lost; more often tells nothing."""
    known = (*READ, facts.Fact(check=MIRRORED))

    assert urls(parity(*known, hours=5).lost(MIRROR)) == []
    assert urls(parity(*known, hours=2).lost(MIRROR)) == [MIRRORED.url]
    assert urls(parity(*known, days=0).lost(MIRROR)) == []


@pytest.mark.parametrize(
    ("at", "status", "outcome"),
    [(MIRROR, 404, "gone"), (BASE, 404, "redirected_offsite"), (BASE, 200, "redirected_offsite")],
    ids=["its-own", "led-away", "led-to-the-article"],
)
def test_what_another_host_answers_says_nothing_of_a_mirror(parity, at, status, outcome):
    """An answer behind a redirect to another origin is no look at this one's article."""
    made = parity()
    [request, *_], _ = parted(made.front(answer_to(mirror_front(made), page("/"))))
    [look] = made.article(answer_to(request, status=status, url=facts.url_of(7).replace(BASE, at)))

    assert (look.kind, look.outcome, look.article_id) == ("mirror", outcome, "7")
