"""A backfill in shares, a file each: what they store comes to what one process comes to, and is named by one commit."""

import json
import shutil
import signal
from datetime import UTC, datetime, timedelta

import pytest

from archive.facts.canonical import canonical, parse
from archive.log.shares import PREFIX
from archive.opened import open_archive
from archive.trust.orphans import remove_old
from archive.trust.verify import verify
from tests.cluster import scheduler  # noqa: F401 - a fixture
from tests.foreign_warcs import Warc, moment, page
from tests.french import VOCABULARY
from tests.made import url_of
from tests.project import Project

pytestmark = pytest.mark.row("F-MNY-15")
KILLED = """
import os, signal, sys
from archive.committing import Committer

def name(self, *words, real=Committer.name, seen=[]):
    seen.append(real(self, *words))
    if len(seen) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

Committer.name = name
from scrapy.cmdline import execute
execute(["scrapy", *sys.argv[1:]])
"""
"""A commit that dies behind its second file."""
VIEWS = ("latest", "versions", "changes", "events", "articles", "checks")


def files(folder):
    """Write four WARCs: of one article over three of them, a capture that two hold, a page that is gone, and a torn one."""
    folder.mkdir()
    texts = ("La pluie revient", "Le port ferme", "Le port rouvre")
    for number, text in enumerate(texts):
        warc = Warc()
        warc.response(url_of("7"), page(headline=text, text=text), at=moment(3600 * number))
        warc.response(url_of(str(20 + number)), page(str(20 + number), f"Le quai {number}"), at=moment(60 + number))
        if number == 1:
            warc.response(url_of("7"), page(headline=texts[0], text=texts[0]), at=moment(0))
        if number == 2:
            warc.response(url_of("20"), b"<html>rien</html>", at=moment(9999), status="404 Not Found")
        warc.save(folder / f"{number}.warc.gz")
    torn = Warc()
    torn.response(url_of("30"), page("30", "La mer monte"), at=moment(7))
    torn.save(folder / "torn.warc.gz")
    data = (folder / "torn.warc.gz").read_bytes()
    (folder / "torn.warc.gz").write_bytes(data + data[: len(data) // 3])
    return sorted(folder.iterdir())


def project(folder):
    folder.mkdir(parents=True)
    return Project(folder, "")


def told(made):
    """Return the rows of each view, but for what names a commit."""
    left_out = {"commit", "crawl", "capture", "line"}
    rows = {
        view: [{name: value for name, value in row.items() if name not in left_out} for row in made.rows(view)]
        for view in VIEWS
    }
    # A page that others of its host have to vouch for waits for them, in one process over all files.
    return rows | {"checks": sorted(rows["checks"], key=lambda look: (look["at"], look["url"]))}


def archive_of(made):
    return open_archive(f"file:{made.archive}", made.folder / "catalog.sqlite", vocabulary_of=lambda _: VOCABULARY)


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """Return the files, and what one process makes of them."""
    folder = tmp_path_factory.mktemp("one")
    warcs, made = files(folder / "warcs"), project(folder / "one")
    done = made.run("backfill", *warcs, "--json")
    assert done.returncode == 3, done.stderr
    return warcs, told(made), json.loads(done.stdout)


def share(made, warcs, number, of=2):
    return made.run("backfill", *warcs, "--share", f"{number}/{of}", "--json")


@pytest.mark.parametrize("order", [(1, 2), (2, 1, 2)], ids=str)
def test_shares_come_to_what_one_process_comes_to(one, tmp_path, order):
    """The same articles, versions, changes and events, and the same counts; what two files hold is there once."""
    warcs, wanted, alone = one
    made = project(tmp_path / "shares")
    codes = [share(made, warcs, number).returncode for number in order]
    done = made.run("commit-shares", "--json")
    report = json.loads(done.stdout)
    archive = archive_of(made)

    assert told(made) == wanted
    assert set(codes) == {0, 3}
    assert (done.returncode, report["skipped"]) == (3, {**alone["skipped"], "known": 1})
    assert sum(report["taken"].values()) == sum(alone["taken"].values())
    assert [one["name"] for one in report["damaged"]] == [one["name"] for one in alone["damaged"]]
    report = verify(archive.log)
    assert (report.whole, report.notes) == (True, [])
    assert made.run("commit-shares").stdout == "no shares wait for a commit\n"
    archive.close()


def test_a_missing_share_is_named(one, tmp_path):
    """It is refused with its number; what is there may be committed, and the rest later."""
    warcs, wanted, _ = one
    made = project(tmp_path / "shares")
    share(made, warcs, 2)
    early = made.run("commit-shares")
    some = json.loads(made.run("commit-shares", "--partial", "--json").stdout)
    share(made, warcs, 1)
    made.run("commit-shares")

    assert (early.returncode, "missing 1/2 (2 files not taken in)" in early.stderr) == (2, True)
    assert some["missing"] == {"1": 2}
    # Of a capture that two files hold the one that was committed first counts.
    assert {view: told(made)[view] for view in ("latest", "articles")} == {
        view: wanted[view] for view in ("latest", "articles")
    }


def test_a_share_that_is_killed_and_run_again_does_the_same(one, tmp_path):
    """Killed behind its first file: that one is not taken in again, and nothing is there twice."""
    warcs, wanted, _ = one
    made = project(tmp_path / "shares")
    script = (
        "import os, signal, crawler.backfill.shares as shares\n"
        "def put(store, key, data, write=shares.put_once):\n"
        "    write(store, key, data)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "shares.put_once = put\n"
        "from scrapy.cmdline import execute\nimport sys\nexecute(['scrapy', *sys.argv[1:]])"
    )
    words = ("backfill", *warcs, "--share", "1/2", "--json")
    killed = made.run_by(script, *words)
    again = json.loads(made.run(*words).stdout)
    share(made, warcs, 2)
    made.run("commit-shares")

    assert killed.returncode == -signal.SIGKILL
    assert again["done_before"] == 1
    assert told(made) == wanted


def test_what_shares_stored_is_spared(one, tmp_path):
    """For thirty days `gc` leaves what they name, and verification calls it no orphan."""
    warcs, _, _ = one
    made = project(tmp_path / "shares")
    share(made, warcs, 1)
    archive = archive_of(made)
    report = verify(archive.log)
    now = datetime.now(UTC)

    assert (report.orphans, report.whole) == ([], True)
    assert remove_old(archive.log, now + timedelta(days=29), dry_run=True) == []
    assert len(remove_old(archive.log, now + timedelta(days=31), dry_run=True)) >= 4
    archive.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data[:-9], "no share of ours"),
        (lambda data: canonical(parse(data) | {"plan": "sha256:00"}), "another run or file"),
        (lambda data: canonical(parse(data) | {"read": "9.warc.gz"}), "another run or file"),
        (lambda data: data.replace(b'"lines":', b'"lines":1', 1), "not what a share stores"),
        (None, "not what a share stores"),
    ],
    ids=["torn", "other-run", "other-file", "other-lines", "collected"],
)
def test_what_a_share_tells_is_not_believed(one, tmp_path, change, said):
    """One that is torn, another's or false, or whose segment was removed meanwhile: 9, its key, and nothing is committed."""
    warcs, _, _ = one
    made = project(tmp_path / "shares")
    [share(made, warcs, number) for number in (1, 2)]
    archive = archive_of(made)
    piece = next(entry.key for entry in archive.store.list(PREFIX) if entry.key.endswith("000001.json"))
    data = archive.store.get(piece)
    if change is None:
        archive.store.delete(parse(data)["commits"][0]["segments"][0]["key"])
    else:
        archive.store.delete(piece)
        archive.store.create(piece, change(data))
    done = made.run("commit-shares")

    assert (done.returncode, said in done.stderr, done.stderr.count("\n")) == (9, True, 1), done.stderr
    assert archive.log.read(1) is None
    archive.close()


def test_what_can_not_be(one, tmp_path):
    """Shares of other files are another run; of another number, of two files with one name, of servers they are refused."""
    warcs, _, _ = one
    made = project(tmp_path / "shares")
    first = json.loads(share(made, warcs, 1).stdout)
    other = json.loads(share(made, warcs[:2], 1).stdout)
    (tmp_path / "twin").mkdir()
    twin = shutil.copy(warcs[0], tmp_path / "twin")
    refused = [
        made.run("backfill", *words)
        for words in (
            (*warcs, "--share", "1/3"), (*warcs, twin, "--share", "1/2"), (*warcs, "--share", "5/2"),
            ("--wayback", "2017", "2018", "--share", "1/2"), (*warcs, "--share", "1/2", "--processes", "2"),
            (*warcs, "--share", "1/2", "--dask", "tcp://127.0.0.1:1"), ("--share", "1/2"),
        )
    ]  # fmt: skip
    several = made.run("commit-shares")

    assert first["run"] != other["run"]
    assert [done.returncode for done in refused] == [2] * len(refused)
    assert (several.returncode, "name the run" in several.stderr) == (2, True)


def test_a_file_that_is_not_there_begins_nothing(tmp_path):
    """A plan that names it would wait for it."""
    made = project(tmp_path / "shares")
    done = made.run("backfill", tmp_path / "nowhere.warc.gz", "--share", "1/1")

    assert (done.returncode, "no file" in done.stderr) == (2, True)
    assert not made.archive.exists()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_comes_to_what_one_process_comes_to(one, tmp_path, scheduler):  # noqa: F811 - the fixture
    """Run again it passes over all."""
    warcs, wanted, _ = one
    made = project(tmp_path / "far")
    done = made.run("backfill", *warcs, "--dask", scheduler, "--json")
    again = made.run("backfill", *warcs, "--dask", scheduler, "--json")

    assert done.returncode == 3, done.stderr
    assert told(made) == wanted
    assert json.loads(again.stdout)["taken"] == {}


@pytest.mark.parametrize("killed", [False, True])
def test_what_no_file_shows_alone_is_suspect(tmp_path, killed):
    """Twelve articles changed in one day, four in each of three files: the brake is pulled over all of them together.

    A commit that was killed behind two of the files comes to the same.
    """
    made, warcs = project(tmp_path / "shares"), []
    for name, text, numbers in (
        ("0", "Le quai", range(40, 52)),
        *((str(n), "Faux", range(28 + 4 * n, 32 + 4 * n)) for n in (3, 4, 5)),
    ):
        warc = Warc()
        for number in numbers:
            day = 0 if name == "0" else 86_400
            warc.response(url_of(str(number)), page(str(number), f"{text} {number}", text), at=moment(day + number))
        warcs.append(warc.save(tmp_path / f"{name}.warc.gz"))
    made.run("backfill", warcs[0])
    [share(made, warcs[1:], number, 3) for number in (1, 2, 3)]
    if killed:
        made.run_by(KILLED, "commit-shares")
    done = made.run("commit-shares", "--json")
    report = json.loads(done.stdout)

    assert (done.returncode, report["suspect"], report["taken"]) == (6, True, {"changed": 4 if killed else 12})
    assert made.run("accept", report["crawl"]).returncode == 0


def test_a_commit_that_is_killed_names_nothing_twice(one, tmp_path):
    """Run again it goes on behind what it named."""
    warcs, wanted, _ = one
    made = project(tmp_path / "shares")
    [share(made, warcs, number) for number in (1, 2)]
    killed = made.run_by(KILLED, "commit-shares")
    done = made.run("commit-shares")
    archive = archive_of(made)

    assert (killed.returncode, done.returncode) == (-signal.SIGKILL, 3), done.stderr
    assert told(made) == wanted
    assert verify(archive.log).orphans == []
    archive.close()


@pytest.mark.row("F-MNY-04")
def test_two_that_commit_at_once_name_nothing_twice(one, tmp_path):
    """A second one commits all while the first is about to: no segment has two names, and it comes to the same."""
    warcs, wanted, _ = one
    made = project(tmp_path / "shares")
    [share(made, warcs, number) for number in (1, 2)]
    script = (
        f"OTHER = 'CATALOG_PATH={made.folder}/other.sqlite'\n"
        "import subprocess, sys\nfrom archive.log.chain import Log\n"
        "def append(self, draft, head, real=Log.append, seen=[]):\n"
        "    seen.append(1)\n"
        "    if len(seen) == 3:\n"
        "        words = [*sys.argv, '-s', OTHER]\n"
        "        subprocess.run([sys.executable, '-m', 'scrapy', *words[1:]], stdout=subprocess.DEVNULL)\n"
        "    return real(self, draft, head)\n"
        "Log.append = append\n"
        "from scrapy.cmdline import execute\nexecute(['scrapy', *sys.argv[1:]])"
    )
    done = made.run_by(script, "commit-shares")
    archive = archive_of(made)

    assert done.returncode == 3, done.stderr
    assert [problem.detail for problem in verify(archive.log).problems] == []
    assert told(made) == wanted
    archive.close()


def test_a_cut_page_of_one_file_is_no_version(tmp_path):
    """How its host's pages end stands in another file: it is unresolved, and refused once all files are read."""
    made, warcs = project(tmp_path / "shares"), []
    for name, numbers, end in (("0", (40, 41, 42), None), ("1", (43,), -40)):
        warc = Warc()
        for number in numbers:
            warc.response(url_of(str(number)), page(str(number), f"Le quai {number}")[:end], at=moment(number))
        warcs.append(warc.save(tmp_path / f"{name}.warc.gz"))
    codes = [share(made, warcs, number).returncode for number in (1, 2)]
    joined = json.loads(made.run("commit-shares", "--json").stdout)
    again = json.loads(made.run("backfill", *warcs, "--json").stdout)

    assert (codes, joined["exit"], len(joined["unresolved"]), joined["taken"]) == ([0, 3], 3, 1, {"new": 3})
    assert (again["refusals"], again["taken"]) == ({"no_end": 1}, {})


def test_what_was_captured_in_one_second_is_told_apart(tmp_path):
    """A look that an earlier file brought is not told again with another page of the same second."""
    made, warcs = project(tmp_path / "shares"), []
    for name, numbers in (("0", (40, 41)), ("1", (41, 42))):
        warc = Warc()
        for number in numbers:
            warc.response(url_of(str(number)), page(str(number), f"Le quai {number}"), at=moment(0))
        warcs.append(warc.save(tmp_path / f"{name}.warc.gz"))
    [share(made, warcs, number) for number in (1, 2)]
    made.run("commit-shares")

    assert sorted(look["article_id"] for look in made.rows("checks")) == ["40", "41", "42"]
