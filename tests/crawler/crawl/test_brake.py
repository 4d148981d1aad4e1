"""The brake: how many re-checks may change or vanish at once before nothing is believed."""

import pytest

from crawler.crawl.brake import Brake
from tests import facts


def braked(ends, **more):
    """Return a brake after looks at known articles that ended so."""
    brake = Brake(**more)
    for number, outcome in enumerate(ends):
        brake.expect(f"/{number}")
        brake.end(f"/{number}", outcome)
    return brake


@pytest.mark.row("F-CON-06")
@pytest.mark.row("F-CON-07")
@pytest.mark.parametrize(
    ("ends", "more", "pulled"),
    [
        ([], {}, False),
        (["changed"] * 9, {}, False),
        (["changed"] * 10, {}, True),
        (["changed"] * 10 + ["unchanged"] * 40, {}, False),
        (["changed"] * 10 + ["unchanged"] * 39, {}, True),
        (["gone"] * 4 + ["soft_404"] * 3 + ["changed"] * 3, {}, True),
        (["changed"] * 9 + ["timeout"] * 30 + ["challenge"] * 9, {}, False),
        (["changed"] * 10 + ["timeout"] * 90, {}, True),
        (["changed"] * 2, {"minimum": 1}, True),
        (["changed"] * 10, {"share": 1.0}, False),
    ],
    ids=["none", "nine", "ten", "a fifth", "more", "of all kinds", "errors are no change", "errors are no answer",
         "minimum", "share"],
)  # fmt: skip
def test_pulled(ends, more, pulled):
    """More than the share of the looks that were answered, and the minimum at least."""
    assert braked(ends, **more).pulled is pulled


def test_new_articles_are_no_rechecks():
    """What nobody expected is not counted, however it ended."""
    brake = Brake()
    for number in range(50):
        brake.end(f"/{number}", "gone")

    assert (brake.pulled, brake.report()["rechecked"]) == (False, {})


def test_the_report_names_fields_and_strategies():
    """Which fields differ in how many articles, what read them before and now, and which layouts were met."""
    before, after = (facts.record_of(facts.capture(1, 0), 1, text) for text in facts.TEXTS[:2])
    before["extraction"]["sources"], after["extraction"]["sources"] = {"blocks": "div.item-text"}, {"blocks": "density"}
    brake = braked(["changed"] * 2)
    for _ in range(2):
        brake.changed(before, after)
        brake.read("generic")

    assert brake.report() == {
        "rechecked": {"changed": 2},
        "fields": {"body": 2},
        "strategies": {"body": {"div.item-text > density": 2}},
        "layouts": {"generic": 2},
    }


def losing(lately, ends):
    """Return a brake after looks at known articles, and what crawls before found of others."""
    brake = Brake(lately=lambda: {f"/before/{number}": outcome for number, outcome in enumerate(lately)})
    for number, outcome in enumerate(ends):
        brake.expect(f"/{number}")
        brake.end(f"/{number}", outcome)
    return brake


@pytest.mark.parametrize(
    ("before", "ends", "pulled"),
    [
        (["gone"] * 8, ["gone"] * 2, True),
        (["gone"] * 8, ["gone"], False),
        (["gone"] * 8 + ["unchanged"] * 40, ["gone"] * 2, False),
        (["gone"] * 20, ["unchanged"] * 5, False),
        (["gone"] * 20, ["changed"] * 5, False),
        (["changed"] * 20, ["gone"] * 5, False),
        (["unchanged"] * 20, ["gone"] * 9 + ["soft_404"], True),
    ],
    ids=["ten in two crawls", "nine", "a fifth", "none now", "an edit now", "edits before", "at once"],
)
def test_articles_that_vanish_little_by_little(before, ends, pulled):
    """What several crawls of two days found gone is weighed together; edits are not, nor a crawl that finds none gone."""
    assert losing(before, ends).pulled is pulled


def test_a_second_look_counts_once():
    """An article that was gone at the crawl before, and is again, is one article."""
    brake = Brake(lately=lambda: dict.fromkeys(map(str, range(9)), "gone"))
    for number in range(9):
        brake.end(str(number), "gone")

    assert brake.pulled is False
    assert Brake(lately=lambda: dict.fromkeys(map(str, range(10)), "gone"), _now={"3": "gone"}).report()["lately"] == {
        "gone": 10
    }
