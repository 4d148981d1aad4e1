"""Shares of an export: joined they are the file of one process, byte for byte; what does not belong together is refused."""

import json
import shutil
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.exporters.ranges import LAST, share_of
from archive.facts.canonical import canonical
from tests.cluster import scheduler  # noqa: F401 - a fixture
from tests.crawler.commands.test_replay import misread, store
from tests.crawler.reread.test_shares import filled
from tests.made import START, Ticking, archive_at, capture, demo_articles
from tests.project import Project


@given(st.sets(st.integers(1, 10**9), max_size=30).map(sorted), st.integers(1, 40))
def test_the_ranges_of_all_shares_adjoin(numbers, of):
    """None is left out or in two, and articles are shared out evenly, however few there are."""
    spans = [share_of(numbers, number, of) for number in range(1, of + 1)]
    counts = [sum(first <= number <= last for number in numbers) for first, last in spans]

    assert (spans[0][0], spans[-1][1]) == (0, LAST)
    assert all(one[1] + 1 == other[0] for one, other in pairwise(spans))
    assert sum(counts) == len(numbers)
    assert max(counts) - min(counts) <= 1


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Give a project of seven articles, its exports by one process and by three shares."""
    folder = tmp_path_factory.mktemp("parts")
    filled(folder, Ticking(), 7).close()
    return Project(folder, "")


def share(project, folder, number, of=3, name="{}.jsonl.gz", words=("jsonl", "--view", "versions")):
    """Write a share, and return its path."""
    path = folder / name.format(number)
    done = project.run("export", *words, "--share", f"{number}/{of}", "-o", path)
    assert done.returncode == 0, done.stderr
    return path


@pytest.mark.row("F-MNY-14")
@pytest.mark.parametrize(
    ("words", "ending"),
    [(("jsonl", "--view", "versions"), "jsonl.gz"), (("csv", "--view", "latest", "--bom", "yes"), "csv")],
    ids=["jsonl", "csv"],
)
def test_shares_joined_are_the_export_of_one_process(project, tmp_path, words, ending):
    """Rows and manifest, in whatever order they are given."""
    own = words[:1] + words[3:]
    parts = [share(project, tmp_path, number, of=4, name=f"{{}}.{ending}", words=words) for number in range(1, 5)]
    (tmp_path / "one").mkdir()
    project.run("export", *words, "-o", tmp_path / "one" / f"all.{ending}")
    done = project.run("export", *own, "--join", *parts[::-1], "-o", tmp_path / f"all.{ending}")

    assert (done.returncode, done.stderr.split(" from ")[0][2:]) == (0, f"rows of {words[2]}")
    for name in (f"all.{ending}", f"all.{ending}.manifest.json"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "one" / name).read_bytes()


@pytest.mark.row("F-MNY-14")
def test_what_does_not_belong_together_is_not_joined(project, tmp_path):
    """A share that is missing, given twice, torn, without its manifest, of other options or of another number of shares."""
    one, two, three = (share(project, tmp_path, number) for number in (1, 2, 3))
    other = share(project, tmp_path, 3, name="latest.jsonl.gz", words=("jsonl", "--view", "latest"))
    fourth = share(project, tmp_path, 4, of=4, name="of-{}.jsonl.gz")
    torn, bare = tmp_path / "torn.jsonl.gz", tmp_path / "bare.jsonl.gz"
    for copy in (torn, bare):
        shutil.copy(three, copy)
    shutil.copy(f"{three}.manifest.json", f"{torn}.manifest.json")
    torn.write_bytes(torn.read_bytes()[:-1])
    project.run("export", "jsonl", "-o", tmp_path / "whole.jsonl")
    told = {
        "missing: 2/3": (one, three), "share 1/3 is given twice": (one, two, three, one),
        "torn.jsonl.gz is not what its manifest tells of": (one, two, torn),
        "bare.jsonl.gz.manifest.json is missing": (one, two, bare),
        "name is presstv-fr-latest in the one, presstv-fr-versions in the other": (one, two, other),
        "of is 4 in the one, 3 in the other": (one, two, fourth),
        "is no manifest of a share": (one, tmp_path / "whole.jsonl"),
    }  # fmt: skip
    for said, parts in told.items():
        done = project.run("export", "jsonl", "--join", *parts, "-o", tmp_path / "joined.jsonl")
        assert (done.returncode, said in done.stderr) == (2, True), (said, done.stderr)
    csv = project.run("export", "csv", "--join", one, two, three, "-o", tmp_path / "joined.csv")

    assert (csv.returncode, "shares of jsonl" in csv.stderr) == (2, True)
    assert not (tmp_path / "joined.jsonl").exists()


@pytest.mark.row("F-MNY-14")
def test_shares_of_different_heads_are_not_joined(tmp_path):
    """What was committed between two of them may be in both, or in none."""
    clock = Ticking()
    filled(tmp_path, clock, 4).close()
    project = Project(tmp_path, "")
    one = share(project, tmp_path, 1, of=2)
    archive = archive_at(tmp_path, clock)
    url, body = demo_articles(6)[5]
    store(archive, tmp_path, clock, (capture(url, body=body, at=START), misread))
    archive.close()
    two = share(project, tmp_path, 2, of=2)
    done = project.run("export", "jsonl", "--join", one, two, "-o", tmp_path / "all.jsonl")

    assert done.returncode == 2
    assert "head is commit 5 in the one, commit 4 in the other" in done.stderr


@pytest.mark.row("F-MNY-14")
@pytest.mark.parametrize(
    "change",
    [
        lambda told: told | {"share": told["share"] | {"first": 7}}, lambda told: told | {"share": {"number": 1}},
        lambda told: [told], lambda told: told | {"share": told["share"] | {"of": "3"}},
        lambda told: told | {"resources": []},
    ],
    ids=["range", "torn", "list", "text", "no-file"],
)  # fmt: skip
def test_a_manifest_is_not_believed(project, tmp_path, change):
    """One that is none, or whose range does not adjoin."""
    parts = [share(project, tmp_path, number) for number in (1, 2, 3)]
    beside = tmp_path / "2.jsonl.gz.manifest.json"
    beside.write_bytes(canonical(change(json.loads(beside.read_bytes()))))
    done = project.run("export", "jsonl", "--join", *parts, "-o", tmp_path / "all.jsonl")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "words",
    [
        ("jsonl", "--share", "1/2"), ("jsonl", "--share", "3/2", "-o", "x"), ("parquet", "--share", "1/2", "-o", "x"),
        ("jsonl", "--view", "checks", "--share", "1/2", "-o", "x"), ("jsonl", "--since", "1", "--share", "1/2", "-o", "x"),
        ("jsonl", "--share", "1/2", "--dask", "tcp://127.0.0.1:1", "-o", "x"), ("wacz", "--join", "a", "-o", "x"),
        ("jsonl", "--join", "a", "--view", "latest"), ("jsonl", "--join", "s3://b/a"), ("jsonl", "--join", "nowhere"),
        ("jsonl", "--dask", "tcp://127.0.0.1:1", "--processes", "2"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_can_not_be(project, words):
    """Refused with 2 and one line; nothing is written."""
    done = project.run("export", *words)

    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, "")


@pytest.mark.slow
@pytest.mark.row("F-MNY-14")
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_writes_what_one_process_writes(project, tmp_path, scheduler):  # noqa: F811 - the fixture
    """Of all captures, and as if there were ours alone."""
    for source in ("all", "own"):
        words = ("export", "jsonl", "--view", "versions", "--source", source)
        done = project.run(*words, "--dask", scheduler)
        assert (done.returncode, done.stdout) == (0, project.run(*words).stdout), done.stderr
