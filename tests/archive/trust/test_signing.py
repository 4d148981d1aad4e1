"""Signatures: made once, over a commit's bytes, and good only for that commit and a key that is trusted."""

import subprocess

import pytest

from archive.errors import ConfigurationError, IntegrityError
from archive.facts.canonical import canonical, parse
from archive.log.chain import Head, beside
from archive.trust.signing import public_keys, sign_commit, signature, signing_key, wrong_signature
from archive.trust.timestamps import authority
from archive.trust.verify import Trust, fault, verify
from tests import facts
from tests.archive.trust.test_verify import saw

SEED, OTHER = "11" * 32, "22" * 32


def key(seed=SEED):
    return signing_key(text=seed)


@pytest.fixture
def log():
    """Return a log of three commits, the first two signed."""
    made = facts.new_log()
    for number in (1, 2, 3):
        facts.write(made, facts.read(number, number))
    for number in (1, 2):
        sign_commit(made.store, made.read(number), key())
    return made


def checked(log, **more):
    """Verify with the key trusted."""
    return verify(log, trust=Trust(**{"keys": (key().public,)} | more))


def put(log, name, data):
    log.store.delete(name)
    log.store.create(name, data)


@pytest.mark.row("F-SEC-09")
def test_a_signature_is_checked_and_what_lacks_one_is_named(log):
    """Signed commits are counted, unsigned ones are a note, and with signatures required a fault."""
    report = checked(log)
    strict = checked(log, signatures_required=True)

    assert (report.whole, report.signed) == (True, 2)
    assert report.notes == ["unsigned: 3; scrapy sign signs them"]
    assert [(p.kind, p.key) for p in strict.problems] == [("signature", beside(3, "sig"))]


@pytest.mark.row("F-SEC-09")
def test_a_history_rewritten_by_an_insider_is_told(log):
    """Whoever can write to the store can forge a whole chain, but not the signatures over it."""
    forged = facts.new_log()
    for number in (1, 2, 3):
        facts.write(forged, facts.read(number, number, "Un texte falsifié."))
        if number < 3:
            forged.store.create(beside(number, "sig"), log.store.get(beside(number, "sig")))
    report = checked(forged)

    assert verify(forged).whole
    assert {(p.kind, p.key) for p in report.problems} == {("signature", beside(n, "sig")) for n in (1, 2)}
    assert "signature: log/000000000001.sig: bad" in str(fault(report, "x"))


HARM = {
    "no json": lambda fields: b"x",
    "no fields": lambda fields: b"{}",
    "a list": lambda fields: b"[]",
    "another commit": lambda fields: canonical(fields | {"commit": "sha256:00"}),
    "another key": lambda fields: canonical(fields | {"public_key": key(OTHER).public}),
    "a key that is none": lambda fields: canonical(fields | {"public_key": "zz"}),
    "another signature": lambda fields: canonical(fields | {"signature": "00" * 64}),
    "a short signature": lambda fields: canonical(fields | {"signature": "00"}),
    "another schema": lambda fields: canonical(fields | {"schema": "x/1"}),
    "another form": lambda fields: canonical(fields) + b" ",
}


@pytest.mark.row("F-SEC-09")
@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_a_bad_signature_is_a_fault(log, harm):
    """Whatever is changed in a signature, verify calls it bad."""
    name = beside(2, "sig")
    put(log, name, harm(parse(log.store.get(name))))
    report = checked(log)

    assert [(p.kind, p.key) for p in report.problems] == [("signature", name)]
    assert report.problems[0].detail.startswith("bad: ")


def test_a_good_signature_by_a_stranger_is_bad(log):
    """A signature counts only when VERIFY_KEY names its key; an old key and a new one may both be named."""
    sign_commit(log.store, log.read(3), key(OTHER))
    both = checked(log, keys=(key().public, key(OTHER).public))

    assert [(p.kind, p.key) for p in checked(log).problems] == [("signature", beside(3, "sig"))]
    assert (both.whole, both.signed) == (True, 3)


def test_without_a_key_signatures_are_not_judged(log):
    """Verify says that it did not look."""
    assert verify(log).notes == ["commits have a signature that was not checked: set VERIFY_KEY"]


def test_a_signature_tells_of_a_commit_that_was_cut_off(log):
    """A log whose end is gone looks whole, unless a signature stands where the commit was."""
    sign_commit(log.store, log.read(3), key())
    log.store.delete("log/000000000003.json")

    assert [
        (p.kind, p.key) for p in verify(log, trust=Trust(seen=saw(Head(seq=2, digest=log.read(2).digest)))).problems
    ] == [("missing", "log/000000000003.json")]


def test_signing_twice_is_signing_once(log):
    """The same key gives the same bytes; another key's signature is never replaced."""
    sign_commit(log.store, log.read(1), key())

    with pytest.raises(IntegrityError, match="another signature"):
        sign_commit(log.store, log.read(1), key(OTHER))
    assert wrong_signature(log.read(1), log.store.get(beside(1, "sig")), [key().public]) == ""


def test_keys_are_those_of_openssl(tmp_path, log):
    """PEM files made by openssl are read, private and public."""
    private, public = tmp_path / "key.pem", tmp_path / "key.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
    made = signing_key(str(private))

    assert public_keys(f"{public}, {key().public.upper()}") == (made.public, key().public)
    assert wrong_signature(log.read(1), signature(log.read(1), made), [made.public]) == ""


def test_no_key_is_none():
    """Where neither file nor text is given, nothing is signed and nothing is trusted."""
    assert (signing_key(), public_keys("")) == (None, ())


@pytest.mark.row("F-SEC-01")
@pytest.mark.parametrize("text", ["canary-of-a-key", "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----"])
def test_what_is_no_key_is_refused_and_not_repeated(tmp_path, text):
    """The error names the setting, never what stands in it."""
    path = tmp_path / "key"
    path.write_text(text)
    for read in (lambda: signing_key(text=text), lambda: signing_key(str(path)), lambda: public_keys(str(path))):
        with pytest.raises(ConfigurationError, match="KEY") as raised:
            read()
        chain = [raised.value, raised.value.__context__ if not raised.value.__suppress_context__ else None]

        assert "canary" not in "".join(map(str, chain))


def test_a_key_is_not_shown():
    """Its representation is the public half."""
    assert SEED not in repr(key())
    assert key().public in repr(key())


def test_a_key_file_that_is_not_there_is_named():
    """So that a typing error does not leave commits unsigned."""
    with pytest.raises(ConfigurationError, match="SIGNING_KEY_FILE"):
        signing_key("/nowhere/key.pem")


MISTAKEN = (SEED, "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIBER\n-----END PRIVATE KEY-----\n", SEED * 9)
"""What somebody may put where the path of a key's file belongs."""


@pytest.mark.row("F-SEC-09")
@pytest.mark.parametrize("given", MISTAKEN, ids=["hex", "PEM", "longer than a name may be"])
def test_a_key_in_the_place_of_its_files_name_is_not_repeated(given):
    """The error names the setting; a file that is there, and is none, is named by its path."""
    for read in (signing_key, authority, *([] if given == SEED else [public_keys])):
        with pytest.raises(ConfigurationError, match="it takes a file's path") as caught:
            read(given)
        assert not any(word in str(caught.value) for word in given.split())

    with pytest.raises(ConfigurationError, match=__file__):
        signing_key(__file__)
