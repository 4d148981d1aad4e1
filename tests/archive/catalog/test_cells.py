"""Texts with a checksum: a changed one is damage; a text of the outlet's is a text, whatever it begins with."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.catalog.cells import CatalogDamaged, sealed, unsealed
from archive.catalog.selection import Selection
from archive.exporters.views import VIEWS
from tests import facts

VALUES = st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists)


@given(VALUES, st.data())
def test_a_changed_text_is_damage(value, data):
    """What was sealed comes back; with any character another one nothing does."""
    text = sealed(value)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(exclude_categories=["Cs"]).filter(lambda char: char != text[place]))

    assert unsealed(text) == value
    with pytest.raises(CatalogDamaged):
        unsealed(text[:place] + other + text[place + 1 :])


@pytest.mark.row("F-TXT-28")
@pytest.mark.parametrize("text", ["\x01abc", "\x01deadbeef{}", sealed({"a": 1})[:-1]])
def test_no_text_of_the_outlet_is_taken_for_damage(text):
    """A headline or header that begins as a sealed text does is exported as it stands, in every view."""
    log = facts.new_log()
    facts.write(log, facts.read(7, 0, headline=text, byline=text, sections=(text,), tags=(text,)))
    facts.write(log, facts.saw(7, 60, etag=text, detail=text, reason=text))
    archive = facts.folded(log)
    rows = {view: list(VIEWS[view](archive, Selection())) for view in VIEWS}

    assert [row["headline"] for row in rows["latest"]] == [text]
    assert json.dumps(rows["checks"]).count(json.dumps(text)) == 3
