"""An article's life: each event between the two looks that bound it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.ids import instant, stamp
from archive.life import ABSENT, REMOVAL_APART, SEEN, absences, life, state
from tests import facts


def look(minute, outcome, host="127.0.0.1"):
    status = {"gone": 404, "timeout": None, "wall": 403}.get(outcome, 200)
    return {
        "at": stamp(facts.at(minute)),
        "url": facts.url_of(1, host),
        "outcome": outcome,
        "status": status,
        "detail": "",
    }


def version(minute, *fields, silent=False, noise="", before=0):
    counts = {"words_added": 2, "words_removed": 1}
    change = {
        "fields": list(fields),
        "silent": silent,
        "noise": noise,
        "counts": counts,
        "from": stamp(facts.at(before)),
    }
    return {"captured_at": stamp(facts.at(minute)), "headline": f"Titre {minute}", "change": change if fields else None}


def told(looks, versions):
    return [
        (e["event"], None if e["not_before"] is None else facts.minutes(e["not_before"]), facts.minutes(e["not_after"]))
        for e in life(looks, versions)
    ]


@pytest.mark.parametrize(
    ("looks", "versions", "events"),
    [
        ([look(0, "new")], [version(0)], [("discovered", None, 0)]),
        (
            [look(0, "new"), look(50, "unchanged"), look(60, "changed")],
            [version(0), version(60, "body")],
            [("discovered", None, 0), ("edited", 50, 60)],
        ),
        (
            [look(0, "new"), look(60, "changed")],
            [version(0), version(60, "headline", "published", silent=True)],
            [("discovered", None, 0), ("date_changed", 0, 60), ("headline_edited", 0, 60), ("silently_edited", 0, 60)],
        ),
        (
            [look(0, "new"), look(30, "unchanged"), look(60, "gone"), look(420, "soft_404")],
            [version(0)],
            [("discovered", None, 0), ("removed", 30, 60)],
        ),
        (
            [look(0, "new"), look(60, "gone"), look(430, "gone"), look(500, "gone"), look(600, "unchanged"), look(610, "unchanged")],
            [version(0)],
            [("discovered", None, 0), ("removed", 0, 60), ("restored", 500, 600)],
        ),
        (
            [look(0, "new"), look(60, "gone"), look(419, "gone")],
            [version(0)],
            [("discovered", None, 0), ("not_found", 0, 60)],
        ),
        (
            [look(0, "new"), look(60, "gone"), look(419, "gone"), look(430, "unchanged")],
            [version(0)],
            [("discovered", None, 0)],
        ),
        (
            [look(0, "new"), look(60, "wall"), look(900, "timeout"), look(1000, "http_error")],
            [version(0)],
            [("discovered", None, 0)],
        ),
        (
            [look(0, "new"), look(60, "gone"), look(900, "gone")],
            [version(0), version(200, "lead", before=0)],
            [("discovered", None, 0), ("edited", 0, 200), ("not_found", 200, 900)],
        ),
        ([look(0, "new"), look(60, "gone", "m.test"), look(600, "gone", "m.test")], [version(0)], [("discovered", None, 0)]),
        ([look(60, "gone"), look(900, "gone")], [], [("not_found", None, 60)]),
        (
            [look(0, "new"), look(60, "gone"), look(430, "gone"), look(500, "changed"), look(560, "gone"), look(990, "gone")],
            [version(0), version(500, "body")],
            [("discovered", None, 0), ("removed", 0, 60), ("edited", 0, 500), ("restored", 430, 500), ("removed", 500, 560)],
        ),
    ],
    ids=["discovered", "edited", "silent, headline, date", "removed", "restored", "too close", "came back before",
         "walls and errors", "a backfilled capture between", "a mirror's 404", "never seen", "twice"],
)  # fmt: skip
def test_events(looks, versions, events):
    """What happened, and between which two looks."""
    assert told(looks, versions) == events


def test_details_say_what_was_found():
    """An edit names fields, words and noise; a removal how the page answered."""
    looks = [look(0, "new"), look(60, "gone") | {"detail": "absent"}, look(600, "gone")]
    events = {e["event"]: e["detail"] for e in life(looks, [version(0), version(30, "body", noise="typography")])}

    assert events["edited"] == "body: +2 -1 words (typography)"
    assert events["removed"] == "answered 404, absent"


LOOKS = st.lists(
    st.builds(look, st.integers(0, 1500), st.sampled_from(["new", "unchanged", "gone", "soft_404", "wall", "timeout"])),
    max_size=12,
).map(lambda looks: sorted(looks, key=lambda each: each["at"]))


@given(LOOKS, st.lists(st.integers(0, 1500).map(lambda minute: stamp(facts.at(minute))), max_size=3))
def test_an_absence_is_what_lies_between_sights(looks, captured):
    """Against a plain reckoning: no sight within, all looks that found nothing in just one, removal by six hours."""
    sights = {*captured, *(each["at"] for each in looks if each["outcome"] in SEEN)}
    found = list(absences(looks, captured))
    missed = [each["at"] for each in looks if each["outcome"] in ABSENT]

    assert [at for each in found for at in missed if each.first["at"] <= at <= each.last["at"]] == missed
    for each in found:
        assert not [s for s in sights if each.first["at"] < s < each.last["at"]]
        assert each.before == max((s for s in sights if s < each.first["at"]), default=None)
        assert each.ended == min((s for s in sights if s >= each.last["at"]), default=None)
        assert each.removal == bool(
            each.before and instant(each.last["at"]) - instant(each.first["at"]) >= REMOVAL_APART
        )


@given(LOOKS)
def test_state_is_what_the_events_end_with(looks):
    """The state and the last event of a life never contradict each other; every event has an order in time."""
    sights = [each["at"] for each in looks if each["outcome"] in SEEN]
    versions = [version(facts.minutes(sights[0]))] if sights else []
    events = life(looks, versions)
    last = [e["event"] for e in events if e["event"] in ("discovered", "removed", "restored", "not_found")][-1:]

    assert all(e["not_before"] is None or e["not_before"] <= e["not_after"] for e in events)
    ended = {"removed": "removed", "not_found": "gone", "restored": "live", "discovered": "live"}
    assert state(looks, [], read=bool(sights)) == (ended[last[0]] if last else "unread")
