"""Which addresses are a front page's, and which a gate's before it."""

import pytest

from crawler.net.redirects import is_home

PLACES = {
    "http://127.0.0.1": True,
    "http://127.0.0.1/": True,
    "http://127.0.0.1/?ref=404": True,
    "http://127.0.0.1/?utm_source=a/b": True,
    "http://127.0.0.1/?consent=1&return=%2FDetail%2F2026%2F11%2F24%2F7%2Fbac": False,
    "http://127.0.0.1/?return=/Detail/2026/11/24/7/bac": False,
    "http://127.0.0.1/?back=http%3A%2F%2F127.0.0.1%2FDetail%2F7": False,
    "http://127.0.0.1/?back=https://www.presstv.ir/Detail/7": False,
    "http://127.0.0.1/consent": False,
}


@pytest.mark.parametrize(("url", "home"), PLACES.items(), ids=PLACES)
def test_who_means_to_lead_back_is_no_front_page(url, home):
    """An address that notes another one to go on to afterwards asks for something first."""
    assert is_home(url) == home
