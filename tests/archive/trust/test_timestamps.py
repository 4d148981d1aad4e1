"""Time-stamps: an authority's word over a commit, believed only when it is that authority's and over that commit."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from archive.errors import ConfigurationError, IntegrityError, OutletUnreachable
from archive.facts.names import commit_key, stamp
from archive.log.chain import Draft, beside
from archive.trust.timestamps import authority, keep_stamp, question, stamp_once, stamped_at
from archive.trust.verify import Trust, verify
from tests import facts
from tests.archive.trust.test_verify import head_of
from tests.authority import made

pytest.importorskip("rfc3161_client", reason="the extra for time-stamps is not installed")


@pytest.fixture(scope="module")
def tsa(tmp_path_factory):
    return made(tmp_path_factory.mktemp("tsa"))


def append(log, before=timedelta(), **summary):
    """Append a commit made so long before now; return it."""
    made = datetime.now(UTC) - before
    return log.append(Draft(crawl="c", writer={}, segments=[], summary=summary, committed_at=made), head_of(log))


@pytest.fixture(scope="module")
def log(tsa):
    """Return a log of two commits, the second stamped."""
    found = facts.new_log()
    append(found)
    append(found)
    keep_stamp(found.store, found.read(2), tsa.stamp(question(found.read(2)).data))
    return found


def answer(log):
    return log.store.get(beside(2, "tsr"))


def test_a_stamp_tells_when_a_commit_existed(log, tsa):
    """Its time is the authority's, in UTC, and verify says it."""
    moment = stamped_at(log.read(2), answer(log), authority(tsa.certificates))
    report = verify(log, trust=Trust(authority=authority(tsa.certificates)))

    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=10)
    assert (report.whole, list(report.stamped), report.notes) == (True, [beside(2, "tsr")], [])


def test_openssl_reads_the_stamp_too(log, tsa, tmp_path):
    """What is stored is a plain RFC 3161 answer over the commit's bytes."""
    (tmp_path / "commit").write_bytes(log.store.get(commit_key(2)))
    (tmp_path / "tsr").write_bytes(answer(log))
    words = ["openssl", "ts", "-verify", "-data", "commit", "-in", "tsr", "-CAfile", tsa.certificates]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.row("F-SEC-09")
def test_a_stamp_of_another_commit_is_bad(log, tsa):
    """Moved beside another commit it is a fault that names both."""
    moved = facts.new_log()
    append(moved)
    moved.store.create(beside(1, "tsr"), answer(log))
    (problem,) = verify(moved, trust=Trust(authority=authority(tsa.certificates))).problems

    assert (problem.kind, problem.key) == ("timestamp", beside(1, "tsr"))
    assert moved.read(1).digest in problem.detail


@pytest.mark.row("F-SEC-09")
def test_a_stamp_of_another_authority_is_bad(log, tmp_path):
    """Anybody can run an authority of the same name; its certificate is what counts."""
    other = authority(made(tmp_path).certificates)

    with pytest.raises(IntegrityError):
        stamped_at(log.read(2), answer(log), other)


@pytest.mark.row("F-SEC-09")
def test_a_damaged_stamp_is_bad_and_never_an_exception(log, tsa):
    """Cut or flipped anywhere, it is refused, or still says the same."""
    by, good, commit = authority(tsa.certificates), answer(log), log.read(2)
    moment, refused = stamped_at(commit, good, by), 0
    changed = [good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :] for at in range(0, len(good), 7)]
    for data in [b"", b"x", good[:-1], good[: len(good) // 2], *changed]:
        try:
            assert stamped_at(commit, data, by) == moment
        except IntegrityError:
            refused += 1

    assert refused > len(changed) * 0.8


def test_an_answer_to_another_question_is_refused(log, tsa):
    """The nonce ties an answer to its question: an old one can't be played again."""
    with pytest.raises(IntegrityError, match="Nonce"):
        stamped_at(log.read(2), answer(log), authority(tsa.certificates), question(log.read(2)))


def test_without_certificates_stamps_are_not_judged(log):
    """Verify says that it did not look."""
    assert verify(log).notes == ["commits have a time-stamp that was not checked: set TIMESTAMP_CERTS"]


@pytest.mark.parametrize("data", [b"", b"x", None], ids=["empty", "no PEM", "no file"])
def test_certificates_that_cannot_be_read_are_named(tmp_path, data):
    """The error names the setting; no path means no authority."""
    path = tmp_path / "ca.pem"
    if data is not None:
        path.write_bytes(data)

    with pytest.raises(ConfigurationError, match="TIMESTAMP_CERTS"):
        authority(str(path))
    assert authority("") is None


def test_a_commit_is_stamped_once(tsa):
    """The authority is asked once; a stamp that is there is read, and another request is never made."""
    log, asked = facts.new_log(), []
    commit = append(log)

    def ask(request):
        asked.append(request)
        return tsa.stamp(request)

    first, again = (stamp_once(log.store, commit, authority(tsa.certificates), ask) for _ in range(2))

    assert (first[0], again, len(asked)) == (True, (False, first[1]), 1)


@pytest.mark.parametrize("said", [b"", b"no stamp", "of another request"], ids=["nothing", "no-stamp", "another"])
def test_an_answer_that_is_no_good_is_not_stored(tsa, said):
    """The authority is at fault, and the next run asks again."""
    log = facts.new_log()
    commit = append(log)
    answer = said if isinstance(said, bytes) else tsa.stamp(question(commit).data)

    with pytest.raises(OutletUnreachable, match="nothing stored"):
        stamp_once(log.store, commit, authority(tsa.certificates), lambda _: answer)
    assert list(log.store.list(beside(1, "tsr"))) == []


def stamped(log, tsa, seq=1):
    keep_stamp(log.store, log.read(seq), tsa.stamp(question(log.read(seq)).data))


def judged(log, tsa):
    return verify(log, trust=Trust(authority=authority(tsa.certificates)))


@pytest.mark.row("F-SEC-15")
@pytest.mark.parametrize(
    ("before", "comes_to"),
    [
        (timedelta(minutes=-4), "fine"),
        (timedelta(minutes=-6), "fault"),
        (timedelta(days=-6 * 365), "fault"),
        (timedelta(days=30), "fine"),
        (timedelta(days=6 * 365), "note"),
    ],
)
def test_a_stamp_and_its_commit_are_held_together(tsa, before, comes_to):
    """Older than what it stamps it is a fault that names both times; years younger it is named."""
    log = facts.new_log()
    commit = append(log, before)
    stamped(log, tsa)
    report = judged(log, tsa)

    assert [(p.kind, p.key) for p in report.problems] == [("timestamp", beside(1, "tsr"))] * (comes_to == "fault")
    told = [note for note in report.notes if note.startswith(beside(1, "tsr"))] + [p.detail for p in report.problems]
    assert len(told) == (comes_to != "fine")
    assert all(stamp(commit.committed_at) in words and report.stamped[beside(1, "tsr")] in words for words in told)


@pytest.mark.row("F-SEC-15")
def test_a_commit_that_is_known_to_be_ahead_may_have_an_older_stamp(tsa):
    """A later commit says that the clock was ahead then: both times are told, and it is no fault."""
    log = facts.new_log()
    append(log, timedelta(days=-2))
    stamped(log, tsa)
    append(log, clock_before=1)
    report = judged(log, tsa)

    assert report.whole
    assert "a clock was ahead then" in report.notes[0]


@pytest.mark.row("F-SEC-15")
def test_a_head_from_the_future_is_not_stamped(tsa):
    """The stamp would be called false for ever; nothing is stored, and the way out is named."""
    log = facts.new_log()
    commit = append(log, timedelta(hours=-1))
    with pytest.raises(ConfigurationError, match="stamp a later commit"):
        stamp_once(log.store, commit, authority(tsa.certificates), tsa.stamp)

    assert list(log.store.list(beside(1, "tsr"))) == []
