"""What `scrapy browse` is given to read: archives, exported files and folders of them, on disk and in a bucket."""

import gzip
import json

import pytest

from archive.errors import ConfigurationError, NoArchive, UsageError
from archive.exported import lines
from archive.exporters import manifest
from archive.facts.canonical import canonical
from archive.log.chain import Log
from archive.stores.opening import open_store
from crawler.cli.reading import opened
from tests import facts
from tests.browsing import story

pytest_plugins = ["tests.servers"]


@pytest.fixture(scope="module")
def exports():
    log = facts.new_log()
    story(log)
    return {view: b"".join(row + b"\n" for row in rows) for view, rows in facts.exports(facts.folded(log)).items()}


@pytest.fixture
def bucket(moto, use_endpoint):
    """Return the name of a bucket, and what puts an object there."""
    use_endpoint(moto.endpoint)
    name = moto.bucket()
    return name, lambda key, data: moto.client.put_object(Bucket=name, Key=key, Body=data)


def held(folder, *sources):
    """Return (names of the files, articles, versions) of what sources are opened as."""
    folder.mkdir(exist_ok=True)
    archive, alone, _ = opened(list(map(str, sources)), folder, "presstv-fr", None)
    with archive.catalog.db as db:
        counts = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("articles", "versions")]
    archive.close()
    return alone and alone.names, *counts


def told(view="latest", seq=4, size=None, **more):
    """Return a manifest."""
    value = {
        "schema": manifest.SCHEMA, "edition": "presstv-fr", "archive": "a", "head": {"seq": seq, "digest": f"d{seq}"},
        "selection": {}, "view": view, "resources": [{"bytes": size}] if size is not None else [], **more,
    }  # fmt: skip
    return canonical(value) + b"\n"


@pytest.mark.row("F-PAG-15")
def test_exports_in_a_bucket_are_read(bucket, exports, tmp_path, monkeypatch):
    """One object or several, packed or not, under keys of any letters, in parts; a manifest beside them is read, too."""
    name, put = bucket
    monkeypatch.setattr(lines, "_PART", 1000)
    for folder in ("exports", "Été 2026"):
        put(f"{folder}/latest.jsonl.gz", gzip.compress(exports["latest"]))
    put("exports/checks.jsonl", exports["checks"])
    put("exports/checks.jsonl.manifest.json", told("checks", size=len(exports["checks"]), selection={"ids": ["1"]}))
    place = f"s3://{name}/exports"

    assert held(tmp_path / "a", f"s3://{name}/Été 2026/latest.jsonl.gz") == (("latest.jsonl.gz",), 4, 4)
    assert held(tmp_path / "b", f"{place}/latest.jsonl.gz", f"{place}/checks.jsonl")[1:] == (5, 4)
    for number, folder in enumerate((place, f"{place}/")):
        assert held(tmp_path / str(number), folder) == (("checks.jsonl", "latest.jsonl.gz"), 5, 4)
    (tmp_path / "c").mkdir()
    archive, alone, _ = opened([f"{place}/checks.jsonl"], tmp_path / "c", "presstv-fr", None)
    archive.close()
    assert (alone.parts, alone.head) == (True, (4, "d4"))


def test_an_archive_in_a_bucket_is_no_export(bucket, tmp_path):
    """A prefix with archive.json is read as the archive that it is."""
    name, _ = bucket
    log = Log(open_store(f"s3://{name}/a"))
    log.create(edition="presstv-fr", version="1")
    facts.write(log, facts.read(101, 0), crawl="c1")

    assert held(tmp_path, f"s3://{name}/a") == (None, 1, 1)


@pytest.mark.row("F-PAG-15")
def test_what_is_not_in_a_bucket_is_said(bucket, exports, tmp_path):
    """No object: a usage error; no archive and no exports; no bucket; a cut object: file and line."""
    name, put = bucket
    put("cut.jsonl.gz", gzip.compress(exports["latest"])[:-20])
    for number, (source, error, said) in enumerate(
        [
            (f"s3://{name}/none.jsonl", UsageError, r"none\.jsonl"),
            (f"s3://{name}/nothing", NoArchive, "no archive"),
            ("s3://no-such-bucket-here/x.jsonl", UsageError, "no-such-bucket-here"),
            (f"s3://{name}/cut.jsonl.gz", ConfigurationError, r"cut\.jsonl\.gz is cut or damaged behind line \d"),
        ]
    ):
        with pytest.raises(error, match=said):
            held(tmp_path / str(number), source)


@pytest.mark.row("F-PAG-15")
def test_a_file_that_is_cut_between_two_lines_is_told_by_its_manifest(tmp_path, exports):
    """Nothing in the file itself says so; with the manifest away it is read as it stands."""
    path = tmp_path / "latest.jsonl"
    path.write_bytes(exports["latest"][: exports["latest"].index(b"\n") + 1])
    beside = tmp_path / "latest.jsonl.manifest.json"
    beside.write_bytes(told(size=len(exports["latest"])))

    with pytest.raises(ConfigurationError, match=r"latest\.jsonl has \d+ bytes, and its manifest says \d+: it is cut"):
        held(tmp_path / "a", path)
    beside.unlink()
    assert held(tmp_path / "b", path) == (("latest.jsonl",), 1, 1)


@pytest.mark.parametrize(
    "more", [{"head": None}, {"head": {"seq": "x", "digest": 1}}, {"resources": 5}, {"selection": []}]
)
def test_a_manifest_of_nonsense_is_named(tmp_path, exports, more):
    """File and line, whatever is odd in it."""
    (tmp_path / "latest.jsonl").write_bytes(exports["latest"])
    (tmp_path / "latest.jsonl.manifest.json").write_bytes(told(**more))

    with pytest.raises(ConfigurationError, match=r"manifest\.json, line 1: it is no manifest"):
        held(tmp_path / "a", tmp_path / "latest.jsonl")


def test_files_of_several_days_are_of_no_one_commit(tmp_path, exports):
    """Manifests that name different heads make none; those of two archives are refused."""
    for view, seq in (("latest", 4), ("checks", 3)):
        (tmp_path / f"{view}.jsonl").write_bytes(exports[view])
        (tmp_path / f"{view}.jsonl.manifest.json").write_bytes(told(view, seq))
    (tmp_path / "a").mkdir()
    archive, alone, _ = opened(
        [f"{tmp_path}/latest.jsonl", f"{tmp_path}/checks.jsonl"], tmp_path / "a", "presstv-fr", None
    )
    archive.close()
    assert alone.head is None
    (tmp_path / "checks.jsonl.manifest.json").write_bytes(told("checks", archive="another"))

    with pytest.raises(ConfigurationError, match="of another archive"):
        held(tmp_path / "b", tmp_path / "latest.jsonl", tmp_path / "checks.jsonl")
    assert json.loads(told())["archive"] == "a"
