"""An article's life: each event between the two looks that bound it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.catalog.life import REMOVAL_APART, absences, life, remarks, state_of
from archive.facts.names import instant, stamp
from archive.facts.outcomes import ABSENT, EVENTS, SEEN
from tests import facts


def look(minute, outcome, host="127.0.0.1"):
    status = {"gone": 404, "timeout": None, "challenge": 403}.get(outcome, 200)
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


@pytest.mark.row("F-DAT-14")
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
            [("discovered", None, 0)],
        ),
        (
            [look(0, "new"), look(60, "gone"), look(419, "gone"), look(430, "unchanged")],
            [version(0)],
            [("discovered", None, 0)],
        ),
        (
            [look(0, "new"), look(60, "challenge"), look(900, "timeout"), look(1000, "http_error")],
            [version(0)],
            [("discovered", None, 0)],
        ),
        (
            [look(0, "new"), look(60, "gone"), look(900, "gone")],
            [version(0), version(200, "lead", before=0)],
            [("discovered", None, 0), ("edited", 0, 200)],
        ),
        ([look(0, "new"), look(60, "gone", "m.test"), look(600, "gone", "m.test")], [version(0)], [("discovered", None, 0)]),
        ([look(60, "gone"), look(900, "gone")], [], []),
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
    st.builds(
        look, st.integers(0, 1500), st.sampled_from(["new", "unchanged", "gone", "soft_404", "challenge", "timeout"])
    ),
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
    ended = {"removed": "removed", "not_found": "gone", "restored": "live", "discovered": "live"}
    ended["soft_removed"] = "removed"
    events = life(looks, versions)
    told = sorted([*events, *remarks(looks, [v["captured_at"] for v in versions])], key=lambda e: e["not_after"])
    last = [e["event"] for e in told if e["event"] in ended][-1:]

    assert all(e["not_before"] is None or e["not_before"] <= e["not_after"] for e in events)
    lasting = next((each for each in absences(looks, []) if each.ended is None), None)
    assert state_of(lasting, read=bool(sights)) == (ended[last[0]] if last else "unread")


def mirror(minute, outcome, host="m.test", **more):
    return look(minute, outcome, host) | {"kind": "mirror"} | more


def shift(minute, kind, **more):
    return {
        "at": stamp(facts.at(minute)),
        "kind": kind,
        "from_at": stamp(facts.at(0)),
        "detail": "x",
        "crawl": "c",
        "seq": 2,
    } | more


@pytest.mark.parametrize(
    ("looks", "versions", "shifts", "events"),
    [
        (
            [look(60, "soft_404"), look(430, "gone")], [version(0)], [],
            [("discovered", None, 0), ("soft_removed", 0, 60)],
        ),
        (
            [look(0, "new"), look(60, "gone"), look(430, "gone") | {"held": True}], [version(0)], [],
            [("discovered", None, 0)],
        ),
        (
            [look(0, "new"), look(60, "changed") | {"held": True}, look(90, "unchanged"), look(120, "changed")],
            [version(0), version(120, "body")], [],
            [("discovered", None, 0), ("edited", 90, 120)],
        ),
        (
            [look(0, "new"), look(50, "unchanged"), look(60, "unchanged")], [version(0)], [shift(60, "image_changed")],
            [("discovered", None, 0), ("image_changed", 50, 60)],
        ),
        (
            [look(0, "new"), mirror(5, "gone"), mirror(60, "unchanged"), mirror(90, "unchanged")], [version(0)], [],
            [("discovered", None, 0), ("mirrored", 5, 60)],
        ),
        (
            [look(0, "new"), mirror(60, "unchanged"), mirror(90, "changed"), mirror(99, "changed")], [version(0)],
            [shift(90, "mirror_diverged")],
            [("discovered", None, 0), ("mirrored", 0, 60), ("mirror_diverged", 60, 90)],
        ),
        (
            [look(0, "new"), mirror(10, "unchanged"), mirror(60, "dns_error"), mirror(430, "conn_error")],
            [version(0)], [],
            [("discovered", None, 0), ("mirrored", 0, 10), ("host_lost", 10, 60)],
        ),
        (
            [look(0, "new"), look(60, "challenge") | {"reason": "seized", "detail": "by court order"},
             look(430, "challenge") | {"reason": "seized", "detail": "by court order"}, look(900, "unchanged")],
            [version(0)], [],
            [("discovered", None, 0), ("host_lost", 0, 60)],
        ),
        (
            [look(0, "new"), look(60, "challenge") | {"reason": "wall"}, look(430, "timeout"), look(990, "timeout")],
            [version(0)], [],
            [("discovered", None, 0)],
        ),
        (
            [look(0, "new"), look(60, "unchanged", "other.test")], [version(0)], [],
            [("discovered", None, 0), ("moved", 0, 60)],
        ),
    ],
    ids=["soft", "held absence", "held sight", "picture", "mirrored", "diverged once", "host lost", "seized", "a wall",
         "another host"],
)  # fmt: skip
def test_the_rarer_events(looks, versions, shifts, events):
    """Soft removals, what a suspect crawl saw, pictures, mirrors and hosts."""
    looks = [{"article_id": 1} | each for each in looks]
    found = [
        (e["event"], e["not_before"] and facts.minutes(e["not_before"]), facts.minutes(e["not_after"]))
        for e in life(looks, versions, shifts)
    ]

    assert found == events
    assert {name for name, *_ in found} <= set(EVENTS)


@pytest.mark.row("F-CON-09")
def test_another_story_is_an_edit_too():
    """One edit gives `edited`, and beside it the headline and the break of identity."""
    other = version(60, "headline", "body")
    other["change"]["another_story"] = True

    assert [name for name, *_ in told([look(0, "new")], [version(0), other])] == [
        "discovered", "edited", "headline_edited", "identity_break",
    ]  # fmt: skip


def test_remarks_say_what_is_not_known():
    """An absence without a second look, what waits, and the longest time in which nobody looked."""
    looks = [look(0, "new"), look(30, "unchanged"), look(90, "changed") | {"held": True}, look(100, "gone")]
    found = [(e["event"], facts.minutes(e["not_after"])) for e in remarks(looks, [stamp(facts.at(0))])]

    assert found == [("not_observed", 90), ("waits", 90), ("not_found", 100)]
