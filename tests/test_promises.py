"""docs/promises.md and the tests say the same: every row of the fault matrix that was asked for is kept."""

import itertools
import re
import tomllib
from dataclasses import replace

import pytest

from tests.faults.__main__ import ASKED, PAGE, Promise, counts, faults, main, markers, promises, sources

TABLE = """# Promises
## The store
| row | promise | test |
|---|---|---|
{}
"""
SOURCE = """
import pytest
CASES = [pytest.param(1, marks=pytest.mark.row("F-STO-03"))]

@pytest.mark.row("F-STO-01")
@pytest.mark.row("F-STO-02")
def test_two_rows():
    pass

@pytest.mark.parametrize("case", CASES)
def test_by_case(case):
    pass

def test_none():
    pass
"""


@pytest.fixture(scope="module")
def promised():
    return promises(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def carried():
    return markers(sources())


def numbers(line):
    """Return the numbers of a line of the count: held, answered otherwise, all."""
    return [int(number) for number in re.findall(r"\d+", line)]


def test_every_row_is_kept(promised, carried):
    """Each row that was asked for is held by a test that exists and carries it, or is answered otherwise."""
    assert faults(promised, carried) == []


def test_every_marker_is_promised(promised, carried):
    """No test carries a row that the page does not have."""
    rows = {promise.row for promise in promised}

    assert {test: held - rows for test, held in carried.items() if held - rows} == {}


def test_tables_are_in_order(promised):
    """Each row stands once, sorted in its table, with a sentence; a table is one area's."""
    tables = {
        area: [promise.row for promise in rows] for area, rows in itertools.groupby(promised, lambda each: each.area)
    }

    assert [area for area, rows in tables.items() if rows != sorted(set(rows))] == []
    assert len({promise.row for promise in promised}) == len(promised)
    assert [promise.row for promise in promised if not promise.promise.endswith(".")] == []


def test_the_rows_asked_for_are_counted():
    """There are 110 of them, the matrix's missing ninth row of the store not among them."""
    assert len(ASKED) == len(set(ASKED)) == 110
    assert "F-STO-09" not in ASKED


def test_markers_are_found_wherever_they_stand():
    """On the function, twice, and on a parameter in a table."""
    assert markers([("tests/test_a.py", SOURCE)]) == {
        "tests/test_a.py::test_two_rows": {"F-STO-01", "F-STO-02"},
        "tests/test_a.py::test_by_case": {"F-STO-03"},
        "tests/test_a.py::test_none": set(),
    }


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("| F-STO-01 | Kept. | `tests/test_a.py::test_two_rows` |", None),
        ("| F-STO-01 | Kept. | `tests/test_a.py::test_two_rows`, `tests/test_a.py::test_gone` |", "does not exist"),
        ("| F-STO-01 | Kept. | `tests/test_a.py::test_none` |", "does not carry"),
        ("| F-STO-01 | Kept. | |", "neither held"),
        ("| F-STO-01 | Kept. | answered otherwise: |", "neither held"),
        ("| F-STO-01 | Kept. | answered otherwise: it needs no test |", None),
        ("", "no line"),
    ],
    ids=["held", "no such test", "other test", "empty", "no reason", "answered", "missing"],
)
def test_what_is_not_kept_is_told(line, says, capsys):
    """A line for the row, and exit code 1; a row that is kept has none."""
    code = main(TABLE.format(line), [("tests/test_a.py", SOURCE)])
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("F-STO-01: ")]

    assert code == 1  # all the other rows are missing
    assert len(told) == (0 if says is None else 1)
    assert says is None or says in told[0]


def test_all_kept_ends_with_0(capsys):
    """The last line is the total."""
    lines = "\n".join(f"| {row} | Kept. | answered otherwise: so |" for row in ASKED)

    assert main(TABLE.format(lines), []) == 0
    assert numbers(capsys.readouterr().out.splitlines()[-1]) == [0, 110, 110]


def test_a_row_is_counted_once():
    """One that is answered otherwise is no row held, though a test stands beside the words; a test that is none counts not."""
    both = Promise(
        row="F-STO-01", area="The store", promise="x.", answer="answered otherwise: so, `tests/a.py::test_b`"
    )
    held = replace(both, answer="`tests/a.py::test_b`")
    carried = {"tests/a.py::test_b": {"F-STO-01"}}

    assert [numbers(line) for line in counts([both], carried)] == [[0, 1, 1]] * 2
    assert [numbers(line) for line in counts([held], carried)] == [[1, 0, 1]] * 2
    assert [numbers(line) for line in counts([held], {})] == [[0, 0, 1]] * 2


def test_ci_runs_every_test():
    """`make test` and `make test-faults` part the tests between them, all but those of a store that is started by hand.

    And but those of programs that have an environment of their own.
    """
    root = PAGE.parents[1]
    steps = (root / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    recipes = re.findall(r"^(\S+):.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    made = {name: re.findall(r'-m pytest\b[^&\n]*?(?:-m "([^"]+)")?(?= &&|\n)', recipe) for name, recipe in recipes}
    options = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]

    assert steps[-2:] == ["make check", "make test-faults"]
    assert re.search(r"^check: lint test ", makefile, re.MULTILINE)
    assert made["test"] == [""]
    assert options["addopts"][-2:] == ["-m", "not stores and not slow and not formats"]
    assert made["test-faults"] == ["slow and not stores"]
