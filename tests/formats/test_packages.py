"""Data Packages and Croissant: frictionless and mlcroissant find nothing wrong, and read the rows that were written."""

import json

import pytest

from archive.catalog.selection import Selection
from archive.exporters import corpus, csvfile, jsonl
from archive.exporters.manifest import manifest
from archive.exporters.views import VIEWS
from tests import apart, facts
from tests.archive.exporters.test_parquet import dated
from tests.browsing import story

pytestmark = [pytest.mark.formats, apart.needed]

WRONG = """
import json, sys
from frictionless import validate
found = {path: validate(path, type="package") for path in sys.argv[1:]}
wrong = {path: [(each.place, each.flatten(["rowNumber", "fieldName", "message"])) for each in report.tasks if not each.valid]
         for path, report in found.items()}
print(json.dumps({path: each or found[path].errors for path, each in wrong.items()}, default=str))
"""
ROWS = """
import json, sys
from frictionless import Package
tables = [each for each in Package(sys.argv[1]).resources if each.tabular]
print(json.dumps({each.path: [row.to_dict(json=True) for row in each.read_rows()] for each in tables}))
"""
CROISSANT = """
import json, logging, sys
import mlcroissant
said = []
keeping = logging.Handler()
keeping.emit = lambda record: said.append(record.getMessage())
logging.getLogger("absl").handlers[:] = [keeping]
data = mlcroissant.Dataset(sys.argv[1])
told = lambda value: value.decode() if isinstance(value, bytes) else [told(each) for each in value] if isinstance(value, list) else value
rows = [{name.partition("/")[2]: told(value) for name, value in row.items()} for row in data.records("documents")]
print(json.dumps({"said": said + [str(each) for each in data.metadata.ctx.issues.warnings], "rows": rows}, default=str))
"""
ODD = ['=HYPERLINK("http://evil.test")', "**** *id_999\n* une liste", '\u202e\u200fдан, "cité"\n\n;\t\'', "m " * 70_000]


@pytest.fixture(scope="module")
def told():
    """Return an archive with versions, changes, looks, an article without a date, and texts that tables break on."""
    log = facts.new_log()
    story(log)
    odd = (dated(200 + n, 1440 * n, f"2026-11-{20 + n}", text) for n, text in enumerate(ODD))
    facts.write(log, facts.read(9, 1440, "Sans date.", dated=False), *odd)
    return facts.folded(log)


@pytest.fixture(scope="module")
def made(told, tmp_path_factory):
    """Return a corpus of it, and its documents."""
    place = tmp_path_factory.mktemp("corpus") / "corpus"
    corpus.write(told, "versions", chosen=Selection(), target=str(place), asof="last")
    return place, [json.loads(line) for line in (place / "documents.jsonl").read_bytes().splitlines()]


@pytest.mark.row("F-TAK-15")
def test_frictionless_reads_a_corpus(made):
    """Its tables have the columns, types and key that it says, and its files their bytes and digests."""
    place, documents = made
    path = str(place / "datapackage.json")
    assert apart.asked(WRONG, path) == {path: []}
    found = apart.asked(ROWS, path)

    assert found["documents.jsonl"][0].keys() == documents[0].keys()
    for name in ("documents.jsonl", "documents.csv"):
        assert [row["doc_id"] for row in found[name]] == [each["doc_id"] for each in documents]
    assert [row["text"] for row in found["documents.jsonl"]] == [each["text"] or None for each in documents]


@pytest.mark.row("F-TAK-15")
def test_frictionless_reads_what_is_empty(tmp_path):
    """A corpus of no document, and an export of no row, are whole."""
    empty, place = facts.folded(facts.new_log()), tmp_path / "a.jsonl.gz"
    corpus.write(empty, "versions", chosen=Selection(), target=str(tmp_path / "corpus"), asof="last")
    written = jsonl.write(empty, "latest", chosen=Selection(), target=str(place))
    beside = place.with_name("a.jsonl.gz.manifest.json")
    beside.write_bytes(manifest(empty, "jsonl", "latest", Selection(), written, {"name": "tests"}))
    names = [str(tmp_path / "corpus" / "datapackage.json"), str(beside)]

    assert apart.asked(WRONG, *names) == {name: [] for name in names}


@pytest.mark.row("F-TAK-15")
def test_mlcroissant_reads_a_corpus(made):
    """It loads each document with its fields, and warns of nothing."""
    place, documents = made
    found = apart.asked(CROISSANT, place / "croissant.json")

    assert found["said"] == []
    assert [(row["doc_id"], row["text"], row["sections"], row["later"]) for row in found["rows"]] == [
        (each["doc_id"], each["text"], each["sections"], each["later"]) for each in documents
    ]


@pytest.mark.row("F-TAK-15")
def test_frictionless_reads_every_manifest(told, tmp_path):
    """What lies beside an export, JSON lines or CSV of any view, is a Data Package of that file."""
    names = []
    for view in VIEWS:
        for form, options in ((jsonl, {}), (csvfile, {"bom": "no"})):
            place = tmp_path / f"{view}.{form.FORMAT.name}"
            written = form.write(told, view, chosen=Selection(), target=str(place), **options)
            names.append(place.with_name(f"{place.name}.manifest.json"))
            names[-1].write_bytes(manifest(told, form.FORMAT.name, view, Selection(), written, {"name": "tests"}))
    found = apart.asked(WRONG, *names)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert len(found) == 2 * len(VIEWS)
