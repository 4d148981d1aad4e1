"""The house: each folder says what it is for, docs/architecture.md shows the way, and no floor fills up."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOUSES = ("archive", "crawler", "pipelines", "settings", "browse")
ROOMS = sorted(
    folder.relative_to(ROOT).as_posix()
    for house in HOUSES
    for folder in (ROOT / house, *(ROOT / house).rglob("*"))
    if folder.is_dir() and any(folder.glob("*.py"))
)
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
SHARED = frozenset({"Command"})
"""Names of more than one class: Scrapy looks for a `Command` in each command's file."""
LAYERS = [
    contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    if contract["type"] == "layers"
]  # fmt: skip


def section(heading):
    """Return what stands under a heading of the page, up to the next one."""
    return PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def paths(text):
    """Return each file and folder of the program that stands in backticks."""
    return re.findall(rf"`((?:{'|'.join(HOUSES)})/[^`\s]*)`", text)


def beside(name, text):
    """Tell whether a file lies in a folder that the text names, or beside a file that it names."""
    return any((ROOT / path / name).is_file() or (ROOT / path).with_name(name).is_file() for path in paths(text))


def arrows(text):
    """Return layers from the top down, each the set of its names."""
    return [{name.strip() for name in layer.split("|")} for layer in text.split("→")]


def classes(*houses):
    """Yield (name, file) of each public class and alias of a type that stands at the top of a module."""
    for path in sorted(file for house in houses for file in (ROOT / house).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            name = node.name if isinstance(node, ast.ClassDef) else alias(node)
            if name and not name.startswith("_"):
                yield name, path.relative_to(ROOT).as_posix()


def alias(node):
    """Return the name that an assignment gives to a type: in capitals and small letters, as classes are."""
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    name = target.id if isinstance(target, ast.Name) else ""
    return name if re.fullmatch(r"[A-Z]\w*[a-z]\w*", name) else ""


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for(room):
    """The docstring of its `__init__.py` has two to five lines, blank ones not counted."""
    said = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))) or ""

    assert 2 <= len([line for line in said.splitlines() if line.strip()]) <= 5


@pytest.mark.parametrize(("house", "most"), [("crawler", 3), ("archive", 4)])
def test_the_top_floor_stays_empty(house, most):
    """What is new goes into a room: few modules stand beside the rooms."""
    found = sorted(path.name for path in (ROOT / house).glob("*.py") if path.name != "__init__.py")

    assert len(found) <= most, found


def test_the_nine_steps_name_what_is_there():
    """Each step of an article's way names the files that do it; one without a folder lies beside one that has it."""
    steps = re.findall(
        r"^(\d)\. (.*?)(?=^\d\. |^\S)", section("What one article goes through"), re.MULTILINE | re.DOTALL
    )

    assert [int(number) for number, _ in steps] == list(range(1, 10))
    assert [number for number, step in steps if not paths(step)] == []
    assert [name for _, step in steps for name in re.findall(r"`([^`/]+\.py)`", step) if not beside(name, step)] == []


def test_every_file_that_the_page_names_is_there():
    """Files end in their ending and are files; folders end in a slash and are folders."""
    named = paths(PAGE)
    missing = [
        name for name in named if not ((ROOT / name).is_dir() if name.endswith("/") else (ROOT / name).is_file())
    ]

    assert len(named) > 20
    assert missing == []


@pytest.mark.parametrize("contract", LAYERS, ids=lambda contract: contract["name"])
def test_the_arrows_are_the_import_rules(contract):
    """The page draws the layers as `make lint` holds them."""
    drawn = re.search(r"```\n(.*?)```", section("Layers"), re.DOTALL)[1].split("\n\n")
    within = dict(part.split(":", 1) for part in re.split(r"\n(?=\w)", drawn[1].strip()))
    house = contract.get("containers", [""])[0]

    assert arrows(within[house] if house else drawn[0]) == [arrows(layer)[0] for layer in contract["layers"]]


def test_every_room_has_a_rule():
    """The layers of a house name all its rooms and the modules of its top floor, and nothing else."""
    for contract in LAYERS:
        for house in contract.get("containers", ()):
            there = {path.stem for path in (ROOT / house).glob("*.py")} - {"__init__"}
            there |= {Path(room).name for room in ROOMS if Path(room).parent.as_posix() == house}

            assert set().union(*(arrows(layer)[0] for layer in contract["layers"])) == there


def test_a_name_is_one_thing():
    """No public class or alias of the program is called as another one is, in whatever room that stands."""
    found = {}
    for name, path in classes("archive", "crawler", "pipelines"):
        found.setdefault(name, []).append(path)

    assert {name: paths for name, paths in found.items() if len(paths) > 1 and name not in SHARED} == {}


@pytest.mark.parametrize("room", ["archive/facts", "pipelines"])
def test_the_glossary_names_each_class(room):
    """What is stored, and what a look becomes on its way there, stands among the terms by its name in the code."""
    told = set(re.findall(r"`(\w+)`", section("Terms")))

    assert {name for name, _ in classes(room)} - told == set()


def test_the_glossary_names_no_class_that_is_gone():
    """Each class in the column of the code is one of the program's."""
    told = set(re.findall(r"`([A-Z]\w*[a-z]\w*)`", section("Terms")))

    assert len(told) > 50
    assert told - {name for name, _ in classes("archive", "crawler", "pipelines")} == set()
