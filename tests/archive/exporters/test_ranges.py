"""An export made in several processes is that of one, byte for byte."""

from dataclasses import replace

import pytest

from archive.catalog.selection import Selection
from archive.exporters import csvfile, jsonl, ranges
from archive.exporters.ranges import BY_ARTICLE, Ranges
from archive.exporters.views import VIEWS
from archive.parallel.journal import journal
from tests import facts
from tests.crawler.reread.test_shares import filled
from tests.made import START, Ticking
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
@pytest.mark.parametrize(
    ("made", "view", "name", "more"),
    [
        (jsonl, "versions", "a.jsonl.gz", {}), (jsonl, "events", "a.jsonl", {}),
        (csvfile, "latest", "a.csv", {"bom": "yes"}), (csvfile, "records", "a.csv.zst", {"bom": "no"}),
    ],
    ids=["gzip", "jsonl", "csv", "zstd"],
)  # fmt: skip
def test_several_processes_write_what_one_writes(tmp_path, monkeypatch, made, view, name, more):
    """Packed or not."""
    archive = filled(tmp_path, Ticking(), 7)
    monkeypatch.setattr(ranges, "_TO_A_RANGE", 2)
    lines, told = made.FORMAT.lines, []
    with journal(tmp_path / "catalog.sqlite", "export", b"", START) as kept:
        for write in (made.write, Ranges(processes=2, lines=lines, journal=kept, judging=dict).write):
            target = tmp_path / name
            rows = write(archive, view, chosen=Selection(), target=str(target), **more)
            told.append((int(rows), target.read_bytes()))
    archive.close()

    assert told[0] == told[1]
    assert told[0][0] >= 7


def test_what_is_not_made_by_several(tmp_path):
    """Other views, formats and increments are refused with 2; own captures alone are made as by one."""
    filled(tmp_path, Ticking(), 3).close()
    project = Project(tmp_path, "")
    refused = [
        project.run("export", *words, "--processes", "2").returncode
        for words in (("atom",), ("parquet",), ("csv", "--view", "checks"), ("jsonl", "--since", "1"))
    ]
    found = project.run("export", "jsonl", "--view", "latest", "--source", "own", "--processes", "2")

    assert refused == [2, 2, 2, 2]
    assert found.stdout == project.run("export", "jsonl", "--view", "latest", "--source", "own").stdout != ""
