"""A walk through a listing: where it ends, and whether the next one may stop there."""

from datetime import date

import pytest

from crawler.crawl.walk import Walk
from tests.french import EDITION


def walk(pages, *, known=(), listed=None, cap=200, since=None):
    """Walk over pages of (ids, has next); return the walk and how many pages it asked for."""
    found = Walk(
        edition=EDITION,
        section="une",
        known=frozenset(known),
        listed=frozenset(known if listed is None else listed),
        cap=cap,
        since=since,
    )
    asked = 0
    for number, ids in enumerate(pages, 1):
        asked += 1
        names = tuple(ids.split())
        urls = tuple(f"/Detail/2026/11/{int(name):02}/{name}/x" for name in names)
        if found.take(names, urls, f"/p/{number + 1}" if number < len(pages) else None) is None:
            break
    return found, asked


@pytest.mark.parametrize(
    ("pages", "more", "asked", "ended", "complete"),
    [
        (["9 8 7", "6 5 4"], {}, 2, "end", True),
        (["9 8 7", "6 5 4", "3 2 1"], {"known": "654321"}, 2, "overlap", True),
        (["9 8 7", "7 6 5", "4 3 2"], {"known": "6543"}, 3, "end", True),
        (["9 8 7", "6 5 4"], {"known": "987"}, 1, "overlap", True),
        (["9 8 7", "6 5 4", "3 2 1"], {"listed": "987654"}, 3, "end", True),
        (["9 8", "7 6", "5 4"], {"cap": 2}, 2, "cap", False),
        (["9 8", "7 6", "5 4", "3 2"], {"cap": 1, "listed": "9876"}, 3, "cap", False),
        (["9 8", "7 6"], {"cap": 2}, 2, "end", True),
        ([""], {}, 1, "empty", False),
        (["9 8", ""], {}, 2, "end", True),
        (["9 8", "9 8", "7 6", "5"], {}, 4, "end", True),
        (["9 8", "9 8", "9 8", "9 8", "9 8"], {}, 3, "end", True),
        (["9 8", "9 8", "7 6", "7 6", "5 4", "3"], {}, 6, "end", True),
        (["9 8", "", "7 6"], {}, 2, "end", True),
        (["9 8", "8 7", "6 5"], {"known": "87"}, 2, "overlap", True),
        (["9", "8", "7", "6"], {"cap": 2, "known": "6", "listed": "96"}, 3, "cap", False),
    ],
    ids=[
        "to-the-end",
        "a-whole-known-page-ends-it",
        "part-of-a-page-does-not",
        "nothing-new",
        "known-to-a-cut-walk-only",
        "cap",
        "the-next-walk-goes-deeper",
        "cap-at-the-last-page",
        "nothing-listed",
        "empty-page-past-the-end",
        "pushed-down-by-new-articles",
        "the-same-page-again-and-again",
        "pushed-down-twice",
        "an-empty-page-in-the-midst",
        "a-whole-known-page-that-began-on-the-one-before",
        "cap-one-above-the-overlap",
    ],
)
def test_where_a_walk_ends(pages, more, asked, ended, complete):
    """A walk asks for just so many pages, and says why it stopped and whether nothing was missed."""
    found, count = walk(pages, **more)

    assert (count, found.ended, found.complete) == (asked, ended, complete)


@pytest.mark.parametrize(
    ("pages", "known", "asked", "ended", "complete"),
    [
        (["24 23 22", "21 20 19", "18 17 16", "15 14"], "", 3, "since", False),
        (["24 23 22", "21 20 19", "18 17 16", "15 14"], "21 20 19", 3, "since", True),
        (["24 23 22", "21 20 19"], "24 23 22", 2, "end", True),
        (["24 3 23", "22 2 21"], "", 2, "end", True),
        (["24 23", "19", "18", "17"], "", 3, "since", False),
        (["24 23", "22 21", "18", "17"], "22", 3, "since", False),
    ],
    ids=[
        "below-it-nobody-looked",
        "met-a-complete-walk",
        "goes-on-past-what-is-known",
        "one-old-article-is-no-end",
        "the-day-itself-is-not-past",
        "part-of-a-known-page-is-no-meeting",
    ],
)
def test_a_walk_back_to_a_day(pages, known, asked, ended, complete):
    """`since` walks to a page that is wholly older, known or not; it is complete only where it met a complete walk."""
    found, count = walk(pages, known=known.split(), since=date(2026, 11, 19))

    assert (count, found.ended, found.complete) == (asked, ended, complete)


def test_three_crawls_reach_the_bottom_in_spite_of_the_cap():
    """Each capped walk begins where the one before ended, until one is complete."""
    pages = [f"{2 * n + 2} {2 * n + 1}" for n in range(8, -1, -1)]
    listed, ends = set(), []
    for _ in range(4):
        found, _ = walk(pages, listed=listed, cap=3)
        listed |= found.articles
        ends.append((found.ended, found.pages))

    assert ends == [("cap", 3), ("cap", 6), ("end", 9), ("end", 9)]


def test_an_unread_article_leaves_the_walk_incomplete():
    """What was listed but not looked at must be found again."""
    found, _ = walk(["9 8", "7"])
    whole = found.summary()
    found.unread = {"8"}

    assert whole == {"complete": True, "pages": 2, "articles": 3, "ended": "end"}
    assert (found.summary()["complete"], found.summary()["ended"]) == (False, "unread")


def test_what_fails_behind_the_end_leaves_the_walk_incomplete():
    """The last page was taken in, but what was made of it tripped: its articles may not have been asked for."""
    found, _ = walk(["9 8", "7"])
    found.fail("page 2: KeyError")

    assert (found.summary()["complete"], found.summary()["ended"]) == (False, "page 2: KeyError")


def test_a_failed_page_and_a_loop():
    """A page that can't be had is a gap; a next link that leads back ends the listing; without an end it was cut."""
    failed, looped, cut = (
        Walk(edition=EDITION, section="une", known=frozenset(), listed=frozenset(), cap=9) for _ in range(3)
    )
    failed.take(("9",), (), "/p/2")
    failed.fail("page 2: timeout")
    looped.take(("9",), (), "/p/1")
    looped.loop()
    cut.take(("9",), (), "/p/2")

    assert (failed.summary()["complete"], failed.summary()["ended"]) == (False, "page 2: timeout")
    assert (looped.summary()["complete"], looped.summary()["ended"]) == (True, "end")
    assert (cut.summary()["complete"], cut.summary()["ended"]) == (False, "cut")
