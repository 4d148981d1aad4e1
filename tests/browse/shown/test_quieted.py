"""Stored HTML made quiet: its text stays, what loads or leads goes, in a time that grows with its length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from browse.shown.quieted import quieted
from tests.payloads import PAYLOADS

PAGE = """<html><head><title>T</title><link rel=x href=y><script>var a = "<p>";</script><style>p { background: url(x) }</style></head>
<body onload="x()"><form action=z><p style="color: red">Le bac <a href="/Detail/1" target=_blank>passe</a>.<img src=a.jpg></p></form></body></html>"""


def test_the_text_stays_and_what_leads_goes():
    """Words, paragraphs and inline style sheets stay; addresses, scripts, forms and refreshes are gone."""
    tree = html.fromstring(quieted(PAGE))

    assert " ".join(tree.find("body").text_content().split()) == "Le bac passe."
    assert list(tree.iterlinks()) == []
    assert {each.tag for each in tree.iter()} == {"html", "head", "title", "style", "body", "p", "a", "img"}


@given(st.lists(st.sampled_from([*PAYLOADS, "<", ">", '"', "a", " ", "</script>", "<style>"]), max_size=8).map("".join))
def test_no_mix_leaves_what_leads(text):
    """Payloads in any order and nesting leave no script, frame, form, base, refresh or linked file."""
    tree = html.document_fromstring(f"<body>{quieted(text)}</body>")

    assert not {each.tag for each in tree.iter()} & {"script", "base", "meta", "iframe", "object", "embed", "form"}


@pytest.mark.parametrize(
    "piece",
    ["<a ", "<a href=x ", "<script", "<script></script", "<style>", "< ", "<a<", "</", "<!--", "url(", "<link "],
)
def test_a_long_page_takes_no_longer_than_its_length(piece):
    """A megabyte of what the rules look for is read once."""
    assert isinstance(quieted(piece * (1_000_000 // len(piece))), str)
