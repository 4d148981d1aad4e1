"""Corpora: the forms that programs for text analysis read; no split is told what came later."""

import csv
import hashlib
import json
import re

import pytest

from archive.catalog.selection import Selection
from archive.errors import UsageError
from archive.exporters.corpus import write
from archive.exporters.folders import NOWHERE
from tests import facts
from tests.archive.exporters.test_parquet import dated

LONG = " ".join(f"mot{n}" for n in range(60))
STARS = "**** *id_999 *date_faux\n* une liste\r**** *id_998\u2028-*thème\x85**** *id_997"


@pytest.fixture(scope="module")
def archive():
    log = facts.new_log()
    texts = {3: LONG, 7: LONG + " encore", 8: STARS, 9: '=HYPERLINK("http://evil.test")'}
    # Each is captured on the day after it was published, but the first, which was found late.
    facts.write(
        log,
        *(
            dated(n, 1440 * n, f"2026-11-{23 + n:02}" if n < 7 else f"2026-12-0{n - 6}", texts.get(n, f"Texte {n}."))
            for n in range(1, 11)
        ),
    )
    facts.write(log, dated(1, 1440 * 20, "2026-11-24", "Texte 1, changé bien plus tard."))
    facts.write(log, dated(10, 1440 * 21, "2026-12-04", "Texte 10, changé."))
    return facts.folded(log)


def export(archive, place, asof="last", **chosen):
    """Return the documents by number, and how many were told."""
    count = write(archive, "versions", chosen=Selection(**chosen), target=str(place), asof=asof)
    found = [json.loads(line) for line in (place / "documents.jsonl").read_bytes().splitlines()]
    assert len(found) == count
    return {each["doc_id"]: each for each in found}


@pytest.mark.row("F-TAK-11")
def test_no_split_is_told_what_came_later(archive, tmp_path):
    """By publication, four fifths to train; a text of a version captured behind its split's end gives way to an earlier."""
    found = export(archive, tmp_path / "c")
    splits = {number: each["split"] for number, each in found.items()}
    first = {
        split: min(each["date"] for each in found.values() if each["split"] == split)
        for split in ("validation", "test")
    }

    assert splits == {**{str(n): "train" for n in range(1, 9)}, "9": "validation", "10": "test"}
    assert all(each["date"] < first["validation"] for each in found.values() if each["split"] == "train")
    assert found["1"]["text"].endswith("Texte 1.")
    assert found["10"]["text"].endswith("Texte 10, changé.")
    assert all(
        each["captured_at"] <= first["validation"] or each["later"]
        for each in found.values()
        if each["split"] == "train"
    )


@pytest.mark.parametrize(
    ("asof", "texts"),
    [
        ("first", ["Texte 1.", "Texte 10."]),
        ("2026-12-01", ["Texte 1.", None]),
        ("last", ["Texte 1.", "Texte 10, changé."]),
    ],
)
def test_the_rule_says_which_version(archive, tmp_path, asof, texts):
    """The first, the last, or the one in force then; an article that had none by then is left out."""
    found = export(archive, tmp_path / "c", asof)

    assert [found[n]["text"].split("\n")[-1] if n in found else None for n in ("1", "10")] == texts
    assert ("10" in found) == (texts[1] is not None)


def test_near_duplicates_are_marked(archive, tmp_path):
    """Not left out: the later one names the earlier."""
    near = {
        number: each["near_duplicate_of"]
        for number, each in export(archive, tmp_path / "c").items()
        if each["near_duplicate_of"]
    }

    assert near == {"7": "3"}


@pytest.mark.row("F-TAK-11")
def test_the_forms(archive, tmp_path):
    """TIF, TXM and IRaMuTeQ have each document once, under the same name, with the same text."""
    found, place = export(archive, tmp_path / "c"), tmp_path / "c"
    with (place / "documents.csv").open(encoding="utf-8", newline="") as lines:
        tif = list(csv.reader(lines, strict=True))
    with (place / "txm/metadata.csv").open(encoding="utf-8", newline="") as lines:
        txm = list(csv.reader(lines, strict=True))
    stars = re.findall(r"^\*\*\*\* (.*)$", (place / "iramuteq.txt").read_text(encoding="utf-8"), re.MULTILINE)

    lines = (place / "iramuteq.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.lstrip("-").startswith("*")] == [f"**** {each}" for each in stars]
    assert (tif[0][:2], txm[0][0]) == (["doc_id", "text"], "id")
    assert [row[0] for row in tif[1:]] == [row[0] for row in txm[1:]] == list(found)
    assert {path.stem for path in (place / "txm").glob("*.txt")} == set(found)
    assert (place / "txm/8.txt").read_bytes().decode() == found["8"]["text"] + "\n"
    assert [
        re.match(r"\*id_(\d+) \*date_[\d-]+ \*month_[\d-]+ \*state_live \*split_\w+$", each)[1] for each in stars
    ] == list(found)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in (*tif, *txm) for cell in row)


def test_what_it_says_of_itself(archive, tmp_path):
    """The table of fields adds up, each file named is there, and the datasheet tells counts, head and rule."""
    found, place = export(archive, tmp_path / "c", "first"), tmp_path / "c"
    with (place / "fields.csv").open(encoding="utf-8", newline="") as lines:
        fields = list(csv.DictReader(lines))
    sheet = (place / "datasheet.md").read_text(encoding="utf-8")
    package, croissant = (json.loads((place / name).read_bytes()) for name in ("datapackage.json", "croissant.json"))

    assert all(int(row["present"]) + int(row["missing"]) == len(found) for row in fields)
    assert {row["field"] for row in fields} == set(found["1"])
    assert {each["path"]: each["hash"] for each in package["resources"]} == {
        each["contentUrl"]: f"sha256:{each['sha256']}" for each in croissant["distribution"]
    }
    assert all(
        hashlib.sha256((place / each["path"]).read_bytes()).hexdigest() == each["hash"].partition(":")[2]
        for each in package["resources"]
    )
    assert {each["path"]: each["schema"]["primaryKey"] for each in package["resources"] if "schema" in each} == {
        "documents.jsonl": ["doc_id"], "documents.csv": ["doc_id"], "txm/metadata.csv": ["id"], "fields.csv": ["field"],
    }  # fmt: skip
    assert (f"{len(found)} documents" in sheet, ": first." in sheet, archive.catalog.head().digest in sheet) == (
        True,
        True,
        True,
    )


@pytest.mark.row("F-TAK-11")
def test_the_same_head_is_the_same_corpus(archive, tmp_path):
    """Byte for byte, and below a prefix, too; nowhere takes nothing; a rule that is none is refused."""
    for name in ("a", "b"):
        export(archive, tmp_path / name)
    write(archive, "versions", chosen=Selection(), target="memory:corpus-of-test/", asof="last")

    assert {p.name: p.read_bytes() for p in (tmp_path / "a").rglob("*.*")} == {
        p.name: p.read_bytes() for p in (tmp_path / "b").rglob("*.*")
    }
    assert write(archive, "versions", chosen=Selection(), target=NOWHERE, asof="last") == 10
    with pytest.raises(UsageError, match="--asof 'soon'"):
        write(archive, "versions", chosen=Selection(), target=str(tmp_path / "c"), asof="soon")


def test_a_corpus_of_nothing(tmp_path):
    """An archive without commits gives files without documents."""
    assert export(facts.folded(facts.new_log()), tmp_path / "c") == {}
