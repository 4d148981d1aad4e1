"""The outlet's clocks: which of the four moved between two records."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.facts.items import Capture, DateText, Moment
from archive.facts.record import build, clock_of
from archive.texts.changes import Known
from archive.texts.clocks import dated_now, moved, pulse, running, same_date
from tests.archive.texts.test_changes import OLD, PLAIN, PRINTED, record
from tests.french import compare

LATER = replace(PRINTED, utc=datetime(2021, 7, 18, 9, tzinfo=UTC), raw="Sun Jul 18, 2021 1:30PM")
EDITED = {"lead": "Le pont est fermé."}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        pytest.param({}, (), id="none"),
        pytest.param({"published": LATER}, ("visible",), id="published"),
        pytest.param({"published": None}, (), id="published gone"),
        pytest.param({"modified": LATER}, ("visible",), id="modified appears"),
        pytest.param({"published": LATER, "modified": LATER}, ("visible",), id="both"),
        pytest.param({"published": replace(PRINTED, raw="17/07/2021 16:46")}, ("visible",), id="printed otherwise"),
        pytest.param(
            {"published": replace(PRINTED, raw=PRINTED.raw + " [Updated: x]")}, (), id="suffix is not the publication"
        ),
        pytest.param(
            {"published": replace(PRINTED, utc=PRINTED.utc.replace(second=13), precision="second", source="DC.Date")},
            (), id="same minute elsewhere",
        ),
        pytest.param(
            {"published": replace(PRINTED, utc=datetime(2021, 7, 16, 19, 30, tzinfo=UTC), precision="day", source="u")},
            (), id="same day elsewhere",
        ),
        pytest.param(
            {"published": replace(PRINTED, utc=PRINTED.utc.replace(minute=17), source="json-ld")}, ("meta",),
            id="next minute elsewhere",
        ),
    ],
)  # fmt: skip
def test_moments(changed, told):
    """A clock moved where its instant or, at one place of the page, its text did; a clock that is gone says nothing."""
    assert moved(OLD, record(**changed)) == told
    assert compare(OLD, record(**changed)).silent is False
    assert compare(OLD, record(**EDITED, **changed)).silent is not bool(told)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ([], [(b"Last-Modified", b"B")], True),
        ([(b"Last-Modified", b"A")], [(b"Last-Modified", b"B")], True),
        ([(b"Last-Modified", b"A")], [(b"Last-Modified", b"A")], False),
        ([(b"Last-Modified", b"A")], [], False),
        ([(b"Last-Modified", b"A")], [(b"Last-Modified", b"B"), (b"Date", b"B")], False),
    ],
    ids=["appears", "moves", "stays", "gone", "repeats Date"],
)
def test_last_modified(before, after, told):
    """Last-Modified is a clock, unless the server only repeats its Date."""
    old, new = record(PLAIN, *before), record(PLAIN, *after, **EDITED)

    assert moved(old, new) == (("last_modified",) if told else ())
    assert compare(old, new).silent is not told


def test_relative_dates_are_no_clock():
    """`il y a 3 heures`, read an hour later as `il y a 4 heures`, has not moved."""
    ago = Moment(
        utc=datetime(2021, 7, 17, 12, 16, tzinfo=UTC), raw="il y a 3 heures", precision="hour", issue="relative"
    )
    later = replace(ago, utc=datetime(2021, 7, 17, 12, 40, tzinfo=UTC), raw="il y a 4 heures")

    assert moved(record(published=ago), record(published=later)) == ()


VISIBLE = DateText(text="Sat Jul 17, 2021 4:46PM", source="item-date")
META = DateText(text="7/17/2021 4:46:00 PM", source="DC.Date.Created")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((VISIBLE, META), (VISIBLE, META), ()),
        ((VISIBLE, META), (replace(VISIBLE, text="Sat Jul 17, 2021 5:01PM"), META), ("visible",)),
        ((VISIBLE, META), (VISIBLE, replace(META, text="7/17/2021 5:01:00 PM")), ("meta",)),
        ((VISIBLE, META), (VISIBLE,), ()),
        ((VISIBLE,), (VISIBLE, META), ()),
        ((replace(VISIBLE, text="il y a 5 mn"),), (replace(VISIBLE, text="il y a 3 heures"),), ()),
        ((replace(META, source="url"),), (replace(META, source="url", text="/2021/7/18/"),), ()),
    ],
    ids=["none", "visible", "meta", "gone", "appears", "relative", "address"],
)
def test_texts(before, after, told):
    """Each clock is read by itself: one that was not chosen as the date moves all the same."""
    assert moved(record(published_texts=before), record(published_texts=after, **EDITED)) == told


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [("mardi", "mercredi", ("feed",)), (None, "mercredi", ()), ("mardi", None, ()), ("mardi", "mardi", ())],
    ids=["moves", "appears", "gone", "stays"],
)
def test_the_feed(before, after, told):
    """The feed's date is a clock where both looks read it."""
    taken = capture_of(PLAIN.url)
    old, new = (build(PLAIN, taken, mirror="h", revision=1, feed=feed) for feed in (before, after))

    assert moved(old, new) == told
    assert new["clocks"]["feed"] == after


def capture_of(url):
    """Return a capture without a header."""
    return Capture(url=url, captured_at=datetime(2021, 7, 18, tzinfo=UTC), status=200)


def test_another_layout_prints_dates_otherwise():
    """In another layout only an instant that differs is a clock that moved."""
    old = record(published_texts=(VISIBLE,), layout="classic")
    new = record(published_texts=(replace(VISIBLE, text="17 juillet 2021, 16 h 46"),), layout="modern")

    assert moved(old, new) == ()


@pytest.mark.parametrize(
    ("source", "clock"),
    [("item-date", "visible"), ("time[datetime]", "visible"), ("generic:printed", "visible"), ("json-ld", "meta"),
     ("DC.Date.Created", "meta"), ("generic:attribute", "meta"), ("url", "visible")],
)  # fmt: skip
def test_which_clock(source, clock):
    """What stands in the head of the page is meta, what a reader sees is visible."""
    assert clock_of(source) == clock


def test_the_same_date_read_at_another_time():
    """A date that lay in the future at the first look is the same one when it can be believed."""
    future = record(published=replace(PRINTED, utc=None, issue="future"))

    assert same_date(future, OLD)
    assert not same_date(OLD, record(published=LATER))
    assert not same_date(OLD, record(published=None))


NOW = (b"Date", b"Sun, 18 Jul 2021 08:30:10 GMT")


@pytest.mark.parametrize(
    ("before", "served", "told"),
    [
        ("Sun, 18 Jul 2021 08:00:00 GMT", "Sun, 18 Jul 2021 08:29:59 GMT", 1),
        ("Sun, 18 Jul 2021 08:29:59 GMT", "Sun, 18 Jul 2021 08:29:59 GMT", 1),
        ("Sun, 18 Jul 2021 08:00:00 GMT", "Sun, 18 Jul 2021 08:10:00 GMT", 1),
        ("Sun, 18 Jul 2021 08:00:00 GMT", "Sun, 18 Jul 2021 08:00:00 GMT", 0),
        ("hier", "hier", 0),
        (None, "Sun, 18 Jul 2021 08:29:59 GMT", None),
        ("Sun, 18 Jul 2021 08:00:00 GMT", None, None),
    ],
    ids=["moved", "within a minute of Date", "moved, far from Date", "stood", "no date", "first look", "says nothing"],
)
def test_the_pulse_of_last_modified(before, served, told):
    """At a look that found the text unchanged it moved, or stood, or shows the time of the answer."""
    headers = [NOW, *([(b"Last-Modified", served.encode())] if served else [])]

    assert pulse(OLD, record(PLAIN, *headers), before).get("last_modified") == told


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (LATER, {"visible": 1}),
        (replace(PRINTED, utc=datetime(2021, 7, 17, 23, 59, 30, tzinfo=UTC), precision="second"), {"visible": 1}),
        (PRINTED, {"visible": 0}),
        (None, {}),
    ],
    ids=["moved", "now", "stood", "gone"],
)
def test_the_pulse_of_an_update(moment, told):
    """The date of the update moved from one look to the next, or names the present minute."""
    assert pulse(record(modified=PRINTED), record(modified=moment), None) == told


@pytest.mark.row("F-SIL-01")
@pytest.mark.parametrize(
    ("pulses", "told"),
    [
        ([1, 1], {"meta": 1}), ([1, 2, 0], {"meta": 2}), ([1], {}), ([1, 0], {"meta": 0}), ([1, 1, 0, 0], {"meta": 0}),
        ([0, 0], {"meta": 0}), ([], {}),
    ],
)  # fmt: skip
def test_a_clock_that_runs(pulses, told):
    """It moved at two looks that found the text unchanged, and at more than those at which it stood."""
    assert running({"meta": count} for count in pulses) == told


@pytest.mark.row("F-SIL-01")
def test_a_running_clock_says_nothing():
    """Until that is known it counts as moved; and where more of its texts moved than run, it was somebody."""
    old = record(published_texts=(VISIBLE, replace(META, source="json-ld")))
    ran = record(published_texts=(VISIBLE, replace(META, source="json-ld", text="maintenant")), **EDITED)
    known = Known(running={"visible": 1, "meta": 1})
    more = record(
        published_texts=(replace(VISIBLE, text="dimanche"), replace(VISIBLE, text="Mis à jour lundi")), **EDITED
    )

    assert (compare(old, ran).silent, compare(old, ran).clocks) == (False, ("meta",))
    assert (compare(old, ran, known=known).silent, compare(old, ran, known=known).running) == (True, ("meta",))
    assert (compare(old, more, known=known).silent, compare(old, more, known=known).clocks) == (False, ("visible",))


STATED = Moment(
    utc=datetime(2021, 7, 17, 14, 46, tzinfo=UTC), raw="2021-07-17T16:46:00+02:00", zone="+02:00", precision="second",
    source="article:published_time", issue="zone_doubtful",
)  # fmt: skip
REDATED = replace(STATED, utc=datetime(2021, 7, 17, 18, 46, tzinfo=UTC), raw="2021-07-17T20:46:00+02:00")
WEEK_LATER = replace(STATED, utc=datetime(2021, 7, 24, 14, 46, tzinfo=UTC), raw="2021-07-24T16:46:00+02:00")


def dated(moment, printed=PRINTED, **changed):
    """Return a record with that date of publication, under a printed one."""
    texts = dict.fromkeys(DateText(text=one.raw, source=one.source) for one in (moment, printed))
    return record(published=moment, published_texts=tuple(texts), **changed)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (dated(PRINTED), dated(STATED), True),
        (dated(STATED), dated(PRINTED), True),
        (dated(STATED), dated(REDATED), False),
        (dated(PRINTED), dated(STATED, printed=LATER), False),
        (dated(PRINTED), dated(LATER, printed=LATER), False),
        (dated(PRINTED), dated(WEEK_LATER), False),
    ],
    ids=["a-line-comes", "a-line-goes", "the-line-moves", "both-at-once", "printed-otherwise", "another-day"],
)
def test_a_date_taken_from_another_place_has_not_moved(old, new, same):
    """A meta line that comes or goes beside the date that is printed as before says no other date; one that moves does."""
    assert same_date(old, new) is same
    assert ("published" in compare(old, new).fields) is not same
    assert bool(moved(old, new)) is not same


def test_an_edit_under_a_line_that_came_is_silent():
    """The text changed, and nobody moved a clock: a line with an offset was put beside the date as it was."""
    change = compare(dated(PRINTED), dated(STATED, **EDITED))

    assert (change.fields, change.silent) == (("lead",), True)


def looked_at(hour, *, minute=0, text="Le pont est ouvert.", date=None):
    """Return the record of a look at that hour, at a page dated by `date` minutes before it, or at a stated instant."""
    at = datetime(2021, 7, 18, hour, minute, 30, tzinfo=UTC)
    stated = date or at.replace(second=0)
    moment = replace(PRINTED, utc=stated, raw=f"{stated:%a %b %d, %Y %I:%M%p}")
    article = replace(PLAIN, lead=text, published=moment)
    taken = Capture(url=PLAIN.url, captured_at=at, status=200, response_headers=())
    return build(article, taken, mirror="127.0.0.1", revision=1)


FIRST = datetime(2021, 7, 18, 1, tzinfo=UTC)
DATED = {
    "three looks, each its own time": ([looked_at(1), looked_at(2), looked_at(3)], True),
    "two looks": ([looked_at(1), looked_at(2)], False),
    "who writes at each look dates at each look": (
        [looked_at(1, text="Un."), looked_at(2, text="Deux."), looked_at(3, text="Trois.")], False,
    ),
    "dated once and again": ([looked_at(1), looked_at(2, date=FIRST), looked_at(3)], False),
    "a text that changed after two looks that found none": (
        [looked_at(1), looked_at(2), looked_at(3), looked_at(4, text="Le pont est fermé.")], True,
    ),
    "a date that stands": ([looked_at(1), looked_at(2, date=FIRST), looked_at(3, date=FIRST)], False),
}  # fmt: skip


@pytest.mark.parametrize(("seen", "told"), DATED.values(), ids=DATED)
def test_a_date_that_is_the_time_of_each_look(seen, told):
    """Two looks or more that found the text unchanged, and each dated by itself, show that nobody sets that date."""
    assert dated_now(seen) is told


def test_a_date_of_the_look_moves_nothing():
    """It is noise by itself, and under an edit it is no clock; until it is known it counts."""
    before, after, edited = looked_at(1), looked_at(2), looked_at(3, text="Le pont est fermé.")
    known = Known(dated_now=True, running={"visible": 9})

    assert [(c.noise, c.fields, c.clocks, c.silent) for c in (
        compare(before, after, known=known), compare(after, edited, known=known), compare(before, after),
    )] == [
        ("relative", (), (), False), ("", ("lead",), (), True), ("date", ("published",), ("visible",), False),
    ]  # fmt: skip
