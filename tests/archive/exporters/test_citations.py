"""Citations: reference managers read every list, whatever stands in a headline."""

import json

import bibtexparser
import pytest
import rispy

from archive.catalog.selection import Selection
from archive.errors import UsageError
from archive.exporters.formats import FORMATS
from archive.exporters.views import VIEWS
from tests import facts

HEADLINES = (
    "Un bac de 2 200 passagers", "A } @comment{ \\input{x} % 100 % & # $ ~ ^ _", 'T1  - x\r\nER  - "fin"', "Une \u202eligne \u2028 de trop",
)  # fmt: skip


@pytest.fixture(scope="module")
def archive():
    log = facts.new_log()
    facts.write(log, *(facts.read(n, n, headline=text) for n, text in enumerate(HEADLINES, 1)))
    facts.write(log, facts.read(1, 60, facts.TEXTS[1], headline=HEADLINES[0]))
    facts.write(log, facts.read(9, 61, headline="Sans date", dated=False))
    return facts.folded(log)


def export(archive, name, place, view="latest", base=""):
    FORMATS[name].write(archive, view, chosen=Selection(), target=str(place), base=base)
    return place.read_text(encoding="utf-8")


def keys(archive, view):
    return [
        f"{r['article_id']}@{r['captured_at']}-{r['digests']['version'][7:15]}"
        for r in VIEWS[view](archive, Selection())
    ]


@pytest.mark.row("F-TAK-05")
@pytest.mark.parametrize("view", ["latest", "versions"])
def test_bibtexparser_reads_each_entry(archive, tmp_path, view):
    """Titles, addresses, both dates, the key with the digest; no entry breaks another, no two have one name."""
    library = bibtexparser.parse_string(export(archive, "bibtex", tmp_path / "a.bib", view))
    fields = [entry.fields_dict for entry in library.entries]

    assert library.failed_blocks == []
    assert len({entry.key for entry in library.entries}) == len(fields) == len(keys(archive, view))
    assert [each["note"].value.removeprefix("Archived version ") for each in fields] == keys(archive, view)
    assert fields[0]["title"].value == "{Un bac de 2 200 passagers}"
    assert (fields[0]["url"].value, fields[0]["date"].value, fields[0]["urldate"].value) == (
        facts.url_of(1), "2026-11-24", "2026-11-24",
    )  # fmt: skip
    assert "date" not in fields[-1]


@pytest.mark.row("F-TAK-05")
def test_rispy_reads_each_entry(archive, tmp_path):
    """A headline ends no line and no entry."""
    found = rispy.loads(export(archive, "ris", tmp_path / "a.ris", "versions"))

    assert [each["note"] for each in found] == keys(archive, "versions")
    assert {each["type_of_reference"] for each in found} == {"NEWS"}
    assert found[0]["title"] == HEADLINES[0]


@pytest.mark.row("F-TAK-05")
def test_csl_has_what_its_schema_asks_for(archive, tmp_path):
    """A list of items, each with `id` and `type` of CSL's own, dates as parts, names of what the schema knows."""
    known = {
        "id", "type", "title", "container-title", "publisher", "URL", "archive", "archive_location", "language", "accessed",
        "issued", "author",
    }  # fmt: skip
    items = json.loads(export(archive, "csl", tmp_path / "a.json", "versions"))

    assert [item["id"] for item in items] == keys(archive, "versions")
    assert {item["type"] for item in items} == {"article-newspaper"}
    assert set().union(*items) <= known
    assert items[0]["issued"] == items[0]["accessed"] == {"date-parts": [[2026, 11, 24]]}
    assert json.loads(export(facts.folded(facts.new_log()), "csl", tmp_path / "b.json")) == []


def test_links_lead_to_the_archives_pages(archive, tmp_path):
    """Where their address is given; one that is none is refused before anything is written."""
    csl = json.loads(export(archive, "csl", tmp_path / "a.json", base="https://archive.test/fr/"))
    ris = export(archive, "ris", tmp_path / "a.ris", base="https://archive.test")

    assert csl[1]["archive"] == f"https://archive.test/fr/cite/{csl[1]['id']}"
    assert f"L2  - https://archive.test/cite/{csl[1]['id']}" in ris
    with pytest.raises(UsageError, match="--base"):
        export(archive, "bibtex", tmp_path / "b.bib", base="javascript:alert(1)")
    assert not (tmp_path / "b.bib").exists()
