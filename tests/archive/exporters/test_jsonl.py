"""JSON lines: the rows of a view, canonical, one a line."""

import gzip

import pytest

from archive.catalog.selection import Selection
from archive.catalog.since import Since
from archive.exporters.formats import FORMATS
from archive.exporters.jsonl import write
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical
from tests import facts


@pytest.fixture(scope="module")
def archive():
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.read(2, 0))
    facts.write(log, facts.read(1, 60, facts.TEXTS[1]))
    return facts.folded(log)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("since", [None, "1"])
def test_each_view_is_written_a_row_a_line(archive, tmp_path, view, since):
    """The lines are the view's rows in canonical form, in its order; the count is theirs."""
    wanted = [canonical(row) + b"\n" for row in VIEWS[view](archive, Selection(since=Since(since)))]
    count = write(archive, view, chosen=Selection(since=Since(since)), target=str(tmp_path / "a.jsonl"))

    assert (count, (tmp_path / "a.jsonl").read_bytes()) == (len(wanted), b"".join(wanted))


def test_a_file_that_ends_in_gz_is_packed(archive, tmp_path):
    """It holds the same lines as the plain one."""
    for name in ("a.jsonl", "a.jsonl.gz"):
        write(archive, "latest", chosen=Selection(), target=str(tmp_path / name))

    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == (tmp_path / "a.jsonl").read_bytes() != b""


def test_the_format_is_in_the_table():
    """`scrapy export` finds it by its name; it has every view, and no option of its own."""
    found = FORMATS["jsonl"]

    assert (found.write, found.views, found.options, found.grows) == (write, tuple(VIEWS), (), "either")
