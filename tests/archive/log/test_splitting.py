"""Commits that would be too long, as several that come to the same."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.facts.canonical import digest, parse
from archive.log.chain import EMPTY, MOST_COMMIT, Draft, Log, Segment
from archive.log.splitting import split
from archive.stores.memory import MemoryStore
from tests import facts

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NUMBERS = [str(number) for number in range(700_000, 707_500)]
LAST = {"exit": 0, "closed_by": "finished", "sections": {"une": {"complete": True, "pages": 1}}}
FIRST = {"outcomes": {"new": 3}, "archive": "sha256:ab", "clock_before": 7}
ROTATING = {"kind": "number", "layout": "classic", "texts": ["# vues"], "articles": NUMBERS}
ALIKE = {"from": "Un bac.", "to": "Un pont.", "articles": NUMBERS}


def draft(summary, segments=()):
    return Draft(crawl="c", writer={"name": "t"}, segments=[*segments], summary=summary, committed_at=NOON)


def segment(name, kind="checks"):
    folder, ending = ("captures", "cdxj.gz") if kind == "index" else (kind, "jsonl.gz")
    key = f"{folder}/2026/11/24/{name}.{ending}"
    return Segment(key=key, kind=kind, bytes=1, sha256="sha256:" + 64 * "0", lines=1)


def sizes(parts):
    return [len(part.at(EMPTY)) for part in parts]


def learned(parts, name):
    return [entry for part in parts for entry in part.summary.get("learned", {}).get(name, ())]


def test_what_fits_is_left_alone():
    """Nearly every commit: the very same draft."""
    whole = draft({**FIRST, **LAST, "learned": {"alike": [ALIKE | {"articles": ["1"]}]}}, [segment("a")])

    assert split(whole) == [whole]


def test_what_was_learned_comes_behind_the_segments_and_the_end_last():
    """The first has the segments and what is said of them, the last what is said of the crawl; nothing is lost."""
    whole = draft({**FIRST, **LAST, "suspect": True, "learned": {"rotating": [ROTATING]}}, [segment("a")])
    first, *middle, last = split(whole)

    assert [*first.segments] == [segment("a")]
    assert FIRST.items() <= first.summary.items()
    assert "exit" not in first.summary
    assert LAST.items() <= last.summary.items()
    assert all(part.summary["suspect"] for part in (first, *middle, last))
    assert all(not part.segments and "exit" not in part.summary for part in middle)
    assert [number for spot in learned(middle, "rotating") for number in spot["articles"]] == NUMBERS


def test_alike_in_so_many_says_so_in_each_part():
    """The number is that of all of them, whatever part names an article."""
    parts = split(draft({**FIRST, **LAST, "learned": {"alike": [ALIKE]}}))

    assert {entry["of"] for entry in learned(parts, "alike")} == {len(NUMBERS)}
    assert [number for entry in learned(parts, "alike") for number in entry["articles"]] == NUMBERS


def test_segments_of_a_batch_stay_together():
    """Hundreds of segments, as of many shares: each index is in the commit of its batch's other segments."""
    named = [segment(f"b{number:04d}", kind) for number in range(400) for kind in ("index", "checks")]
    unpacked = {one.key: 5 for one in named}
    parts = split(draft({**FIRST, **LAST, "unpacked": unpacked}, named))

    assert [one for part in parts for one in part.segments] == named
    assert {key: size for part in parts for key, size in part.summary.get("unpacked", {}).items()} == unpacked
    assert all({one.key for one in part.segments} == {*part.summary.get("unpacked", {})} for part in parts)
    assert all(len(part.segments) % 2 == 0 for part in parts)


def test_a_text_that_no_commit_can_say_is_left_out():
    """A crawl has an end all the same."""
    spot = ROTATING | {"texts": ["x" * 70_000], "kind": "text", "articles": ["1", "2"]}
    parts = split(draft({**FIRST, **LAST, "learned": {"rotating": [spot, ROTATING | {"articles": ["3"]}]}}))

    assert [spot["articles"] for spot in learned(parts, "rotating")] == [["3"]]


SPOTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["number", "text"]),
        "layout": st.sampled_from(["classic", "modern"]),
        "texts": st.lists(st.text(max_size=30), min_size=1, max_size=20),
        "articles": st.integers(1, 7500).map(lambda count: NUMBERS[:count]),
    }
)


@pytest.mark.row("F-STO-32")
@settings(max_examples=15, deadline=None)
@given(st.lists(SPOTS, max_size=4), st.integers(0, 300))
def test_every_part_fits_and_nothing_is_lost(spots, count):
    """Whatever was learned, and however many segments there are: each article has each text of its spot."""
    parts = split(
        draft(
            {**FIRST, **LAST, "learned": {"rotating": spots}} if spots else LAST,
            [segment(f"b{n}") for n in range(count)],
        )
    )

    def told(entries):
        return {(e["layout"], e["kind"], text, one) for e in entries for text in e["texts"] for one in e["articles"]}

    assert max(sizes(parts)) < MOST_COMMIT
    assert told(learned(parts, "rotating")) == told(spots)
    assert sum(len(part.segments) for part in parts) == count


@pytest.mark.parametrize("suspect", [True])
def test_a_split_commit_folds_as_the_whole_one_would(suspect):
    """Of a log that has it whole, as older programs wrote it, and of one that has its parts: the same spots and edits."""
    told = {"learned": {"rotating": [ROTATING], "alike": [ALIKE]}, **LAST, **({"suspect": True} if suspect else {})}
    tables = []
    for part in (False, True):
        log = facts.new_log()
        facts.write(log, facts.read(700_001, 0))
        facts.write(
            log, facts.read(700_001, 60, facts.TEXTS[1], outcome="changed"), crawl="c", summary={"outcomes": {}}
        )
        head = log.read(2).head
        drafts = split(draft(told)) if part else [draft(told)]
        assert len(drafts) > 1 or not part
        for one in drafts:
            data = replace(one, crawl="c").at(head)
            log.store.create(f"log/{head.seq + 1:012d}.json", data)
            head = type(head)(seq=head.seq + 1, digest=digest(data))
        tables.append(facts.tables(facts.folded(log)))
    whole, parts = tables

    assert whole["spots"] == parts["spots"]
    assert [row[:3] for row in whole["alike"]] == [row[:3] for row in parts["alike"]]
    for name in ("versions", "changes", "articles", "crawls"):
        assert [*map(_without_seq, whole[name])] == [*map(_without_seq, parts[name])], name


def _without_seq(row):
    return [value if not isinstance(value, str) or not value.startswith("{") else sorted(parse(value)) for value in row]


def test_a_log_takes_the_parts():
    """Appended one after the other they are commits like any other."""
    log = Log(MemoryStore())
    log.create(edition="presstv-fr", version="1")
    head = EMPTY
    for part in split(draft({**FIRST, **LAST, "learned": {"alike": [ALIKE]}}, [segment("a")])):
        head = log.append(part, head).head

    assert head.seq > 2
    assert [commit.seq for commit in log.after()] == [*range(1, head.seq + 1)]
