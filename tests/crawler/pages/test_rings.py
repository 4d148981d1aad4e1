"""What was read of a page leaves no ring of objects behind: its tree is gone with it, not when the collector comes by."""

import gc

import pytest

from crawler.pages.page import Page
from tests.french import read, read_listing, read_menu
from tests.made import BASE, capture, url_of

WORDS = "<p>Le conseil municipal a examiné mercredi le projet de rénovation du vieux marché de la ville.</p>" * 9
KNOWN = (
    f"<h2 class=page-header>Un titre</h2><div class=item-date>Sat May 01, 2021</div><div class=item-body>{WORDS}</div>"
)
UNKNOWN = f"<aside><a href=/a>b</a></aside><h1>Un titre de plus</h1>{WORDS}<figure><img src=/a.jpg></figure>"
LISTING = "".join(f"<li><a href=/Detail/2021/05/01/65000{n}/x>Un titre, le {n}e</a></li>" for n in range(9))


@pytest.mark.parametrize("markup", [KNOWN, UNKNOWN, LISTING, ""])
def test_a_page_that_was_read_is_gone(markup):
    taken, listing = capture(url_of("7"), body=markup.encode()), capture(f"{BASE}/Section/1", body=markup.encode())
    gc.collect()
    gc.disable()
    try:
        read(taken)
        read_listing(listing, listing.url)
        read_menu(listing, listing.url)
        left = [found for found in gc.get_objects() if isinstance(found, Page)]
    finally:
        gc.enable()
    assert left == []
