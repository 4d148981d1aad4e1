"""The spider's beginning, called by hand without a reactor: a front page, and where it is none of ours the next host."""

import pytest
from scrapy.exceptions import DownloadTimeoutError
from scrapy.settings import Settings

from crawler.crawl.ask import ask_of
from crawler.editions.edition import Section
from crawler.middlewares.ended import EndedError, WaitError
from crawler.spiders.presstv import PressTV
from tests import facts
from tests.by_hand import BASE, MIRROR, answer_to, archive_of, failure_of, parted, session_of
from tests.made import page

SETTINGS = {"URLLENGTH_LIMIT": 2083, "SECTION_PAGE_CAP": 5, "RECHECK_BUDGET": 10, "PARITY_DAYS": 1}
NO_MENU = b"<html><body><p>Bienvenue</p></body></html>"


@pytest.fixture
def spider(tmp_path, clock):
    """Return a function that makes the spider of a crawl by such a plan, two days after article 1 was read."""

    def make(**plan):
        clock.forward(days=2)
        made = PressTV(session=session_of(archive_of([facts.read(1, 0)]), tmp_path, clock, **plan))
        made.equip(Settings(SETTINGS))
        return made

    return make


def first(spider):
    """Return the spider's first request."""
    try:
        spider.start().__anext__().send(None)
    except StopIteration as found:
        return found.value


def test_a_front_page_leads_to_all_else(spider):
    """Sections of the menu, the feed, what is due, the other host: in that order, each told by its ask."""
    made = spider()
    requests, [look] = parted(made.front(answer_to(first(made), page("/"))))
    kinds = list(dict.fromkeys(ask_of(each).kind for each in requests))

    assert (look.kind, look.outcome, bool(look.listed)) == ("front", "listed", True)
    assert kinds == ["section", "feed", "article", "mirror"]
    assert set(made.listings.walks) == {ask_of(each).section for each in requests if ask_of(each).section}
    assert [each.url for each in requests if ask_of(each).kind == "mirror"] == [f"{MIRROR}/"]


def test_a_section_that_the_menu_lacks_is_told(spider):
    """It has a walk that says so; the other sections are walked."""
    wanted = (Section(key="rien", name="Rien de tel"), Section(key="europe", name="Europe"))
    made = spider(sections=wanted)
    parted(made.front(answer_to(first(made), page("/"))))

    assert {key: walk.ended for key, walk in made.listings.walks.items()} == {"rien": "not in the menu", "europe": ""}


def test_articles_that_were_named_are_all_that_is_asked_for(spider):
    """Neither listings nor feed nor mirrors."""
    made = spider(ids=("1",))
    requests, _ = parted(made.front(answer_to(first(made), page("/"))))

    assert [each.url for each in requests] == [facts.url_of(1)]


def test_a_front_page_that_is_not_ours_leads_to_the_next_host(spider):
    """It is crawled instead, and the first one is asked for what it served before."""
    made = spider()
    [front, *lost], [look] = parted(made.front(answer_to(first(made), NO_MENU)))

    assert (look.outcome, front.url, made.host.base) == ("extract_failed", f"{MIRROR}/", MIRROR)
    assert [(each.url, each.meta.get("dont_retry")) for each in lost] == [(facts.url_of(1), True)]
    assert made.ledger.seeds == {f"{BASE}/", f"{MIRROR}/"}


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (DownloadTimeoutError("30 s"), [f"{MIRROR}/", facts.url_of(1)]),
        (EndedError("robots_denied", "unreachable: 500", reason="unreachable"), [f"{MIRROR}/", facts.url_of(1)]),
        (EndedError("robots_denied", "robots.txt forbids it"), []),
        (WaitError("http_error", 3600), []),
    ],
    ids=["dead", "sick", "forbidden", "told-to-wait"],
)
def test_who_turns_us_away_is_not_gone_round(spider, error, asked):
    """A host that is dead or sick is followed by the next; where the outlet refused us, no mirror is asked."""
    made = spider()
    request = first(made)
    requests, _ = parted(request.errback(failure_of(request, error)))

    assert [each.url for each in requests] == asked


def test_the_last_host_is_the_last(spider):
    """Behind it nothing is asked."""
    made = spider(outlet=(BASE,))

    assert parted(made.front(answer_to(first(made), NO_MENU)))[0] == []
