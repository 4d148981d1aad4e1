"""Increments: an export of some commit and one since it are together one of today, by the rule that DATA_FORMAT.md states."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.catalog.selection import Selection
from archive.catalog.since import Since, Until, check_reached
from archive.errors import UsageError
from archive.exporters.own import selected
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical, parse
from archive.facts.items import Check
from archive.facts.names import stamp
from archive.facts.teasers import Teaser, teasers_digest
from archive.log.chain import Draft
from tests import facts

APPENDED = {
    "checks": ("commit", "line"),
    "placements": ("commit", "at", "section", "page", "rank"),
    "captures": ("commit", "url", "captured_at", "payload"),
    "commits": ("commit",),
}
"""Views whose rows stay as they are, but for what later commits say of a crawl: by what a row is known."""
HOUR, DAY = 60, 24 * 60


def merged(view, copy, increment):
    """Bring a copy up to date, as DATA_FORMAT.md says."""
    if names := APPENDED.get(view):
        again = {tuple(row[name] for name in names) for row in increment}
        kept = [row for row in copy if tuple(row[name] for name in names) not in again]
        return sorted(kept + increment, key=lambda row: (row["commit"], row.get("line", 0)))
    named = {row["article_id"] for row in increment}
    rows = [row for row in copy if row["article_id"] not in named] + [row for row in increment if "rows" not in row]
    return sorted(rows, key=lambda row: int(row["article_id"]))


def rows_of(archive, view, chosen):
    """Return a view's rows as a reader of the lines has them."""
    return [parse(canonical(row)) for row in VIEWS[view](archive, chosen)]


EVERY = Selection()
CHOICES = {
    "all": EVERY,
    "own": Selection(source="own"),
    "state": Selection(states=frozenset({"live"})),
    "away": Selection(states=frozenset({"gone", "removed"})),
    "silent": Selection(silent=True),
    "query": Selection(query="pont", match='"pont"'),
    "ids": Selection(ids=frozenset({"1"})),
    "until": Selection(until=Until("2026-11-24T18:00:00Z")),
    "section": Selection(sections=frozenset({"une"})),
}
LOOKS_TAKE = ("all", "own", "ids", "until", "section")


class Copies:
    """Copies of every view under every choice, brought up to date by increments alone and held against the whole."""

    def __init__(self, log, names=tuple(CHOICES)):
        self.log, self.archive, self.at = log, facts.folded(log), 0
        self.kept = {(name, view): [] for name in names for view in VIEWS if view not in APPENDED or name in LOOKS_TAKE}
        self.first = {}

    def follow(self):
        """Take an increment of each; return what is not the whole then."""
        self.archive.catalog.follow(self.log)
        wrong = []
        for source in ("all", "own"):
            with selected(self.archive, source) as told:
                wrong += [
                    each for name in self.kept if CHOICES[name[0]].source == source for each in self._taken(told, *name)
                ]
        self.at = self.archive.catalog.head().seq
        return wrong

    def _taken(self, archive, name, view):
        chosen, before = CHOICES[name], self.kept[name, view]
        whole = rows_of(archive, view, chosen)
        copy = merged(view, before, rows_of(archive, view, replace(chosen, since=Since(str(self.at)))))
        self.kept[name, view] = copy
        if copy != whole:
            yield name, view, self.at, copy, whole
        if name == "all" and self.at:
            first = self.first.setdefault(view, before)
            jumped = merged(view, first, rows_of(archive, view, Selection(since=Since("1"))))
            if jumped != whole:
                yield name, view, 1, jumped, whole


def listing(minute, shown, *, again=False, section="une", kind="section"):
    """Return a look at a listing; `shown` is article → text."""
    texts = [Teaser(text=text, spot="a") for text in shown.values()]
    check = Check(
        at=facts.at(minute), url=f"http://127.0.0.1/{section}", kind=kind, outcome="listed", status=200, section=section,
        page=1, listed=tuple(map(str, shown)), teasers=() if again else tuple(texts),
        teasers_digest=teasers_digest(each.fields() for each in texts) if again else None,
    )  # fmt: skip
    return facts.Fact(check=check)


def taken_over(first, until=None):
    """Return what a summary says of a host that was somebody else's from a minute on."""
    at = stamp(facts.at(first))
    one = {"after": at, "first": at, "last": at, "until": until and stamp(facts.at(until)), "reason": "seized"}
    return {"taken_over": {"127.0.0.1": [one]}}


ROTATING = {"rotating": [{"kind": "number", "layout": "modern", "texts": ["Lu # fois"], "articles": ["1", "2"]}]}
ALIKE = {"alike": [{"from": "", "to": "Un pont s’achève.", "articles": ["1", "2", "3"]}]}
RUNNING = {"running": {"127.0.0.1": {"clocks": {"visible": 1}, "since": stamp(facts.at(0))}}}
TEXTS = (*facts.TEXTS, "Lu 3 fois", "Lu 5 fois")
NUMBERS = (1, 2, 3)
MINUTES = st.integers(0, 14).map(lambda n: n * HOUR)
FACT = st.one_of(
    st.builds(
        facts.read, st.sampled_from(NUMBERS), MINUTES, st.sampled_from(TEXTS), headline=st.sampled_from(["Un bac", "Un pont"]),
        tags=st.sampled_from([(), ("eau",)]), revision=st.integers(1, 2), outcome=st.sampled_from(["new", "changed"]),
        layout=st.sampled_from(["modern", "classic"]),
    ),
    st.builds(
        facts.read, st.sampled_from(NUMBERS), MINUTES, st.sampled_from(TEXTS), outcome=st.just("changed"),
        kind=st.just("mirror"), host=st.just("miroir.exemple"),
    ),
    st.builds(
        facts.saw, st.sampled_from((*NUMBERS, 4)), MINUTES.map(lambda n: n + 7),
        st.sampled_from(["unchanged", "gone", "soft_404", "timeout", "challenge"]),
    ),
    st.builds(
        listing, MINUTES.map(lambda n: n + 11),
        st.dictionaries(st.sampled_from(NUMBERS), st.sampled_from(["Un bac", "Un pont", "Un gué"]), min_size=1, max_size=3),
        again=st.booleans(), section=st.sampled_from(["une", "europe"]),
    ),
)  # fmt: skip
SUMMARY = st.one_of(
    st.just({}), st.just({}), st.just({"suspect": True}), st.just({"suspect": False}),
    st.sampled_from([ROTATING, ALIKE, RUNNING, taken_over(0), taken_over(3 * HOUR, 9 * HOUR)]).map(
        lambda learned: {"learned": learned}
    ),
    st.sampled_from(["c1", "c2", "backfill-b"]).map(lambda crawl: {"accept": crawl}),
)  # fmt: skip
COMMIT = st.tuples(
    st.lists(FACT, max_size=3), st.sampled_from(["c1", "c2", "c3", "backfill-b", "backfill-d", "replay-r"]), SUMMARY
)


def distinct(plan):
    """Keep the first of several looks at one address at one minute: no crawl looks twice at once."""
    seen, kept = set(), []
    for looks, crawl, summary in plan:
        names = [(fact.check.url, fact.check.at, crawl.partition("-")[0] == "backfill") for fact in looks]
        fresh = [fact for fact, name in zip(looks, names, strict=True) if not (name in seen or seen.add(name))]
        kept.append((fresh, crawl, summary))
    return kept


@pytest.mark.row("F-TAK-01")
@settings(max_examples=60, deadline=None)
@given(st.lists(COMMIT, min_size=1, max_size=7).map(distinct))
def test_increments_of_any_log_come_to_the_whole(plan):
    """Whatever commits bring, in whatever order: a copy that took each increment, or one of all but the first, is today's."""
    log = facts.new_log()
    copies = Copies(log, ("all", "state"))
    for looks, crawl, summary in plan:
        facts.write(log, *looks, crawl=crawl, summary=summary)

        assert copies.follow() == []


HEADLINES = {number: f"Le titre de l’article numéro {number}" for number in range(1, 13)}
SHOWN = {number: HEADLINES[number] for number in range(1, 10)}
OTHERS = {number: f"Un autre titre pour le {number}" for number in range(1, 13) if number != 8}
COUNTED = [facts.read(9, day * DAY, f"Lu {day} fois", outcome="changed") for day in (1, 2)]
READ_APART = [facts.read(4, day * DAY, text, outcome="changed") for day, text in ((1, "Lu mal."), (2, "Lu autrement."))]


def turning(crawl, day, text):
    """Return a commit in which the listing shows article 7 under a text."""
    return [listing(day * DAY, SHOWN | {7: text}, section="afrique")], crawl, {}


STORY = {
    "first crawl": ([facts.read(n, 0, headline=text) for n, text in HEADLINES.items()], "crawl-a", {}),
    "seen, never read": ([facts.saw(20, 5, "timeout"), facts.saw(21, 5, "gone")], "crawl-a", {}),
    "listed": ([listing(10, SHOWN), listing(11, SHOWN, section="europe"), listing(12, SHOWN, section="afrique")], "crawl-a", {}),
    "edits": ([facts.read(n, DAY, facts.TEXTS[1], outcome="changed") for n in (1, 2)], "crawl-b", {}),
    "nothing new": ([facts.saw(n, DAY + HOUR) for n in range(1, 13)], "crawl-b", {}),
    "read at last": ([facts.read(20, DAY + HOUR, facts.TEXTS[2])], "crawl-b", {}),
    "not found": ([facts.saw(n, 2 * DAY, "gone") for n in (2, 5)], "crawl-c", {}),
    "removed": ([facts.saw(n, 2 * DAY + 7 * HOUR, "gone") for n in (2, 5)], "crawl-d", {}),
    "restored": ([facts.read(2, 4 * DAY, facts.TEXTS[2], outcome="changed")], "crawl-e", {}),
    "no removal after all": ([], "crawl-f", {"learned": taken_over(2 * DAY - HOUR, 3 * DAY)}),
    "earlier captures of others": ([facts.read(n, -DAY, facts.TEXTS[2]) for n in (1, 3)], "backfill-a", {}),
    "a capture of others between": ([facts.read(6, HOUR, facts.TEXTS[2])], "backfill-b", {}),
    "our text behind it": ([facts.saw(6, 5 * DAY, confirms=stamp(facts.at(0)))], "crawl-g", {}),
    "only others have it": ([facts.read(30, DAY, facts.TEXTS[0])], "backfill-c", {}),
    "read as two": (READ_APART, "crawl-h", {}),
    "read as one": ([facts.reread(each, facts.TEXTS[0]) for each in (facts.read(4, 0, headline=HEADLINES[4]), *READ_APART)], "replay-a", {}),
    "counted": (COUNTED, "crawl-i", {}),
    "a counter": ([], "crawl-j", {"learned": {"rotating": [
        {"kind": "number", "layout": "modern", "texts": ["Lu # fois"], "articles": ["9"]}
    ]}}),
    "edited alike": ([facts.read(n, 6 * DAY, facts.TEXTS[1], outcome="changed") for n in (10, 11)], "crawl-k", {}),
    "told so": ([facts.saw(12, 6 * DAY)], "crawl-k", {"learned": {"alike": [
        {"from": "", "to": "Un pont s’achève.", "articles": ["10", "11"]}
    ]}}),
    "clocks that run": ([], "crawl-k", {"learned": {"running": {
        "127.0.0.1": {"clocks": {"visible": 1}, "since": stamp(facts.at(0))}
    }}}),
    "one teaser": ([listing(7 * DAY, SHOWN | {8: "Un titre adouci"})], "crawl-l", {}),
    "all teasers": ([listing(7 * DAY + 1, OTHERS, section="europe")], "crawl-l", {}),
    "more of them": ([listing(7 * DAY + 2, {n: f"Encore {n}" for n in OTHERS}, section="europe")], "crawl-l", {}),
    **{f"turn {day}": turning(f"crawl-turn-{day}", day, "Pile" if day % 2 else "Face") for day in range(8, 13)},
    **{f"stays {day}": turning(f"crawl-turn-{day}", day, "Face") for day in range(13, 17)},
    "a suspect crawl": (
        [facts.read(n, 17 * DAY, facts.TEXTS[2], outcome="changed") for n in (1, 10)]
        + [facts.saw(11, 17 * DAY, "gone"), listing(17 * DAY, SHOWN | {3: "Un titre durci"})],
        "crawl-m", {"suspect": True},
    ),
    "a look while it waits": ([facts.saw(1, 18 * DAY)], "crawl-n", {}),
    "accepted": ([], "crawl-o", {"accept": "crawl-m"}),
    "a mirror": ([
        facts.read(12, 19 * DAY, facts.TEXTS[1], outcome="changed", kind="mirror", host="miroir.exemple")
    ], "crawl-p", {}),
    "moved": ([facts.saw(12, 20 * DAY, answered=facts.url_of(12) + "-corrige")], "crawl-q", {}),
    "crawl of nothing": ([], "crawl-r", {}),
}  # fmt: skip


@pytest.fixture(scope="module")
def month():
    """Return (what each increment of the month brought that the whole had not, the rows of each, the archive)."""
    log = facts.new_log()
    copies, wrong, brought = Copies(log), {}, {}
    for name, (looks, crawl, summary) in STORY.items():
        before = Since(str(copies.at))
        facts.write(log, *looks, crawl=crawl, summary=summary)
        wrong[name] = copies.follow()
        chosen = Selection(since=before)
        brought[name] = {view: rows_of(copies.archive, view, chosen) for view in VIEWS}
    return wrong, brought, copies.archive


@pytest.mark.row("F-TAK-01")
@pytest.mark.parametrize("name", STORY)
def test_a_month_of_increments_equals_the_whole(month, name):
    """Crawls, edits, removals, returns, others' captures, replays, suspect crawls: after each the copy is the whole export.

    So is each view that was selected: by state, by section, by words, of our own captures.
    """
    assert month[0][name] == []


def names_of(rows):
    """Return (article, event) of the rows of an increment; of an article without rows that."""
    return {(row["article_id"], row.get("event", "no rows")) for row in rows}


def test_the_month_had_something_to_do(month):
    """Rows came, changed and went: each kind of commit told the views what it had to."""
    _, brought, archive = month
    told = {name: names_of(views["events"]) for name, views in brought.items()}
    whole = names_of(rows_of(archive, "events", EVERY))

    assert ("2", "removed") in told["removed"]
    assert ("5", "removed") in told["removed"] - told["no removal after all"]
    assert ("10", "edited_together") in told["told so"] - told["edited alike"]
    assert ("8", "teaser_edited") in told["one teaser"]
    assert ("8", "teaser_changed_together") in told["more of them"] - told["all teasers"] - told["one teaser"]
    assert ("3", "teaser_edited") in told["accepted"] - told["a suspect crawl"]
    assert ("11", "discovered") in told["accepted"]
    assert ("7", "teaser_edited") in whole
    assert [row["article_id"] for row in brought["read as one"]["changes"] if "rows" in row] == ["4"]
    assert {row["version"] for row in brought["earlier captures of others"]["changes"] if row["article_id"] == "1"} == {
        2,
        3,
    }
    assert {view for view, rows in brought["crawl of nothing"].items() if rows} == {"commits"}


def test_an_article_that_never_had_a_row_is_not_named():
    """Who was seen and never read, or edited never, is no news to a copy that has nothing of it."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.saw(2, 0, "timeout"))
    facts.write(log, facts.saw(1, HOUR), facts.saw(2, HOUR, "timeout"), facts.saw(3, HOUR, "timeout"))
    archive, chosen = facts.folded(log), Selection(since=Since("1"))

    of_articles = [view for view in VIEWS if view not in ("captures", "commits")]

    assert {view: [row["article_id"] for row in rows_of(archive, view, chosen)] for view in of_articles} == {
        "latest": ["1"], "versions": ["1"], "changes": [], "events": ["1", "2"], "checks": ["1", "2", "3"], "placements": [],
        "articles": ["1", "2", "3"], "records": ["1"],
    }  # fmt: skip


def test_a_commit_past_the_end_is_no_beginning():
    """Nothing is given since a commit that this copy of the archive does not have: a reader would take it for no news."""
    check_reached(3, 3)
    with pytest.raises(UsageError, match="--since 4: the archive ends at commit 3"):
        check_reached(4, 3)


def test_one_log_folded_at_once_gives_the_same_increments():
    """A catalog made anew says the same of what came since any commit."""
    log = facts.new_log()
    step = facts.folded(log)
    for looks, crawl, summary in STORY.values():
        facts.write(log, *looks, crawl=crawl, summary=summary)
        step.catalog.follow(log)

    for seq in (1, 5, 20, len(STORY)):
        assert facts.exports(facts.folded(log), str(seq)) == facts.exports(step, str(seq))


def test_accept_needs_no_segment():
    """A commit without segments touches what it accepts, and no more."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.read(2, 0))
    facts.write(log, facts.read(1, DAY, facts.TEXTS[1], outcome="changed"), crawl="c", summary={"suspect": True})
    log.append(
        Draft(crawl="d", writer=facts.WRITER, segments=[], summary={"accept": "c"}, committed_at=facts.NOON),
        facts.folded(log).catalog.head(),
    )
    rows = rows_of(facts.folded(log), "changes", Selection(since=Since("2")))

    assert [(row["article_id"], row["version"]) for row in rows] == [("1", 2)]
