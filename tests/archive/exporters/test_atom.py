"""Atom: a feed reader reads the newest of what happened, whatever stands in it."""

import feedparser
import pytest

from archive.catalog.selection import Selection
from archive.errors import UsageError
from archive.exporters.atom import write
from tests import facts

ODD = "]]> & <script>alert(1)</script> \x01\x85\ufffe"


@pytest.fixture(scope="module")
def archive():
    log = facts.new_log()
    facts.write(log, *(facts.read(n, n, headline=ODD if n == 2 else f"Le bac {n}") for n in range(1, 5)))
    facts.write(log, facts.read(1, 60, facts.TEXTS[1], headline="Le bac 1"), facts.saw(2, 60, "gone"))
    facts.write(log, facts.saw(2, 600, "gone"))
    return facts.folded(log)


def export(archive, place, view="events", entries="100", base="", **chosen):
    count = write(archive, view, chosen=Selection(**chosen), target=str(place), base=base, entries=entries)
    told = feedparser.parse(place.read_bytes())
    assert (told.bozo, told.version, len(told.entries)) == (False, "atom10", count)
    return told


@pytest.mark.row("F-TAK-05")
@pytest.mark.parametrize("view", ["events", "changes", "latest", "versions"])
def test_each_view_is_a_feed(archive, tmp_path, view):
    """Its entries are named for ever, each once, the newest first; two exports are equal in bytes."""
    told = export(archive, tmp_path / "a.atom", view)
    export(archive, tmp_path / "b.atom", view)
    updated = [entry.updated for entry in told.entries]

    assert told.entries
    assert updated == sorted(updated, reverse=True)
    assert len({entry.id for entry in told.entries}) == len(told.entries)
    assert told.feed.updated == updated[0]
    assert all(entry.link.startswith("http://127.0.0.1/Detail/") for entry in told.entries)
    assert (tmp_path / "a.atom").read_bytes() == (tmp_path / "b.atom").read_bytes()


def test_the_newest_alone_and_the_chosen(archive, tmp_path):
    """As many as were asked for; another selection is another feed, by name."""
    whole, cut = export(archive, tmp_path / "a"), export(archive, tmp_path / "b", entries="2")
    removed = export(archive, tmp_path / "c", events=frozenset({"removed"}))

    assert [entry.id for entry in cut.entries] == [entry.id for entry in whole.entries[:2]]
    assert [entry.summary.partition(":")[0] for entry in removed.entries] == ["removed"]
    assert removed.feed.id.startswith(f"{whole.feed.id}:")


def test_links_lead_to_the_archives_pages(archive, tmp_path):
    """Where their address is given, with the outlet's beside them."""
    told = export(archive, tmp_path / "a", base="https://archive.test/", view="changes")

    assert told.entries[0].link.startswith("https://archive.test/a/1/diff/2026-11-24T")
    assert [each.href for each in told.entries[0].links if each.rel == "via"] == [facts.url_of(1)]


@pytest.mark.parametrize("entries", ["0x", "", "-1", "1e9", "٣", "99999999999999"])
def test_a_number_that_is_none_is_refused(archive, tmp_path, entries):
    """Before anything is written."""
    with pytest.raises(UsageError, match="--entries"):
        write(archive, "events", chosen=Selection(), target=str(tmp_path / "a"), base="", entries=entries)


def test_a_feed_of_nothing_is_one(tmp_path):
    """An archive without commits gives a feed without entries."""
    assert export(facts.folded(facts.new_log()), tmp_path / "a").feed.updated == "1970-01-01T00:00:00Z"
