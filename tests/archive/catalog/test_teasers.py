"""Edits of a teaser alone: told by the listing's own looks, like held against like, nothing else called so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.catalog import events
from archive.catalog.history import history_of
from archive.errors import IntegrityError
from archive.facts.canonical import parse
from archive.facts.items import Check
from archive.facts.teasers import Teaser, teasers_digest
from archive.log.chain import Draft
from tests import facts

HARD, SOFT, OTHER = "Israël bombarde une école", "Frappe près d’une école", "Une école touchée, selon Israël"
TOLD = ("teaser_edited", "teaser_changed_together")


def digest_of(*texts):
    return teasers_digest(teaser(text).fields() for text in texts)


def teaser(text):
    return text if isinstance(text, Teaser) else Teaser(text=text, spot="a")


def listing(minute, shown, *, again=False, kind="section", section="une", host="127.0.0.1", page=1, **more):
    """Return a look at a listing; `shown` is article → its text or teaser, `again` whether the last look had the same."""
    texts = [teaser(text) for text in shown.values()]
    check = Check(
        at=facts.at(minute), url=f"http://{host}/{section or kind}/{page}", kind=kind, outcome="listed", status=200,
        section=section, page=page, listed=tuple(map(str, shown)), teasers=() if again else tuple(texts),
        teasers_digest=teasers_digest(each.fields() for each in texts) if again else None, **more,
    )  # fmt: skip
    return facts.Fact(check=check)


ALL = {n: f"Le titre de l’article numéro {n}" for n in range(1, 10)}


def archive_of(*commits, first=9):
    """Return the archive of articles 1 to 9, read at noon, and of these commits, each a crawl of its own."""
    log = facts.new_log()
    facts.write(log, *(facts.read(n, 0, headline=ALL[n]) for n in range(1, first + 1)))
    for commit in commits:
        facts.write(log, *(commit if isinstance(commit, (list, tuple)) else [commit]))
    return facts.folded(log)


def told(archive, number=1, names=TOLD):
    """Return (event, listing, minutes not before and not after, old text, new text) of an article's teasers."""
    return [
        (e["event"], e["listing"], facts.minutes(e["not_before"]), facts.minutes(e["not_after"]), e["from_text"], e["to_text"])
        for e in events.events_of(archive.catalog.db, number)
        if e["event"] in names
    ]  # fmt: skip


def turned(*texts, more=ALL, **kind):
    """Return looks an hour apart at a listing in which article 1 has these texts; None: it isn't there."""
    return [
        listing(60 * n, ({} if text is None else {1: text}) | {k: v for k, v in more.items() if k > 1}, **kind)
        for n, text in enumerate(texts)
    ]


@pytest.mark.row("F-LST-01")
def test_a_headline_that_was_softened_on_the_listing_alone():
    """It is told with the listing, both texts, the last look at the old one and the first at the new one."""
    archive = archive_of(*turned(HARD, HARD, SOFT, SOFT))
    (found,) = [e for e in events.events_of(archive.catalog.db, 1) if e["event"] in TOLD]

    assert told(archive) == [("teaser_edited", "une", 60, 120, HARD, SOFT)]
    assert (found["seq"], found["crawl"]) == (4, "crawl-20261124t120000z-0000000a-0004")
    assert all(word in found["detail"] for word in ("une", HARD, SOFT))
    assert [v["change"] for v in history_of(archive.catalog.db, "1")["versions"]] == [None]
    assert [told(archive, n) for n in range(2, 10)] == [[]] * 8


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        pytest.param([], True, id="never again"),
        pytest.param([facts.saw(1, 90)], True, id="before the listing's look"),
        pytest.param([facts.saw(1, 150, "timeout")], True, id="no answer"),
        pytest.param([facts.saw(1, 150, kind="mirror")], True, id="another host"),
        pytest.param([facts.saw(2, 150)], True, id="another article"),
        pytest.param([facts.saw(1, 150)], False, id="found as it was"),
    ],
)
def test_until_the_article_is_looked_at_nobody_knows_whether_it_changed_too(look, expected):
    """A listing that is seen to change says nothing of the article, whose headline may have changed with it."""
    archive = archive_of(*turned(HARD, HARD, SOFT), *look)
    (found,) = [e for e in events.events_of(archive.catalog.db, 1) if e["event"] in TOLD]

    assert found["detail"].endswith("; the article itself was not looked at since") == expected


@pytest.mark.parametrize(
    "kind", [{"kind": "front", "section": None}, {"kind": "feed", "section": None}, {"section": "europe"}]
)
def test_each_listing_tells_for_itself(kind):
    """Front page, feed and each section have texts of their own; one that differs from another's is no edit."""
    name = kind["section"] or kind["kind"]
    both = [[own, other] for own, other in zip(turned(HARD, SOFT, **kind), turned(OTHER, OTHER), strict=True)]

    assert told(archive_of(*both)) == [("teaser_edited", name, 0, 60, HARD, SOFT)]


@pytest.mark.row("F-LST-01")
@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param([HARD, HARD.upper()], [], id="capitals"),
        pytest.param([HARD, "Israël bombarde…", HARD], [], id="cut"),
        pytest.param([HARD, "Israël bom…", "Israël bombe le torse"], [(60, 120, HARD, "Israël bombe le torse")], id="cut, then another"),
        pytest.param([HARD, None, None, HARD], [], id="left and returned"),
        pytest.param([HARD, None, None, SOFT], [(0, 180, HARD, SOFT)], id="left and returned softened"),
        pytest.param([HARD, "", SOFT], [(0, 120, HARD, SOFT)], id="a look without its text"),
        pytest.param([HARD, SOFT, HARD], [(0, 60, HARD, SOFT), (60, 120, SOFT, HARD)], id="taken back"),
        pytest.param([HARD, SOFT, OTHER], [(0, 60, HARD, SOFT), (60, 120, SOFT, OTHER)], id="twice"),
        pytest.param([HARD, SOFT, HARD, SOFT], [], id="two by turns"),
        pytest.param([HARD, SOFT, OTHER, HARD, SOFT, OTHER], [], id="three by turns"),
        pytest.param([HARD, SOFT, HARD, *[SOFT] * 4], [(120, 180, HARD, SOFT)], id="a cache ran out"),
        pytest.param([HARD, SOFT, HARD, *[SOFT] * 3], [], id="a cache may have run out"),
        pytest.param([*[HARD, SOFT] * 4, *[SOFT] * 5], [], id="by turns for long"),
        pytest.param([HARD, "Israël bombarde une école : 12 morts"], [(0, 60, HARD, f"{HARD} : 12 morts")], id="made longer"),
        pytest.param(["12 morts à Brèves", "2 morts à Brèves"], [(0, 60, "12 morts à Brèves", "2 morts à Brèves")], id="digit"),
    ],
)  # fmt: skip
def test_what_is_an_edit(texts, expected):
    """What says the same is none, nor what comes and goes by itself; what is left is told each time."""
    archive = archive_of(*turned(*texts))

    assert told(archive) == [("teaser_edited", "une", *each) for each in expected]


def both(*said):
    """Return a teaser that two boxes of one form show under these texts."""
    first, *others = (Teaser(text=text, spot="a") for text in said)
    return Teaser(text=first.text, spot="a", also=tuple(others))


@pytest.mark.row("F-LST-02")
@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param([both(HARD), both(OTHER, HARD), both(HARD)], [], id="into another box and out of it"),
        pytest.param([both(OTHER, HARD), both(HARD), both(OTHER, HARD)], [], id="out of a box and into it"),
        pytest.param([both(OTHER, HARD), both(HARD, OTHER), both(OTHER, HARD)], [], id="boxes that change places"),
        pytest.param([both(OTHER, HARD), both(OTHER, SOFT)], [(0, 60, HARD, SOFT)], id="softened in one of two"),
        pytest.param([both(OTHER, HARD), both(HARD), both(SOFT)], [(60, 120, HARD, SOFT)], id="softened where it is left"),
        pytest.param([both(HARD, OTHER), both("Israël bombarde deux écoles", "Une école touchée")], [
            (0, 60, OTHER, "Une école touchée"), (0, 60, HARD, "Israël bombarde deux écoles")], id="in both"),
    ],
)  # fmt: skip
def test_two_boxes_of_one_form_are_held_apart(shown, expected):
    """A text that stood in one of them, or stands, was not put in the place of the other's; one that is new was."""
    found = told(
        archive_of(
            *(listing(60 * n, {1: each} | {k: v for k, v in ALL.items() if k > 1}) for n, each in enumerate(shown))
        )
    )

    assert sorted(found) == sorted(("teaser_edited", "une", *each) for each in expected)


def test_a_text_that_comes_and_goes_is_a_remark():
    """`scrapy history` says which two; it is no event."""
    remarks = history_of(archive_of(*turned(HARD, SOFT, HARD, SOFT)).catalog.db, "1")["remarks"]
    (found,) = [each for each in remarks if each["event"] == "teaser_rotates"]

    assert (found["listing"], found["from_text"], found["to_text"]) == ("une", HARD, SOFT)


def test_what_follows_the_articles_own_headline_is_told_by_its_version():
    """Listings that show an edited headline say nothing new; one that shows a third text does."""
    edited = facts.read(1, 30, headline=SOFT, outcome="changed")
    read = facts.read(1, -30, headline=HARD)

    assert told(archive_of([read, edited], *turned(HARD, SOFT))) == []
    assert told(archive_of([read, edited], *turned(f"Europe : {HARD}", f"Europe : {SOFT}"))) == []
    assert told(archive_of([read, edited], *turned("Israël bombarde…", "Frappe près…"))) == []
    assert told(archive_of([read, edited], *turned(HARD, OTHER))) == [("teaser_edited", "une", 0, 60, HARD, OTHER)]
    assert told(archive_of([read, edited], *turned(SOFT, HARD))) == [("teaser_edited", "une", 0, 60, SOFT, HARD)]


def spotted(**spots):
    first, *others = spots.items()
    also = tuple(Teaser(text=text, spot=spot) for spot, text in others)
    return Teaser(text=first[1], spot=first[0], also=also)


SHORT = "Gaza : une école"


@pytest.mark.row("F-LST-02")
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({"hero": SHORT, "list": HARD}, {"list": HARD}, None, id="left one spot"),
        pytest.param({"list": HARD}, {"hero": SHORT, "list": HARD}, None, id="came to another, too"),
        pytest.param({"hero": SHORT}, {"list": HARD}, None, id="moved to where it is printed whole"),
        pytest.param({"hero": HARD}, {"list": "Israël bombarde une"}, None, id="moved to where it is cut"),
        pytest.param({"hero": HARD, "list": HARD}, {"hero": SOFT, "list": HARD}, (HARD, SOFT), id="changed at one of two"),
        pytest.param({"hero": HARD, "list": HARD}, {"hero": SOFT, "list": SOFT}, (HARD, SOFT), id="changed at both"),
        pytest.param({"hero": HARD}, {"list": "Israël touche une école"}, (HARD, "Israël touche une école"), id="moved and changed"),
    ],
)  # fmt: skip
def test_like_is_held_against_like(old, new, expected):
    """At one spot any other text is an edit; between two, only what can't be the same headline printed otherwise."""
    archive = archive_of(*turned(spotted(**old), spotted(**new)))

    assert [each[4:] for each in told(archive)] == ([expected] if expected else [])


def test_an_article_on_another_page_of_the_listing_is_the_same_one():
    """It slides to page 2 with its text; there it may be softened, too."""
    two = [
        listing(60, ALL | {1: HARD} | {10: "Neuf"}, page=2),
        listing(120, {1: SOFT, 2: ALL[2], 3: ALL[3], 4: ALL[4]}, page=2),
    ]

    assert told(archive_of(listing(0, ALL | {1: HARD}), *two)) == [("teaser_edited", "une", 60, 120, HARD, SOFT)]


@pytest.mark.row("F-LST-02")
def test_hosts_are_told_apart():
    """A host that lags shows its own older text, also where a redirect led there; nothing of it is an edit of the other's."""
    lags = turned(HARD, HARD, host="miroir.exemple")
    ours = turned(HARD, SOFT)
    led = listing(120, ALL | {1: HARD}, answered="http://miroir.exemple/une/1")
    back = listing(180, ALL | {1: SOFT})

    assert told(archive_of(*zip(ours, lags, strict=True), led, back)) == [("teaser_edited", "une", 0, 60, HARD, SOFT)]


@pytest.mark.row("F-LST-02")
@pytest.mark.parametrize(
    ("changed", "name"),
    [(1, "teaser_edited"), (2, "teaser_changed_together"), (8, "teaser_changed_together")],
)
@pytest.mark.parametrize("size", [3, 9])
def test_many_at_once_are_not_so_many_edits(changed, name, size):
    """Where a fifth of a listing turns at one look, three at least or all of it, it is told by a word that says so."""
    if (changed, size) == (8, 3):
        changed = 3
    if (changed, size) == (2, 9) or (changed, size) == (2, 3):
        name = "teaser_edited"
    before = {n: ALL[n] for n in range(1, size + 1)}
    after = {n: f"Europe {text}" if n <= changed else text for n, text in before.items()}
    found = told(archive_of(listing(0, before), listing(60, after)))

    assert found == [(name, "une", 0, 60, ALL[1], f"Europe {ALL[1]}")]


def test_a_layout_that_turns_every_listing_a_little_is_seen_over_the_crawl():
    """Two of five in each of six sections: ten of thirty in all."""

    def all_of(minute, mark):
        return [
            listing(minute, {n: f"{mark} {ALL[n]}".strip() if n < 3 else ALL[n] for n in range(1, 6)}, section=f"s{s}")
            for s in range(6)
        ]

    found = told(archive_of(all_of(0, ""), all_of(60, "Europe")))

    assert {name for name, *_ in found} == {"teaser_changed_together"}


def test_a_look_that_found_the_same_again_counts_as_a_sight():
    """Its digest names the last look's teasers: the edit came after it."""
    shown = ALL | {1: HARD}
    looks = [
        listing(0, shown),
        listing(60, shown, again=True),
        listing(90, shown, again=True),
        listing(120, ALL | {1: SOFT}),
    ]

    assert told(archive_of(*looks)) == [("teaser_edited", "une", 90, 120, HARD, SOFT)]


def test_a_digest_of_another_look_says_nothing():
    """Of two crawls side by side one saw the new text; what the other one found again before is no return of it."""
    shown = ALL | {1: HARD}
    looks = [
        listing(0, shown),
        listing(60, ALL | {1: SOFT}),
        listing(59, shown, again=True),
        listing(61, shown, again=True),
    ]

    assert told(archive_of(*looks)) == [("teaser_edited", "une", 0, 60, HARD, SOFT)]


def test_a_look_that_came_late_changes_nothing_told():
    """What an earlier look saw, committed after a later one, is no edit back."""
    late = [listing(0, ALL | {1: HARD}), listing(60, ALL | {1: SOFT}), listing(30, ALL | {1: HARD})]

    assert told(archive_of(*late)) == [("teaser_edited", "une", 0, 60, HARD, SOFT)]


@pytest.mark.row("F-LST-04")
@pytest.mark.parametrize("accepted", [False, True])
def test_what_a_suspect_crawl_saw_waits(accepted):
    """Until it is accepted the text before stands, and so does its last sight."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0))
    before, during, after = turned(HARD, SOFT, HARD)
    facts.write(log, before)
    facts.write(log, during, crawl="a", summary={"suspect": True})
    facts.write(log, after)
    if accepted:
        log.append(Draft(crawl="c", writer=facts.WRITER, segments=[], summary={"accept": "a"}, committed_at=facts.NOON))
    both = [("teaser_edited", "une", 0, 60, HARD, SOFT), ("teaser_edited", "une", 60, 120, SOFT, HARD)]

    assert told(facts.folded(log)) == (both if accepted else [])


def test_a_text_that_a_suspect_crawl_saw_first_counts_from_the_next_crawl_on():
    """The later sight is believed; the interval grows, and is true."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0))
    before, during, after = turned(HARD, SOFT, SOFT)
    facts.write(log, before)
    facts.write(log, during, crawl="a")
    facts.write(log, crawl="a", summary={"suspect": True})
    facts.write(log, after)

    assert told(facts.folded(log)) == [("teaser_edited", "une", 0, 120, HARD, SOFT)]


def test_what_only_the_extractor_reads_otherwise_is_none(monkeypatch):
    """Between two revisions nothing is held against anything; from then on it is."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0))
    looks = turned(HARD, f"Monde {HARD}", SOFT)
    for revision, look in zip((1, 2, 2), looks, strict=True):
        monkeypatch.setitem(facts.WRITER, "extractor", revision)
        facts.write(log, look)

    assert told(facts.folded(log)) == [("teaser_edited", "une", 60, 120, f"Monde {HARD}", SOFT)]


def test_teasers_that_are_not_those_of_the_listing_can_not_be_folded():
    """A foreign writer's line is named, not guessed at."""
    log = facts.new_log()
    wrong = Check(
        at=facts.at(0),
        url="http://127.0.0.1/",
        kind="front",
        outcome="listed",
        listed=("1", "2"),
        teasers=(Teaser(text="a"),),
    )
    facts.write(log, facts.Fact(check=wrong))

    with pytest.raises(IntegrityError, match="can't be folded"):
        facts.folded(log)


SHOWN = st.dictionaries(
    st.sampled_from((1, 2, 3)), st.sampled_from([HARD, SOFT, OTHER, "", "Israël bombarde…"]), min_size=1
)
LOOKS = st.lists(
    st.builds(
        listing, st.integers(0, 12).map(lambda n: n * 30), SHOWN, again=st.booleans(),
        host=st.sampled_from(["127.0.0.1", "miroir.exemple"]), page=st.integers(1, 2),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


@pytest.mark.row("F-LST-03")
@settings(max_examples=40, deadline=None)
@given(st.lists(LOOKS, min_size=1, max_size=6), st.sets(st.integers(0, 5)), st.booleans())
def test_incremental_equals_from_nothing(commits, suspect, accepted):
    """Looks in any order, suspect crawls and digests that name nothing: folded at once or one by one it is the same."""
    log = facts.new_log()
    facts.write(log, *(facts.read(n, 0, headline=HARD) for n in (1, 2, 3)))
    step = facts.folded(log)
    for place, looks in enumerate(commits):
        facts.write(log, *looks, crawl=f"c{place % 4}", summary={"suspect": True} if place in suspect else {})
        step.catalog.follow(log)
    if accepted:
        log.append(
            Draft(crawl="z", writer=facts.WRITER, segments=[], summary={"accept": "c0"}, committed_at=facts.NOON)
        )
        step.catalog.follow(log)
    whole = facts.folded(log)
    found = [event for n in (1, 2, 3) for event in told(whole, n)]

    assert (facts.tables(step), facts.exports(step)) == (facts.tables(whole), facts.exports(whole))
    assert all(before < after and old != new for _, _, before, after, old, new in found)
    assert {parse(event)["event"] for event in facts.exports(whole)["events"]} <= {*TOLD, "discovered"}
    assert (len(facts.exports(whole)["versions"]), facts.exports(whole)["changes"]) == (3, [])
