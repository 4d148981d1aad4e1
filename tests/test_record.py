"""Canonical bytes, the comparison form and the digests over it."""

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from archive.record import canonical, comparison_form, digest, parse, text_digest

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_canonical_bytes_are_those_of_rfc_8785(value):
    """The fast encoder writes byte for byte what the reference library writes, and reads back the same value."""
    data = canonical(value)

    assert data == rfc8785.dumps(value)
    assert parse(data) == value


@given(texts)
def test_comparison_form_is_idempotent(text):
    """Folding a folded text changes nothing."""
    once = comparison_form(text)

    assert comparison_form(once) == once


def test_a_space_is_never_an_edit_but_a_quote_mark_is():
    """No-break spaces and invisible marks fold away; a changed quote mark or digit does not."""
    plain = text_digest(["« Un port » de 2 200 places"])

    assert text_digest(["«\u00a0Un\u200b port\u202f» de  2\u00a0200 places "]) == plain
    assert text_digest(['"Un port" de 2 200 places']) != plain
    assert text_digest(["« Un port » de 2 201 places"]) != plain


def test_a_digest_names_its_algorithm():
    """A digest is `sha256:` and 64 hex digits."""
    assert digest(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
