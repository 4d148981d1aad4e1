"""Revisit records of others: the digests that they state, and the payload that these name."""

import base64
import gzip
import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.canonical import digest
from archive.facts.names import stamp
from archive.warc.exchanges import Revisit
from crawler.backfill.revisits import Originals, agrees, forms, stated
from tests.crawler.commands.test_replay import same, store
from tests.foreign_warcs import THEN, page
from tests.made import START, Ticking, archive_at, capture, url_of

URL, BODY = url_of("7"), b"<html>Bonjour</html>"


def told(name, body=BODY, form="base32"):
    """Return a WARC-Payload-Digest of a body."""
    raw = hashlib.new(name.replace("-", ""), body, usedforsecurity=False).digest()
    value = {
        "base32": base64.b32encode(raw).decode(),
        "hex": raw.hex(),
        "bare": base64.b32encode(raw).decode().rstrip("="),
    }
    return f"{name}:{value[form]}"


@pytest.mark.parametrize("name", ["sha1", "sha-1", "sha256", "sha-256", "md5"])
@pytest.mark.parametrize("form", ["base32", "hex", "bare"])
@pytest.mark.parametrize("case", [str, str.upper, str.lower], ids=["as-is", "upper", "lower"])
def test_a_digest_in_every_form(name, form, case):
    """Base32 and hex, with padding and without, in any case."""
    text = case(told(name, form=form))

    assert stated(text) == (name.replace("-", ""), hashlib.new(name.replace("-", ""), BODY).digest())
    assert agrees(text, BODY)
    assert not agrees(text, BODY + b" ")


@pytest.mark.parametrize(
    "text",
    ["", "sha1", "sha1:", "sha1:-", "crc32:00000000", "sha512:00", "sha1:" + "A" * 31, "sha1:" + "1" * 32, "sha1:" + "g" * 40,
     "sha1:" + "é" * 32, "sha256:" + "0" * 63, "ABCDEFGH"],
)  # fmt: skip
def test_a_digest_that_can_not_be_checked_agrees(text):
    """It says nothing against any payload."""
    assert stated(text) is None
    assert agrees(text, BODY)
    assert agrees(text)


@given(st.text(max_size=80))
def test_reading_a_digest_is_total(text):
    """It is one of a known length, or none."""
    found = stated(text)

    assert found is None or len(found[1]) in (16, 20, 32)


@given(st.binary(max_size=50), st.binary(max_size=50), st.sampled_from(["sha1", "sha256", "md5"]))
def test_a_digest_is_of_its_payload_alone(one, other, name):
    """It agrees with any of several bodies that is its own, and with no other."""
    text = told(name, one)

    assert agrees(text, other, one)
    assert agrees(text, other) is (one == other)


def test_the_forms_that_a_digest_may_be_of():
    """The body as kept, as it came over the wire, and with its content coding off."""
    packed = gzip.compress(page())
    raw = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    taken = capture(body=packed, headers=[("Content-Encoding", "gzip")])

    assert list(forms(taken, raw)) == [packed, raw, page()]
    assert list(forms(replace(taken, body=packed[:30]), raw)) == [packed[:30], raw]


def revisit(text, *, at=None, refers=(URL, ""), headers=((b"X-Vu", b"encore"),), status=200):
    """Return a revisit of a payload."""
    return Revisit(
        url=URL, captured_at=at or THEN + timedelta(hours=5), status=status, response_headers=headers, payload=text,
        body=b"", refers_to_uri=refers[0], refers_to_date=refers[1],
    )  # fmt: skip


@pytest.fixture
def archive(tmp_path):
    """Return an archive that holds one capture of the address."""
    clock = Ticking()
    found = archive_at(tmp_path, clock)
    store(found, tmp_path, clock, (capture(URL, body=page(), at=THEN), same))
    yield found
    found.close()


@pytest.fixture
def originals(archive):
    """Return a function that makes originals with captures in the open batch."""

    def make(*pending):
        held = {(one.url, stamp(one.captured_at)): one for one in pending}
        return Originals(store=archive.store, db=archive.catalog.db, pending=held.get)

    return make


@pytest.mark.parametrize(
    ("text", "refers"),
    [
        (told("sha1", page()), (URL, stamp(THEN))),
        ("", (URL, stamp(THEN))),
        ("", (f"https://web.archive.org/web/2019id_/{URL}", stamp(THEN))),
        (told("sha256", page(), "hex"), (URL, "")),
        (told("sha1", page()), (url_of("8"), stamp(THEN))),
        (told("sha1", page()), (URL, "hier")),
    ],
    ids=["both", "place", "place-of-a-replay", "digest", "other-place", "no-time"],
)
def test_a_payload_of_the_archive_is_found(originals, text, refers):
    """By the place that the revisit refers to, or by its digest among earlier captures of the address."""
    found = originals().resolve(revisit(text, refers=refers), text, URL)

    assert found is not None
    assert (found.body, found.payload, found.captured_at) == (page(), digest(page()), THEN + timedelta(hours=5))
    assert found.response_headers == ((b"X-Vu", b"encore"),)


@pytest.mark.parametrize(
    ("text", "refers", "at"),
    [
        (told("sha1"), (URL, stamp(THEN)), None),
        (told("sha1"), (URL, ""), None),
        ("", (URL, ""), None),
        ("", (URL, stamp(START)), None),
        ("", ("urn:uuid:1", stamp(THEN)), None),
        (told("sha1", page()), (URL, ""), THEN - timedelta(hours=1)),
    ],
    ids=["another-payload", "unknown-digest", "nothing-said", "no-such-time", "no-web-address", "only-a-later-one"],
)
def test_what_no_file_had_is_none(originals, text, refers, at):
    """Nothing is guessed: without the payload that it names a revisit is nothing."""
    assert originals().resolve(revisit(text, refers=refers, at=at), text, URL) is None


def test_a_payload_met_before_is_found_by_its_digest(originals):
    """In whichever file of this run, at whichever address."""
    other = capture(url_of("9"), body=BODY, at=THEN)
    one = originals(other)
    one.met(told("sha1"), other)
    one.met("crc32:0", other)

    assert one.resolve(revisit(told("sha1", form="hex")), told("sha1", form="hex"), URL).body == BODY


@pytest.mark.parametrize(
    ("status", "headers"), [(304, ((b"X-Vu", b"encore"),)), (0, ((b"X-Vu", b"encore"),)), (200, ())]
)
def test_a_revisit_without_an_answer_of_its_own_has_the_originals(originals, status, headers):
    """A 304 says that nothing changed; its headers are not the page's."""
    found = originals().resolve(revisit("", refers=(URL, stamp(THEN)), status=status, headers=headers), "", URL)

    assert (found.status, found.header("content-type")) == (200, "text/html; charset=utf-8")
