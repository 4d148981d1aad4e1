"""Commits without a signature, from the command line: who signs what, what is refused, and what verify says."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from archive.facts.canonical import canonical, digest
from archive.facts.names import commit_key, stamp
from archive.facts.record import identity
from archive.log.chain import EMPTY, Draft, Log, Segment, beside
from archive.log.segments import decode_lines, encode_lines, read_segment, write_segment
from archive.stores.opening import open_store
from archive.trust.signing import sign_commit, signing_key
from demo.server import serve
from tests.facts import text_digest
from tests.project import Project

SEED, OTHER = "07" * 32, "08" * 32
PUBLIC = signing_key(text=SEED).public
WITH_KEY = {"SIGNING_KEY": SEED}
TRUSTED = ("-s", f"VERIFY_KEY={PUBLIC}")
SMALL = ("-a", "limit=2")


@pytest.fixture(scope="module")
def served():
    with serve() as server:
        yield server.url


@pytest.fixture(scope="module")
def original(tmp_path_factory, served):
    """Return a project whose archive was crawled without a key, and signed whole afterwards."""
    made = Project(tmp_path_factory.mktemp("sign"), served)
    assert made.crawl(*SMALL).returncode in (0, 14)
    done = made.run("sign", "--json", env=WITH_KEY)
    assert json.loads(done.stdout)["signed"] == [1], done.stderr
    return made


@pytest.fixture
def project(original, tmp_path):
    """Return a copy of it that a test may harm; this machine knows the archive."""
    shutil.copytree(original.folder, tmp_path / "copy")
    return Project(tmp_path / "copy", original.url)


def log_of(project):
    return Log(open_store(f"file:{project.archive}"))


def forge(project, ago=timedelta(hours=2), **summary):
    """Append, as somebody who can only write to the store does, a reading of a known capture by revision 99."""
    log, head = log_of(project), EMPTY
    record = None
    for commit in log.after():
        head = commit.head
        for segment in commit.segments:
            if segment.kind == "records" and record is None:
                record = decode_lines(read_segment(log.store, segment), segment.key)[0]
    record["headline"] = "Un titre falsifié"
    record["extraction"]["revision"] = 99
    record["digests"]["headline"] = text_digest([record["headline"]])
    record["digests"]["version"] = digest(canonical(identity(record)))
    data = encode_lines([record]).data
    segment = Segment(
        key=f"records/2026/11/24/forged-{head.seq:04}.jsonl.gz",
        kind="records",
        bytes=len(data),
        sha256=digest(data),
        lines=1,
    )
    write_segment(log.store, segment, data)
    writer = {"name": "presstv-archive", "version": "0.2.0", "extractor": 99}
    at = datetime.now(UTC) - ago
    return log.append(Draft(crawl="forged", writer=writer, segments=[segment], summary=summary, committed_at=at), head)


def crawl(project, env=WITH_KEY, *words):
    return project.run(*project.crawl_words(*SMALL, *words), env=env)


def fails(done, code, *words):
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    return done.returncode == code and any(all(word in line for word in words) for line in errors)


KILLED = """
import os, signal
from archive.trust.guarding import Guard

Guard.sign = lambda self, commit: os.kill(os.getpid(), signal.SIGKILL)
from scrapy.cmdline import execute
execute()
"""


@pytest.mark.row("F-SEC-13")
def test_a_forged_commit_over_a_signed_archive(project):
    """Verify, a crawl with a key and `sign` all end with 9 and its number; a person may look at it and sign it."""
    made = forge(project)
    later = forge(project)
    assert project.run("verify").returncode == 0
    verified = project.run("verify", *TRUSTED)

    assert fails(verified, 9, beside(2, "sig"), "unsigned: 2-3, older than an hour")
    assert fails(crawl(project), 9, commit_key(2), "scrapy sign 2")
    assert fails(project.run("sign", env=WITH_KEY), 9, "2-3", "scrapy sign 2-3")
    assert not list(project.archive.glob("log/*2.sig"))
    assert not list(project.archive.glob("log/*4.json"))
    shown = project.run("sign", "2-3", env=WITH_KEY)
    assert shown.returncode == 0, shown.stderr
    for commit in (made, later):
        assert f"commit {commit.seq} {commit.digest}" in shown.stdout
    for words in (stamp(made.committed_at), "presstv-archive 0.2.0, forged", "revision 99", "1 line of records"):
        assert words in shown.stdout
    assert project.run("verify", *TRUSTED, "--require-signatures").returncode == 0
    assert crawl(project).returncode in (0, 14)


@pytest.mark.row("F-SEC-13")
def test_signatures_that_were_deleted_are_missed(project):
    """On a machine that signed: the archive is not taken for one never signed, and a forgery is not signed with it."""
    for path in project.archive.glob("log/*.sig"):
        path.unlink()
    forge(project)
    assert fails(project.run("verify", *TRUSTED), 9, beside(2, "sig"), "unsigned: 2, older")
    assert fails(project.run("sign", env=WITH_KEY), 9, ": 2; ", "scrapy sign 2")
    assert fails(crawl(project), 9, commit_key(2))

    assert [path.name for path in project.archive.glob("log/*.sig")] == ["000000000001.sig"]


@pytest.mark.row("F-SEC-13")
def test_a_young_unsigned_end_is_a_note_and_then_a_fault(project):
    """With signatures required it is a fault at once; behind a signed one, too."""
    young = forge(project, timedelta(minutes=5))
    done = project.run("verify", *TRUSTED)
    assert (done.returncode, fails(project.run("verify", *TRUSTED, "--require-signatures"), 9, beside(2, "sig"))) == (
        0,
        True,
    )
    assert "note: unsigned: 2, younger than an hour" in done.stdout
    left = project.run("sign", env=WITH_KEY)
    assert (left.returncode, "younger than an hour: 2" in left.stdout) == (0, True)
    sign_commit(log_of(project).store, forge(project, timedelta(minutes=4)), signing_key(text=SEED))

    assert fails(project.run("verify", *TRUSTED), 9, beside(2, "sig"), "commit 3 behind is signed")
    assert young.seq == 2


@pytest.mark.row("F-SEC-13")
@pytest.mark.parametrize("by", ["crawl", "sign"])
def test_a_crawl_killed_between_commit_and_signature(project, by):
    """Its commit is unsigned; this machine knows it for its own, and the next writer signs it, without a word asked."""
    done = project.run_by(KILLED, *project.crawl_words(*SMALL, "-a", "recheck=all"), env=WITH_KEY)
    assert done.returncode == -9, done.stderr
    assert not list(project.archive.glob("log/*2.sig"))
    assert list(project.archive.glob("log/*2.json"))
    done = crawl(project) if by == "crawl" else project.run("sign", env=WITH_KEY)

    assert done.returncode in (0, 14), done.stderr
    assert project.run("verify", *TRUSTED, "--require-signatures").returncode == 0


@pytest.mark.row("F-SEC-13")
def test_crawls_side_by_side_with_two_keys(project):
    """Writers that meet each other between commit and signature hinder nobody, and all is signed in the end."""
    words = (*SMALL, "-a", "recheck=all", "-s", "BATCH_CAPTURES=1")
    crowd = [project.start(*words, *machine) for machine in machines(project)]
    told = [process.communicate(120)[1] for process in crowd]
    both = ("-s", f"VERIFY_KEY={PUBLIC},{signing_key(text=OTHER).public}")

    assert all(process.returncode in (0, 14) for process in crowd), told
    assert project.run("verify", *both, "--require-signatures").returncode == 0


def machines(project):
    """Return the options of two machines, each with a key, a memory and a spool of its own."""
    for name, seed in (("a", SEED), ("b", OTHER)):
        folder = project.folder / name
        folder.mkdir()
        (folder / "key").write_text(seed)
        (folder / "key").chmod(0o600)
        places = {
            "SIGNING_KEY_FILE": folder / "key",
            "CATALOG_PATH": folder / "catalog.sqlite",
            "SPOOL_DIR": folder / "spool",
        }
        yield [word for name, value in places.items() for word in ("-s", f"{name}={value}")]


@pytest.mark.row("F-SEC-13")
def test_a_crawl_without_a_key_over_a_signed_archive(project):
    """It is told on stderr, and refused where VERIFY_KEY is set; the next crawl with a key signs what it made."""
    refused = crawl(project, {}, *TRUSTED)
    told = crawl(project, {})
    assert fails(refused, 4, "SIGNING_KEY_FILE", "signed from commit 1 on")
    assert told.returncode in (0, 14)
    assert "the archive is signed and there is no key" in told.stderr
    assert project.run("verify", *TRUSTED).returncode == 0
    assert crawl(project).returncode in (0, 14)

    assert project.run("verify", *TRUSTED, "--require-signatures").returncode == 0


@pytest.mark.parametrize("words", [["0"], ["2"], ["1-2"], ["x"], ["1-0"], ["1", "--since", "0"], ["9" * 13]])
def test_numbers_that_name_nothing(project, words):
    """They are usage errors, and nothing is signed."""
    done = project.run("sign", *words, env=WITH_KEY)

    assert done.returncode == 2, done.stderr


def test_numbers_as_json(project):
    """What is shown stands in the document; signing twice signs nothing."""
    forge(project)
    first, again = (json.loads(project.run("sign", "--json", "2", "1", env=WITH_KEY).stdout) for _ in range(2))

    assert (first["signed"], again["signed"]) == ([2], [])
    assert [one["seq"] for one in first["shown"]] == [2, 1]
    assert first["shown"][0]["lines"] == {"records": 1}
