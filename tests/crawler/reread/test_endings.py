"""A page that only its connection's end bounded: cut where the host's others have an end, and nothing said where not."""

from dataclasses import replace

import pytest

from crawler.reread.endings import Endings, is_unbounded
from crawler.reread.stored import look_of
from pipelines.look import Look
from tests.by_hand import archive_of
from tests.faults.site import article
from tests.french import EDITION
from tests.made import capture, url_of

CLOSED, OPEN = article(1), article(1).removesuffix(b"</body></html>")
CUT = OPEN.partition(b"gardiens")[0]
BEFORE_TEXT = OPEN.partition(b"<h1")[0]


def look(number, body, *, unbounded=True):
    """Return the look at a page, read."""
    found = look_of((replace(capture(url_of(str(number)), body=body), unbounded=unbounded),), EDITION)
    assert isinstance(found, Look)
    return found


@pytest.fixture
def endings():
    """Return what is known of endings beside an empty archive."""
    archive = archive_of()
    return Endings(db=archive.catalog.db, store=archive.store)


@pytest.mark.row("F-CON-44")
@pytest.mark.parametrize("body", [CUT, BEFORE_TEXT], ids=["in its text", "before its text"])
def test_a_page_without_the_end_that_others_have_was_cut(endings, body):
    """Within its text it is no edit, before it no soft 404; two other pages are enough to know."""
    assert endings.judge(look(1, body)) is None
    for number in (2, 3):
        endings.judge(look(number, CLOSED))
    told = endings.judge(look(4, body))

    assert (told.outcome, told.reason, told.article) == ("truncated", "no_end", None)


@pytest.mark.row("F-CON-44")
def test_where_none_has_an_end_nothing_is_said(endings):
    """Markup need not be closed: on such a host each page is what it is."""
    for number in (2, 3, 4):
        endings.note(look(number, OPEN))

    assert endings.judge(look(5, CUT)).outcome == "article"


def test_a_layout_that_is_not_closed_is_known_by_its_own_pages(endings):
    """Listings with an end say nothing of articles that never have one."""
    for number in (2, 3, 4):
        endings.note(replace(look(number, CLOSED), article=None, outcome="listed"))
        endings.note(look(number, OPEN))

    assert endings.judge(look(5, CUT)).outcome == "article"


def test_a_template_that_loses_its_end_is_believed_in_time(endings):
    """A page or two are taken for cut, and those that follow are read: not every connection breaks."""
    for number in range(2, 10):
        endings.note(look(number, CLOSED))
    told = [endings.judge(look(number, OPEN)).outcome for number in range(10, 16)]

    assert told[0] == "truncated"
    assert told[-1] == "article"


@pytest.mark.parametrize(
    ("body", "unbounded"), [(CUT, False), (CLOSED, True), (CLOSED + b"<!-- 3 ms -->\n", True)], ids=["bounded", "closed", "behind"]
)  # fmt: skip
def test_what_is_bounded_or_closed_is_whole(endings, body, unbounded):
    """A length or chunks say where a page ends, whatever its markup."""
    for number in (2, 3, 4):
        endings.note(look(number, CLOSED))

    assert endings.judge(look(5, body, unbounded=unbounded)).outcome == "article"


@pytest.mark.parametrize(
    ("headers", "unbounded"),
    [((), True), ((("Content-Length", "3"),), False), ((("Transfer-Encoding", "chunked"),), False), ((("Content-Encoding", "br"),), False)],
    ids=["nothing", "length", "chunks", "packing"],
)  # fmt: skip
def test_what_bounds_a_body(headers, unbounded):
    """Its length, its chunks, or a packing that has an end."""
    assert is_unbounded(capture(headers=headers)) is unbounded
