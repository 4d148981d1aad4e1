"""The seam between two pages of a listing: what proves it closed, and what is read again where nothing does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.crawl.seam import Seam, Shelf


def seam(above, below, known=""):
    """Return the seam of two pages, each a text of one-letter articles, held against what was known before."""
    one, two = (Shelf(page=n, url=f"/p/{n}", ids=tuple(ids)) for n, ids in ((1, above), (2, below)))
    found = Seam(above=one, below=two)
    found.look_at(frozenset(known))
    return found


def readings(found, *pages):
    """Read pages again as (ids, news) until it is settled; return which were asked for, and whether it is closed."""
    asked = []
    for ids, news in pages:
        asked.append(found.again.page)
        found.take(tuple(ids), news=news)
        if found.again is None:
            break
    assert len(asked) == len(pages)
    return asked, found.closed


@pytest.mark.parametrize(
    ("above", "below", "known"),
    [
        ("987", "7654", ""),
        ("987", "8765", ""),
        ("987", "987", ""),
        ("987", "654", "7654"),
        ("9xy", "8xy", "987"),
    ],
    ids=["pushed-down-by-one", "by-two", "the-same-page", "known-before", "known-but-for-a-box-on-both"],
)
def test_pages_that_adjoin_as_they_were_read(above, below, known):
    """They overlap, or a complete walk knew the last article above: nothing is read again."""
    found = seam(above, below, known)

    assert (found.closed, found.again) == (True, None)


@pytest.mark.parametrize(
    ("above", "below", "known"),
    [("987", "654", ""), ("987", "", ""), ("987", "654", "98"), ("9xy", "8xy", "xy"), ("987", "6754", "")],
    ids=["first-walk", "past-the-end", "last-one-new", "a-known-box-on-both", "no-overlap-but-one-in-common"],
)
def test_pages_of_which_nothing_shows_that_they_adjoin(above, below, known):
    """The upper one is read again; as it was, it proves that they do."""
    found = seam(above, below, known)

    assert (found.closed, readings(found, (above, False))) == (False, ([1], True))


@pytest.mark.row("F-DIS-01")
def test_what_slipped_through_comes_to_light():
    """An article above was taken out: its page now ends with the hidden one, and the lower page stands as it did."""
    assert readings(seam("987", "543"), ("976", True), ("543", False)) == ([1, 2], True)


def test_a_list_that_moves_once_more():
    """Taken out twice: both hidden ones are seen before it is closed."""
    assert readings(seam("987", "543"), ("986", True), ("432", True), ("965", False)) == ([1, 2, 1], True)


@pytest.mark.parametrize(
    "pages",
    [
        [("976", True), ("542", True), ("961", True), ("520", True)],
        [("654", True)],
        [("321", False)],
    ],
    ids=["it-never-stands-still", "more-than-a-page-went", "so-much-that-the-lower-page-took-its-place"],
)
def test_a_seam_that_stays_open(pages):
    """A list that moves at each reading, or by a whole page, proves nothing."""
    assert readings(seam("987", "321"), *pages)[1] is False


class Moving:
    """A listing of numbers, newest first, to which something is done before each reading."""

    def __init__(self, count, size, steps):
        self.items, self.size, self.steps = [str(number) for number in range(count, 0, -1)], size, list(steps)

    def read(self, page):
        """Return a page as it is now."""
        step = self.steps.pop(0) if self.steps else ()
        for place in step:
            if place < 0:
                self.items.insert(0, f"new{len(self.items)}-{len(self.steps)}")
            elif self.items:
                del self.items[place % len(self.items)]
        return tuple(self.items[(page - 1) * self.size : page * self.size])


def walked(listing):
    """Walk over a listing to its end; return what was seen, and whether every seam was closed."""
    page, above, whole = 1, listing.read(1), True
    seen = set(above)
    while above:
        below = listing.read(page + 1)
        seen |= set(below)
        shelves = [Shelf(page=page + n, url=f"/p/{page + n}", ids=ids) for n, ids in enumerate((above, below))]
        found = Seam(above=shelves[0], below=shelves[1])
        found.look_at(frozenset())
        while found.again is not None:
            ids = listing.read(found.again.page)
            found.take(ids, news=not seen.issuperset(ids))
            seen |= set(ids)
        whole, above, page = whole and found.closed, below, page + 1
    return seen, whole


REMOVALS = st.lists(st.lists(st.integers(0, 40), max_size=3), max_size=30)
ADDITIONS = st.lists(st.lists(st.just(-1), max_size=3), max_size=30)


@given(count=st.integers(1, 40), size=st.integers(1, 7), steps=st.one_of(REMOVALS, ADDITIONS))
def test_what_stayed_listed_is_seen_or_a_seam_is_open(count, size, steps):
    """However articles are taken out, or put on top, while a listing is walked."""
    listing = Moving(count, size, steps)
    before = set(listing.items)
    seen, whole = walked(listing)

    assert not whole or before & set(listing.items) <= seen


@given(count=st.integers(1, 40), size=st.integers(1, 7))
def test_a_listing_that_stands_still_has_no_open_seam(count, size):
    """All is seen, and each page but the last is read twice at most."""
    seen, whole = walked(Moving(count, size, ()))

    assert (len(seen), whole) == (count, True)
