"""Addresses of the outlet as they are on the host that is crawled."""

import pytest

from crawler.spiders.host import Host
from tests.by_hand import BASE, MIRROR
from tests.french import Plan

HOST = Host(plan=Plan(outlet=(BASE, MIRROR)), base=BASE)


@pytest.mark.parametrize(
    ("url", "feed", "expected"),
    [
        ("https://french.presstv.ir/Detail/2026/11/24/7/x?y=1", False, f"{BASE}/Detail/2026/11/24/7/x?y=1"),
        (f"{MIRROR}/Detail/2026/11/24/7/x", False, f"{BASE}/Detail/2026/11/24/7/x"),
        ("https://www.presstv.ir/Detail/2026/11/24/7/x", False, None),
        ("https://www.presstv.ir/Detail/2026/11/24/7/x", True, f"{BASE}/Detail/2026/11/24/7/x"),
        ("https://elsewhere.example/Detail/2026/11/24/7/x", True, None),
    ],
    ids=["edition", "other-origin", "alias", "alias-in-the-feed", "stranger"],
)
def test_what_is_ours(url, feed, expected):
    """The edition's hosts and the plan's origins mean the host that is crawled; an alias does so in the feed only."""
    assert HOST.ours(url, feed=feed) == expected


def test_an_address_is_the_same_on_the_next_host():
    """Where the crawl goes on to another host, path and query stay."""
    host = Host(plan=HOST.plan, base=BASE)
    host.base = MIRROR

    assert host.here(f"{BASE}/Detail/7/%C3%A9?a=b") == f"{MIRROR}/Detail/7/%C3%A9?a=b"
    assert host.here(f"{BASE}/Detail/7/x") == f"{MIRROR}/Detail/7/x"
