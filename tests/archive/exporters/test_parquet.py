"""Parquet: DuckDB reads the rows of each view, in columns that never change, in one file or a file for each month."""

import json
from datetime import UTC, datetime
from unittest import mock

import duckdb
import pyarrow.parquet as pq
import pytest

from archive.catalog.selection import Selection
from archive.catalog.since import Since
from archive.errors import ConfigurationError, StorageError, UsageError
from archive.exporters import parquet
from archive.exporters.folders import NOWHERE
from archive.exporters.manifest import manifest
from archive.exporters.parquet import schema_of, write
from archive.exporters.rowtypes import MORE, ROWS
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical, parse
from archive.facts.record import _digests
from archive.facts.teasers import Teaser
from tests import facts


@pytest.fixture(scope="module")
def archive():
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.read(2, 0, dated=False), facts.read(3, 1, tags=("eau", "pont")))
    facts.write(log, facts.read(1, 60, facts.TEXTS[1]), facts.saw(2, 60, "gone"), facts.saw(2, 600, "gone"))
    facts.write(log, listing(601))
    return facts.folded(log)


def listing(minute):
    """Return a look at a section that showed two articles."""
    also = (Teaser(text="Le pont", spot="b1b2c3d4"),)
    check = facts.Check(
        at=facts.at(minute), url="http://127.0.0.1/une", kind="section", section="une", page=1, outcome="listed",
        listed=("1", "2"), teasers=(Teaser(text="Le bac", spot="a1b2c3d4", also=also), Teaser()),
    )  # fmt: skip
    return facts.Fact(check=check)


def export(archive, view, place, **chosen):
    return write(archive, view, chosen=Selection(**chosen), target=str(place))


def read(place):
    """Return the rows of a file as plain values."""
    duckdb.sql("SET TimeZone = 'UTC'")
    table = duckdb.sql(f"SELECT * FROM read_parquet('{place}')")
    return [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]


def plain(value, like):
    """Return what DuckDB gives as JSON has it, less what is not there."""
    if isinstance(value, str) and isinstance(like, dict):
        return json.loads(value)
    if isinstance(value, datetime):
        assert value.tzinfo is not None
        text = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return text if like is None or "." in like else text.replace(".000000", "")
    if isinstance(value, dict):
        given = like if isinstance(like, dict) else {}
        return {name: plain(each, given.get(name)) for name, each in value.items() if each is not None or name in given}
    if isinstance(value, list | tuple):
        return [
            plain(each, like[at] if isinstance(like, list) and at < len(like) else None)
            for at, each in enumerate(value)
        ]
    return value


@pytest.mark.row("F-TAK-04")
@pytest.mark.parametrize("view", ROWS)
def test_duckdb_reads_each_view(archive, tmp_path, view):
    """Every field of every row, in the view's order: parts as structs, instants as instants; none is left over."""
    count = export(archive, view, tmp_path / "a.parquet")
    rows, found = list(VIEWS[view](archive, Selection())), read(tmp_path / "a.parquet")

    assert count == len(rows) == len(found) > 0
    for row, told in zip(rows, found, strict=True):
        assert told.pop(MORE) is None
        assert plain(told, row) == json.loads(canonical(row))


@pytest.mark.row("F-TAK-04")
@pytest.mark.parametrize("view", ROWS)
def test_the_columns_do_not_depend_on_the_rows(archive, tmp_path, view):
    """A file of no row has the columns of a full one, in the same order; so has one with a field that nobody knows."""
    import pyarrow.parquet as pq

    odd = [row | {"mood": [1]} for row in VIEWS[view](archive, Selection())]
    for name, rows in (("none", []), ("odd", odd)):
        with (tmp_path / name).open("wb") as out:
            parquet.write_rows(view, rows, out)
    export(archive, view, tmp_path / "full")
    schemas = [pq.read_schema(tmp_path / name) for name in ("none", "odd", "full")]

    assert all(schema.equals(schema_of(view)) for schema in schemas)
    assert {row[MORE] for row in read(tmp_path / "odd")} == {'{"mood":[1]}'}


def test_the_same_archive_gives_the_same_bytes(archive, tmp_path):
    """However its rows fall into groups of a file."""
    for name in ("a", "b"):
        export(archive, "latest", tmp_path / name)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_many_rows_are_many_groups(archive, tmp_path, monkeypatch):
    """What is held at a time is bounded; a reader sees one table."""
    import pyarrow.parquet as pq

    monkeypatch.setattr(parquet, "_BATCH", 2)
    monkeypatch.setattr(parquet, "_GROUP_BYTES", 1)
    export(archive, "checks", tmp_path / "a")

    assert pq.ParquetFile(tmp_path / "a").num_row_groups == 4
    assert [row["article_id"] for row in read(tmp_path / "a")] == ["1", "2", "3", "1", "2", "2", None]


def dated(number, minute, day, text=facts.TEXTS[0]):
    """Return a look that read an article published on a day."""
    fact = facts.read(number, minute, text)
    fact.record["published"]["utc"] = f"{day}T08:00:00Z"
    fact.record["digests"] = _digests(fact.record)
    return fact


@pytest.fixture
def growing():
    """Give a log of five articles of three months."""
    log = facts.new_log()
    days = ("2026-03-05", "2026-03-31", "2026-04-01", "2026-10-09", "2026-10-10")
    facts.write(log, *(dated(number, number, day) for number, day in enumerate(days, 1)), listing(20))
    return log


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.row("F-TAK-04")
@pytest.mark.parametrize("view", ROWS)
def test_since_a_commit_only_the_months_touched_are_written(growing, tmp_path, view):
    """What lies in the folder then is byte for byte a whole export; the files of other months are not even renamed."""
    export(facts.folded(growing), view, f"{tmp_path}/grown/")
    before = {path.name: path.stat().st_ino for path in (tmp_path / "grown").iterdir()}
    facts.write(
        growing, dated(2, 60, "2026-03-31", facts.TEXTS[1]), dated(5, 61, "2026-09-01", facts.TEXTS[2]), listing(62)
    )
    archive = facts.folded(growing)
    export(archive, view, f"{tmp_path}/whole/")
    grown = export(archive, view, tmp_path / "grown", since=Since("1"))
    after = {path.name: path.stat().st_ino for path in (tmp_path / "grown").iterdir()}

    assert files(tmp_path / "grown") == files(tmp_path / "whole") != {}
    assert {each.name: each.bytes for each in grown.files} == {n: len(d) for n, d in files(tmp_path / "whole").items()}
    if view in ("latest", "versions"):
        kept = {name for name, node in after.items() if before.get(name) == node}
        assert kept == {f"{view}-2026-04.parquet"}
        assert sorted(after) == [f"{view}-2026-{month}.parquet" for month in ("03", "04", "09", "10")]


def test_a_month_without_rows_has_no_file(growing, tmp_path):
    """Its file of before is taken away, nobody else's is."""
    place = tmp_path / "months"
    place.mkdir()
    for name in ("latest-2019-01.parquet", "changes-2019-01.parquet", "notes.txt"):
        (place / name).write_bytes(b"of before")
    export(facts.folded(growing), "latest", f"{place}/")

    assert sorted(files(place)) == [
        "changes-2019-01.parquet", "latest-2026-03.parquet", "latest-2026-04.parquet", "latest-2026-10.parquet", "notes.txt",
    ]  # fmt: skip


def test_a_folder_is_made_or_counted_only(growing, tmp_path):
    """One that ends in a slash is made; nowhere takes nothing."""
    archive = facts.folded(growing)

    assert export(archive, "latest", f"{tmp_path}/new/") == 5
    assert export(archive, "latest", NOWHERE) == 5
    assert len(files(tmp_path / "new")) == 3


@pytest.mark.row("F-TAK-09")
@pytest.mark.parametrize("view", ["latest", "events"])
def test_a_folder_that_was_brought_up_to_date_tells_of_all_its_rows(growing, tmp_path, view):
    """Rows are counted in each of the files named; a file among them that is none is named."""
    export(facts.folded(growing), view, f"{tmp_path}/")
    facts.write(growing, dated(2, 60, "2026-03-31", facts.TEXTS[1]))
    archive = facts.folded(growing)
    grown = export(archive, view, tmp_path, since=Since("1"))
    told = parse(manifest(archive, "parquet", view, Selection(), grown, {}))

    assert told["counts"]["rows"] == sum(
        pq.read_metadata(tmp_path / each["path"]).num_rows for each in told["resources"]
    )
    assert told["counts"]["rows"] == export(archive, view, f"{tmp_path}/again/")
    if view == "latest":
        assert grown < told["counts"]["rows"]
        (tmp_path / "latest-2026-10.parquet").write_bytes(b"PAR1 torn")
        with pytest.raises(StorageError, match=r"latest-2026-10.parquet is no whole .* without --since"):
            export(archive, view, tmp_path, since=Since("1"))


@pytest.mark.row("F-TAK-09")
def test_what_tells_of_a_folder_goes_before_its_files_change(growing, tmp_path, monkeypatch):
    """Who dies between two of them leaves no manifest of files that were there before; another view's stays."""
    archive = facts.folded(growing)
    export(archive, "latest", f"{tmp_path}/")
    for view in ("latest", "events"):
        (tmp_path / f"{view}.manifest.json").write_bytes(b"{}")
    monkeypatch.setattr("pathlib.Path.replace", mock.Mock(side_effect=OSError(5, "died")))
    facts.write(growing, dated(2, 60, "2026-03-31", facts.TEXTS[1]))
    with pytest.raises(StorageError):
        export(facts.folded(growing), "latest", f"{tmp_path}/")

    assert sorted(path.name for path in tmp_path.glob("*.json")) == ["events.manifest.json"]


@pytest.mark.row("F-TAK-04")
def test_a_failure_shows_no_file(growing, tmp_path, monkeypatch):
    """All files of a folder appear together, in the end."""
    archive = facts.folded(growing)
    real, count = parquet.write_rows, []

    def failing(view, rows, out):
        count.append(view)
        if len(count) == 3:
            raise UsageError("no more")
        return real(view, rows, out)

    monkeypatch.setattr(parquet, "write_rows", failing)
    with pytest.raises(UsageError, match="no more"):
        export(archive, "latest", f"{tmp_path}/new/")
    assert list(tmp_path.iterdir()) == []


def test_a_store_keeps_months_once(growing):
    """A prefix takes the months; since a commit nothing there would be replaced, so that is refused."""
    from archive.stores.opening import open_store

    archive = facts.folded(growing)
    export(archive, "latest", "memory:months-of-test/")

    assert [entry.key for entry in open_store("memory:months-of-test").list()] == [
        "latest-2026-03.parquet", "latest-2026-04.parquet", "latest-2026-10.parquet",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="new prefix"):
        export(archive, "latest", "memory:months-of-test/", since=Since("1"))


def test_without_pyarrow_the_way_to_it_is_told(archive, tmp_path, monkeypatch):
    """An installation of before lacks it: one line, and nothing is written."""
    monkeypatch.setattr(parquet, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match="make install"):
        export(archive, "latest", tmp_path / "a.parquet")
    assert list(tmp_path.iterdir()) == []
