"""What a request carries: its ask, and what befell it on its way."""

import pickle

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.crawl.ask import Ask, Way, ask_of, for_robots, way_of
from tests.made import BASE, capture

ARTICLE = Ask(url=f"{BASE}/a", kind="article", article_id="7")


@pytest.mark.parametrize(
    ("ask", "seed"),
    [
        (Ask(url=f"{BASE}/", kind="front"), True),
        (Ask(url=f"{BASE}/Section/1", kind="section", section="europe", page=1), True),
        (Ask(url=f"{BASE}/Section/1/2", kind="section", section="europe", page=2), False),
        (ARTICLE, False),
        (Ask(url=f"{BASE}/", kind="mirror", base=BASE), False),
    ],
    ids=["front", "first-page", "second-page", "article", "mirror"],
)
def test_what_a_crawl_begins_with(ask, seed):
    """Front pages and first pages of listings are the ways in; whatever else fails, something is reached."""
    assert ask.seed is seed


def test_an_ask_stays_with_its_request():
    """A redirect and a retry are copies with another address: what was asked, and all that befell it, goes along."""
    first = Request(f"{BASE}/a", meta={"ask": ARTICLE, "way": Way()})
    way_of(first).hops.append(capture())
    followed = first.copy().replace(url=f"{BASE}/b")
    way_of(followed).led_home = True
    response = Response(f"{BASE}/b", request=followed)

    assert ask_of(response) is ARTICLE
    assert way_of(response).hops == [capture()]
    assert way_of(first).led_home


def test_a_request_of_nobody_has_a_blank_way():
    """It is noted at the first look, so that what is written on it stays."""
    request = Request(f"{BASE}/a")
    way_of(request).not_before = 7.5

    assert way_of(request) == Way(not_before=7.5)
    with pytest.raises(KeyError, match="ask"):
        ask_of(request)


@pytest.mark.parametrize(
    ("meta", "expected"),
    [({}, False), ({"ask": ARTICLE}, False), ({"ask": Ask(url=f"{BASE}/robots.txt", kind="robots")}, True)],
    ids=["nobody's", "article", "robots"],
)
def test_requests_for_robots_are_told_apart(meta, expected):
    """Only the ask says so, not the address."""
    assert for_robots(Request(f"{BASE}/robots.txt", meta=meta)) is expected


def test_an_ask_is_a_value():
    """It is compared by what it says, cannot be changed, and may be stored with a request."""
    assert pickle.loads(pickle.dumps(ARTICLE)) == ARTICLE
    with pytest.raises(AttributeError):
        ARTICLE.url = "x"
