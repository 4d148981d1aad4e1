"""Signing, stamping and verifying from the command line, and where their keys and authorities come from."""

import json
import shutil

import pytest

from archive.errors import ConfigurationError, OutletUnreachable
from archive.facts.names import commit_key
from archive.log.chain import EMPTY, Log
from archive.stores.opening import open_store
from archive.trust.signing import signing_key
from crawler.crawl.keys import key_of
from crawler.crawl.vouchers import trust_of
from crawler.net.timestamping import ask
from demo.server import serve
from tests.authority import made, serving
from tests.project import Project

SEED = "5a" * 32
PUBLIC = signing_key(text=SEED).public
UNSET = {"SIGNING_KEY_FILE": "", "VERIFY_KEY": "", "TIMESTAMP_URL": "", "TIMESTAMP_CERTS": ""}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """Return a project that was crawled once without a key and once with one in the environment."""
    folder = tmp_path_factory.mktemp("signed")
    with serve() as server:
        project = Project(folder, server.url)
        assert project.crawl("-a", "limit=2").returncode in (0, 14)
        done = project.run(*project.crawl_words("-a", "limit=2"), env={"SIGNING_KEY": SEED})
        assert done.returncode in (0, 14), done.stderr
    return project


@pytest.fixture
def project(crawled, tmp_path):
    """Return a copy of it that a test may harm."""
    shutil.copytree(crawled.folder, tmp_path / "copy")
    return Project(tmp_path / "copy", crawled.url)


def verified(project, *words, **more):
    done = project.run("verify", "--json", *words, **more)
    return done, json.loads(done.stdout) if done.stdout else {}


def log_of(project):
    return Log(open_store(f"file:{project.archive}"))


def head_of(project):
    head = EMPTY
    for commit in log_of(project).after():
        head = commit.head
    return head


@pytest.mark.row("F-SEC-09")
def test_a_crawl_signs_its_commits_and_sign_the_ones_before(project):
    """With a key in the environment each commit is signed at once; older ones by `scrapy sign`, once."""
    last = head_of(project).seq
    done, report = verified(project, "-s", f"VERIFY_KEY={PUBLIC}")
    strict, _ = verified(project, "-s", f"VERIFY_KEY={PUBLIC}", "--require-signatures")
    signed = [project.run("sign", "--json", env={"SIGNING_KEY": SEED}) for _ in range(2)]
    after, whole = verified(project, "-s", f"VERIFY_KEY={PUBLIC}", "--require-signatures")

    assert (done.returncode, report["signed"]) == (0, last - 1)
    assert report["notes"] == ["unsigned: 1; scrapy sign signs them"]
    assert (strict.returncode, after.returncode, whole["signed"]) == (9, 0, last)
    assert [json.loads(s.stdout)["signed"] for s in signed] == [[1], []]


@pytest.mark.row("F-SEC-09")
def test_a_tampered_signature_ends_with_9(project):
    """The line on stderr says `signature: …: bad`."""
    path = project.archive / "log" / "000000000002.sig"
    path.write_bytes(path.read_bytes().replace(PUBLIC.encode(), b"00" * 32))
    done = project.run("verify", "-s", f"VERIFY_KEY={PUBLIC}")

    assert done.returncode == 9
    assert "error: signature: log/000000000002.sig: bad" in done.stderr


@pytest.mark.row("F-SEC-01")
def test_a_key_as_an_argument_is_refused(project):
    """`-s SIGNING_KEY=…` would stand in the process list; the value is not repeated."""
    done = project.run("sign", "-s", f"SIGNING_KEY={SEED}")

    assert done.returncode == 2
    assert SEED not in done.stdout + done.stderr
    assert "environment variable SIGNING_KEY" in done.stderr


def test_signing_without_a_key_says_what_to_set(project):
    """Nothing is signed by accident, and nothing is left unsigned in silence."""
    done = project.run("sign")

    assert done.returncode == 4
    assert "SIGNING_KEY_FILE" in done.stderr


def test_a_head_that_was_published_is_still_there(project):
    """The first commit's digest holds; one that never was ends with 9; a word that is none with 2."""
    first = log_of(project).read(1).digest
    good, report = verified(project, "--head", first)
    forged, _ = verified(project, "--head", "sha256:" + "0" * 64)
    nonsense, _ = verified(project, "--head", "latest")

    assert (good.returncode, report["published"]) == (0, 1)
    assert (forged.returncode, nonsense.returncode) == (9, 2)


def test_parts_by_the_command_line(project):
    """--since and --sample read less and say so; what is no part is a usage error."""
    last = head_of(project).seq
    _, whole = verified(project)
    _, since = verified(project, "--since", str(last - 1))
    _, sample = verified(project, "--sample", "1/2")
    codes = [verified(project, "--sample", word)[0].returncode for word in ("0/2", "3/2", "x", "1/0")]

    assert since["segments"] + since["skipped"] == sample["segments"] + sample["skipped"] == whole["segments"]
    assert 0 < since["segments"] < whole["segments"]
    assert whole["skipped"] == 0
    assert codes == [2, 2, 2, 2]


@pytest.mark.row("F-STO-18")
def test_repair_from_another_copy(project, crawled):
    """A damaged and a missing segment and a commit come back; nothing changes in the copy they come from."""
    keys = [segment.key for segment in log_of(project).read(1).segments]
    (project.archive / keys[0]).write_bytes(b"damaged")
    (project.archive / keys[1]).unlink()
    (project.archive / commit_key(1)).unlink()
    before, _ = verified(project)
    done, report = verified(project, "--repair-from", f"file:{crawled.archive}")
    same, _ = verified(project, "--repair-from", f"file:{project.archive}")

    assert before.returncode == 9
    assert (done.returncode, report["whole"], report["not_repaired"]) == (0, True, [])
    assert sorted(report["repaired"]) == sorted([keys[0], keys[1], commit_key(1)])
    assert same.returncode == 2


def test_the_head_is_stamped_once(project, tmp_path):
    """`scrapy timestamp` stores the authority's answer, and verify checks it; a head that has one keeps it."""
    pytest.importorskip("rfc3161_client", reason="the extra for time-stamps is not installed")
    with serving(made(tmp_path)) as tsa:
        words = ["-s", f"TIMESTAMP_URL={tsa.url}", "-s", f"TIMESTAMP_CERTS={tsa.certificates}", "--json"]
        told = [json.loads(project.run("timestamp", *words).stdout) for _ in range(2)]
        asked = tsa.asked
    done, report = verified(project, "-s", f"TIMESTAMP_CERTS={tsa.certificates}")
    other = project.run("verify", "-s", f"TIMESTAMP_CERTS={made(tmp_path).certificates}")

    assert [(t["seq"], t["new"]) for t in told] == [(head_of(project).seq, True), (head_of(project).seq, False)]
    assert (done.returncode, report["stamped"], asked) == (0, {told[0]["key"]: told[0]["at"]}, 1)
    assert other.returncode == 9
    assert "error: timestamp: " in other.stderr


def test_an_answer_that_is_no_good_is_not_stored(project, tmp_path):
    """Another authority's word ends with 5, and the head has no stamp."""
    pytest.importorskip("rfc3161_client", reason="the extra for time-stamps is not installed")
    (tmp_path / "other").mkdir()
    with serving(made(tmp_path)) as tsa:
        certs = made(tmp_path / "other").certificates
        done = project.run("timestamp", "-s", f"TIMESTAMP_URL={tsa.url}", "-s", f"TIMESTAMP_CERTS={certs}")
        bare = project.run("timestamp", "-s", f"TIMESTAMP_URL={tsa.url}")

    assert (done.returncode, bare.returncode) == (5, 4)
    assert list(project.archive.glob("log/*.tsr")) == []


@pytest.mark.parametrize(
    "answer",
    [(302, "text/plain", b""), (500, "text/plain", b""), (200, "text/html", b"x"),
     (200, "application/timestamp-reply", b"x" * 2**20 + b"x")],
    ids=["redirect", "error", "another type", "too large"],
)  # fmt: skip
def test_an_authority_that_does_not_answer_well(tmp_path, answer):
    """Redirects are not followed, and only a time-stamp of a fitting size is taken."""
    with serving(made(tmp_path)) as tsa:
        tsa.answer = answer
        with pytest.raises(OutletUnreachable, match=r"127\.0\.0\.1"):
            ask(tsa.url, b"query")

        assert tsa.asked == 1


@pytest.mark.row("F-SEC-02")
@pytest.mark.parametrize("url", ["https://user:canary@tsa.invalid/", "file:///etc/passwd", "tsa.invalid", ""])
def test_an_address_that_is_none_is_refused_and_not_repeated(url):
    """A user in it is a secret that others could read."""
    with pytest.raises(ConfigurationError, match="TIMESTAMP_URL") as raised:
        ask(url, b"query")

    assert "canary" not in str(raised.value)


def test_keys_come_from_file_or_environment(tmp_path, monkeypatch):
    """The file's key is taken before the environment's; without either there is none."""
    (tmp_path / "key").write_text("33" * 32)
    monkeypatch.delenv("SIGNING_KEY", raising=False)
    none = key_of(UNSET)
    monkeypatch.setenv("SIGNING_KEY", SEED)

    assert none is None
    assert key_of(UNSET).public == PUBLIC
    assert key_of(UNSET | {"SIGNING_KEY_FILE": str(tmp_path / "key")}).public == signing_key(text="33" * 32).public


def test_signatures_can_be_required_only_of_a_known_key():
    """Without VERIFY_KEY the demand means nothing."""
    with pytest.raises(ConfigurationError, match="VERIFY_KEY"):
        trust_of(UNSET, required=True)

    assert trust_of(UNSET | {"VERIFY_KEY": PUBLIC}, required=True).keys == (PUBLIC,)
