"""Canonical bytes, the comparison form and the digests over it."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.canonical import canonical, digest, parse
from archive.facts.forms import comparison_form
from archive.facts.items import Article, Caption, Capture, DateText, Moment, Related
from archive.facts.record import build, differ, identity
from tests.facts import text_digest

SPACES = "\u00a0\u1680\u2000\u2007\u200a\u2028\u2029\u202f\u205f\u3000 \t\r\n\x0b\x0c\x1c\x85"
INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064"
    "\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\ufeff"
)
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.row("F-CON-15")
@given(values)
def test_canonical_bytes_are_those_of_rfc_8785(value):
    """The fast encoder writes byte for byte what the reference library writes, and reads back the same value."""
    data = canonical(value)

    assert data == rfc8785.dumps(value)
    assert parse(data) == value


@pytest.mark.row("F-TXT-06")
@given(texts)
def test_comparison_form_is_idempotent(text):
    """Folding a folded text changes nothing."""
    once = comparison_form(text)

    assert comparison_form(once) == once


@pytest.mark.row("F-TXT-01")
@pytest.mark.row("F-TXT-02")
@pytest.mark.row("F-TXT-03")
@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(SPACES + INVISIBLE + "e\u0301"), max_size=30))
def test_comparison_form_as_the_format_states_it(text):
    """NFC, invisible marks out, each run of white space one space, ends stripped, NFC: step by step, to the byte."""
    seen = re.sub(f"[{INVISIBLE}]", "", unicodedata.normalize("NFC", text))
    folded = re.sub(rf"[\s{SPACES}]+", " ", seen).strip()

    assert comparison_form(text) == unicodedata.normalize("NFC", folded)


@given(texts, texts, st.lists(texts, max_size=4))
def test_digests_of_a_record_are_those_of_its_fields(headline, lead, body):
    """The digests worked out while a record is built are those that anybody works out from the record alone."""
    article = Article(article_id="1", url="http://127.0.0.1/", headline=headline, lead=lead, body=tuple(body))
    capture = Capture(url=article.url, captured_at=datetime(2026, 1, 2, tzinfo=UTC), status=200)
    record = build(article, capture, mirror="127.0.0.1", revision=1)

    assert record["digests"]["headline"] == text_digest([record["headline"]])
    assert record["digests"]["text"] == text_digest([record["lead"], *record["body"]])
    assert record["digests"]["version"] == digest(canonical(identity(record)))


@pytest.mark.row("F-TXT-01")
@pytest.mark.row("F-TXT-02")
def test_a_space_is_never_an_edit_but_a_quote_mark_is():
    """No-break spaces and invisible marks fold away; a changed quote mark or digit does not."""
    plain = text_digest(["« Un port » de 2 200 places"])

    assert text_digest(["«\u00a0Un\u200b port\u202f» de  2\u00a0200 places "]) == plain
    assert text_digest(['"Un port" de 2 200 places']) != plain
    assert text_digest(["« Un port » de 2 201 places"]) != plain


def test_a_digest_names_its_algorithm():
    """A digest is `sha256:` and 64 hex digits."""
    assert digest(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("field", "value", "other"),
    [
        ("headline", "Un autre titre", True), ("lead", "Un autre", True), ("body", ("Un autre.",), True),
        ("sections", ("Iran",), True), ("images", ("http://127.0.0.1/a.jpg",), True), ("tags", ("eau",), True),
        ("byline", "Une autre", True), ("headline", "Un\u00a0titre", False), ("layout", "modern", False),
        ("source_line", "SOURCE", False), ("language", "fr", False),
    ],
)  # fmt: skip
def test_readings_differ(field, value, other):
    """By what makes a version or is written beside it: not by spaces, the layout, or what the page says of itself."""
    article = Article(article_id="1", url="http://127.0.0.1/", headline="Un titre", body=("Un texte.",))
    capture = Capture(url=article.url, captured_at=datetime(2026, 1, 2, tzinfo=UTC), status=200)
    old, new = (build(a, capture, mirror="h", revision=1) for a in (article, replace(article, **{field: value})))

    assert (differ(old, new), differ(old, old)) == (other, False)


AT = datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC)
PLACE = {
    "segment": "", "offset": 0, "length": 0, "payload_sha256": "",
    "http": {"status": 200, "etag": None, "last_modified": None, "date": None},
}  # fmt: skip
BARE = {
    "schema": "presstv.record/1", "article_id": "1", "url": "http://127.0.0.1/1", "mirror": "m", "byline": "",
    "captured_at": "2026-01-02T03:04:05.000600Z", "headline": "Titre", "kicker": "", "lead": "", "body": [],
    "captions": [], "images": [], "sections": [], "tags": [], "related": [], "language": "", "source_line": "",
    "published": None, "modified": None,
    "clocks": {"visible": None, "meta": None, "feed": None, "last_modified": None}, "capture": PLACE,
    "extraction": {"revision": 3, "layout": "", "sources": {}, "issues": []},
}  # fmt: skip


def test_a_record_of_the_least_that_a_page_says():
    """What a page does not say is empty, or null where it is no text; every field is there all the same."""
    article = Article(article_id="1", url="http://127.0.0.1/1", headline="Titre")
    record = build(article, Capture(url=article.url, captured_at=AT, status=200), mirror="m", revision=3)

    assert {name: value for name, value in record.items() if name != "digests"} == BARE
    assert record["digests"]["payload"] == ""
    assert identity(record) == {
        "headline": "Titre", "kicker": "", "lead": "", "body": [], "captions": [], "published": None,
    }  # fmt: skip


def test_a_record_of_all_that_a_page_says():
    """Each field comes from its like, texts as the outlet wrote them, instants without what is no precision."""
    head = ((b"ETag", b'"a"'), (b"LAST-MODIFIED", b"lundi"), (b"last-modified", b"mardi"), (b"Date", b"mercredi"))
    capture = Capture(
        url="http://127.0.0.1/1?x", captured_at=AT, status=203, response_headers=head, payload="sha256:0a",
        segment="captures/a.warc.gz", offset=7, length=9,
    )  # fmt: skip
    article = Article(
        article_id="1", url="http://127.0.0.1/1", headline="Un\u00a0titre", kicker="Sur", byline="Qui", lead="Un  chapeau",
        body=("Un texte.", "Un\u00a0autre."), captions=(Caption(text="Le port ©A", credit="A"), Caption(text="Seul")),
        images=("http://127.0.0.1/a.jpg",), sections=("Iran", "Eau"), tags=("eau", "bac"),
        related=(Related(title="Autre", url="http://127.0.0.1/2"),), language="fr", source_line="SOURCE: X",
        published_texts=(
            DateText(text="le 1er", source="item-date"), DateText(text="le 1er", source="time[datetime]"),
            DateText(text="le 2", source="generic:printed"), DateText(text="1/1", source="DC.Date.Created"),
            DateText(text="2026/1/1", source="url"),
        ),
        modified_texts=(
            DateText(text="le 3", source="generic:date"), DateText(text="3/1", source="json-ld"),
            DateText(text="sans", source=""),
        ),
        published=Moment(utc=AT, raw="le 1er", zone="UTC", precision="second", source="item-date", issue="gap"),
        modified=Moment(utc=AT.replace(microsecond=0), raw="le 3"), layout="modern", sources={"headline": "h1"},
        issues=("no_text",),
    )  # fmt: skip
    record = build(article, capture, mirror="m", revision=3, feed="hier")

    assert {name: value for name, value in record.items() if name != "digests"} == BARE | {
        "byline": "Qui", "headline": "Un\u00a0titre", "kicker": "Sur", "lead": "Un  chapeau",
        "body": ["Un texte.", "Un\u00a0autre."],
        "captions": [{"text": "Le port ©A", "credit": "A"}, {"text": "Seul", "credit": ""}],
        "images": ["http://127.0.0.1/a.jpg"], "sections": ["Iran", "Eau"], "tags": ["eau", "bac"],
        "related": [{"title": "Autre", "url": "http://127.0.0.1/2"}], "language": "fr", "source_line": "SOURCE: X",
        "published": {
            "utc": "2026-01-02T03:04:05.000600Z", "raw": "le 1er", "zone": "UTC", "precision": "second",
            "source": "item-date", "issue": "gap",
        },
        "modified": {
            "utc": "2026-01-02T03:04:05Z", "raw": "le 3", "zone": "", "precision": "", "source": "", "issue": "",
        },
        "clocks": {
            "visible": "le 1er | le 2 | le 3 | sans", "meta": "1/1 | 3/1", "feed": "hier", "last_modified": "lundi",
        },
        "capture": {
            "segment": "captures/a.warc.gz", "offset": 7, "length": 9, "payload_sha256": "0a",
            "http": {"status": 203, "etag": '"a"', "last_modified": "lundi", "date": "mercredi"},
        },
        "extraction": {"revision": 3, "layout": "modern", "sources": {"headline": "h1"}, "issues": ["no_text"]},
    }  # fmt: skip
    assert build(article, capture, mirror="m", revision=3, feed="")["clocks"]["feed"] is None
    assert record["digests"]["payload"] == "sha256:0a"
    assert identity(record) == {
        "headline": "Un titre", "kicker": "Sur", "lead": "Un chapeau", "body": ["Un texte.", "Un autre."],
        "captions": ["Le port ©A", "Seul"], "published": "2026-01-02T03:04:05.000600Z",
    }  # fmt: skip
