"""Boxes beside an article by what they call themselves: one list of words, and who leaves out which."""

import pytest

from crawler.pages.boxes import BESIDE_ARTICLE, BESIDE_LISTING, SIDE, called
from crawler.pages.marks import _BOX_CLASS as BOX_CLASS
from crawler.pages.marks import _RELATED_CLASS as RELATED_CLASS


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("sidebar", "article listing", id="both"),
        pytest.param("left SideBar wide", "article listing", id="one of several, in capitals"),
        pytest.param("col_side-2", "article listing", id="parted by marks"),
        pytest.param("sidebars inside", "", id="not a whole word"),
        pytest.param("related", "article listing related", id="related"),
        pytest.param("related-posts", "article listing related", id="related posts"),
        pytest.param("relatedposts", "article", id="a word that begins so"),
        pytest.param("recommended", "article related", id="recommended"),
        pytest.param("most-read", "article listing", id="most read"),
        pytest.param("mostviewed", "listing", id="most viewed"),
        pytest.param("pagination", "article", id="pages of a listing"),
        pytest.param("ticker", "listing", id="ticker"),
        pytest.param("lire-aussi", "related", id="French"),
        pytest.param("a lire", "", id="two classes are no word"),
        pytest.param("share-line", "share", id="share"),
        pytest.param("comment", "share", id="comment"),
        pytest.param("story-body", "", id="the story"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_boxes(name, found):
    """A word counts whole, in any case; a listing and an article's page leave out what stands beside them."""
    askers = {
        "article": called(*SIDE, *BESIDE_ARTICLE),
        "listing": called(*SIDE, *BESIDE_LISTING),
        "related": RELATED_CLASS,
        "share": BOX_CLASS,
    }

    assert " ".join(who for who, pattern in askers.items() if pattern.search(name)) == found
