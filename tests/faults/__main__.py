"""Count the rows of the fault matrix: held by a test, answered otherwise, or neither, which ends with 1.

docs/promises.md is held against the `row` markers in the tests' source; nothing is imported and nothing is run.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "promises.md"
OTHERWISE = "answered otherwise: "
_ROW = re.compile(r"F-[A-Z]{3}-\d\d")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_ASKED = {
    "DIR": range(1, 10),
    "PRC": (*range(1, 7), 9, 13, 15, 16, 18),
    "STO": (*range(1, 9), *range(10, 27)),
    "OUT": range(1, 29),
    "CON": range(1, 23),
    "WRC": range(1, 7),
    "SEC": range(1, 10),
}
ASKED = tuple(f"F-{area}-{number:02}" for area, numbers in _ASKED.items() for number in numbers)
"""The rows that must be held or answered; others may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One line of a table of docs/promises.md."""

    row: str
    area: str
    """The heading of its table."""
    promise: str
    answer: str
    """The last column as it stands: tests, or why our design answers otherwise."""

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that it names, as `path::name`."""
        return tuple(f"{path}::{name}" for path, name in _TEST.findall(self.answer))

    @property
    def otherwise(self) -> bool:
        """Whether our design answers the row in another way than it asks for; a test may hold that, too."""
        return self.answer.startswith(OTHERWISE) and len(self.answer) > len(OTHERWISE)


def promises(page: str) -> list[Promise]:
    """Return the lines of every table, in their order."""
    found, area = [], ""
    for line in page.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if line.startswith("## "):
            area = line[3:].strip()
        elif line.startswith("|") and len(cells) == 3 and _ROW.fullmatch(cells[0]):
            found.append(Promise(row=cells[0], area=area, promise=cells[1], answer=cells[2]))
    return found


def markers(paths: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return test (`path::name`) → rows that it carries, of files given as (path, source)."""
    found: dict[str, set[str]] = {}
    for path, source in paths:
        tree = ast.parse(source)
        constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                marks = [*node.decorator_list, *([constants["pytestmark"]] if "pytestmark" in constants else [])]
                found[f"{path}::{node.name}"] = {row for mark in marks for row in _rows(mark, constants)}
    return found


def _rows(mark: ast.expr, constants: Mapping[str, ast.expr]) -> Iterator[str]:
    """Yield the rows of a decorator; marks of single parameters may stand in a table that it names."""
    for node in ast.walk(mark):
        if isinstance(node, ast.Name) and node.id in constants:
            yield from _rows(constants[node.id], {})
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.row"):
            yield from (argument.value for argument in node.args if isinstance(argument, ast.Constant))


def sources() -> Iterator[tuple[str, str]]:
    """Yield (path from the root, source) of each file of tests."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def faults(promised: Iterable[Promise], carried: Mapping[str, set[str]]) -> list[str]:
    """Return what is wrong, a line each: rows not kept, tests that are not there or don't carry their row."""
    by_row = {promise.row: promise for promise in promised}
    missing = [f"{row}: no line in docs/promises.md" for row in ASKED if row not in by_row]
    return missing + [line for promise in by_row.values() for line in _wrong(promise, carried)]


def _wrong(promise: Promise, carried: Mapping[str, set[str]]) -> Iterator[str]:
    if not promise.tests and not promise.otherwise:
        yield f"{promise.row}: neither held by a test nor answered otherwise"
    for test in promise.tests:
        if test not in carried:
            yield f"{promise.row}: {test} does not exist"
        elif promise.row not in carried[test]:
            yield f'{promise.row}: {test} does not carry @pytest.mark.row("{promise.row}")'


def counts(promised: Iterable[Promise], carried: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield a line for each area, then the total."""
    promised = list(promised)
    kept = {promise.row for promise in promised if not list(_wrong(promise, carried))}
    for name in (*dict.fromkeys(promise.area for promise in promised), "all"):
        rows = [promise for promise in promised if name in (promise.area, "all")]
        held = sum(1 for promise in rows if promise.row in kept and not promise.otherwise)
        otherwise = sum(1 for promise in rows if promise.row in kept and promise.otherwise)
        yield f"{name:<22} {held:3} held by tests, {otherwise:2} answered otherwise, of {len(rows)}"


def main(page: str, files: Iterable[tuple[str, str]]) -> int:
    """Print the count and what is wrong; return the exit code."""
    promised, carried = promises(page), markers(files)
    wrong = faults(promised, carried)
    print(*counts(promised, carried), *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(PAGE.read_text(encoding="utf-8"), sources()))
