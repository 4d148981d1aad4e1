"""Text made safe for a terminal: what it would obey is written out everywhere, what it would hide in a diff as well."""

import pytest

from archive.facts.canonical import canonical, parse
from archive.texts.terminal import printable, printable_json, visible


@pytest.mark.parametrize(
    ("text", "shown", "seen"),
    [
        ("l’été\tà Nîmes\n", "l’été\tà Nîmes\n", "l’été\\x09à Nîmes\\x0a"),
        ("\x1b]0;x\x07", *["\\x1b]0;x\\x07"] * 2),
        ("a\x9bb\x7f\x00", *["a\\x9bb\\x7f\\x00"] * 2),
        ("\u202eabc\u2066", *["\\u202eabc\\u2066"] * 2),
        ("a\rb", *["a\\x0db"] * 2),
        ("a\u2028b", *["a\\u2028b"] * 2),
        ("a\u200bb\u00adc", *["a\\u200bb\\xadc"] * 2),
        ("a\ufeff\ud800", *["a\\ufeff\\ud800"] * 2),
        ("a\U000e0041", *["a\\U000e0041"] * 2),
        ("«\u00a0l’œuvre\u202f» 2\u00a0200", *["«\u00a0l’œuvre\u202f» 2\u00a0200"] * 2),
    ],
    ids=["layout", "escape", "C1", "bidi", "return", "line", "zero-width", "surrogate", "tag", "French spaces"],
)
def test_what_could_steer_a_terminal_is_written_out(text, shown, seen):
    """Controls, bidi and hidden marks always, tabs and line feeds in a single text; letters and spaces are left alone."""
    assert (printable(text), visible(text)) == (shown, seen)


def test_json_is_the_same_document():
    """What would steer or hide is escaped as JSON escapes it, and reads back."""
    value = {"a": ["l’été\x9b\x1b\u202e\u200b\xad\U000e0041", 1, None]}
    text = printable_json(canonical(value).decode())

    assert parse(text) == value
    assert printable(text) == text
