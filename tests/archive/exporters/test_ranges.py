"""An export made in several processes is that of one, byte for byte."""

from dataclasses import replace

import pytest

from archive.catalog.selection import Selection
from archive.exporters import jsonl, ranges
from archive.exporters.ranges import BY_ARTICLE
from archive.exporters.views import VIEWS
from tests import facts
from tests.crawler.reread.test_shares import filled
from tests.made import Ticking
from tests.project import Project


@pytest.mark.parametrize("view", BY_ARTICLE)
def test_the_rows_of_all_ranges_are_the_views(view):
    """In its order: no article is in two ranges, none in no range, whatever the numbers are."""
    log = facts.new_log()
    for number in (1, 2, 5, 9, 10, 400):
        facts.write(log, facts.read(number, number))
        facts.write(log, facts.read(number, number + 60, facts.TEXTS[1]))
    archive, chosen = facts.folded(log), Selection()
    wanted = list(VIEWS[view](archive, chosen))
    numbers = [1, 2, 5, 9, 10, 400]
    for size in (1, 2, 6, 9):
        spans = ranges.spans(numbers, size)
        assert [row for span in spans for row in VIEWS[view](archive, replace(chosen, span=span))] == wanted
    assert len(wanted) >= 6


@pytest.mark.row("F-MNY-08")
def test_several_processes_write_what_one_writes(tmp_path, monkeypatch):
    """Packed or not; and other views, formats and increments are refused with 2."""
    archive = filled(tmp_path, Ticking(), 7)
    monkeypatch.setattr(ranges, "_TO_A_RANGE", 2)
    for view, name in (("versions", "a.jsonl.gz"), ("events", "a.jsonl")):
        told = []
        for processes in (1, 2):
            target, chosen = tmp_path / f"{processes}-{name}", Selection()
            if processes == 1:
                rows = jsonl.write(archive, view, chosen=chosen, target=str(target))
            else:
                rows = ranges.write(archive, view, chosen=chosen, target=str(target), processes=2)
            told.append((int(rows), target.read_bytes()))
        assert told[0] == told[1]
        assert told[0][0] >= 7
    archive.close()
    project = Project(tmp_path, "")
    refused = [
        project.run("export", *words, "--processes", "2").returncode
        for words in (("csv",), ("jsonl", "--view", "checks"), ("jsonl", "--since", "1"))
    ]
    found = project.run("export", "jsonl", "--view", "latest", "--source", "own", "--processes", "2")

    assert refused == [2, 2, 2]
    assert found.stdout == project.run("export", "jsonl", "--view", "latest", "--source", "own").stdout != ""
