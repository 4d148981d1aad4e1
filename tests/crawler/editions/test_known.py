"""The editions that there are, and that no word of theirs stands in the core."""

import pickle
import re
from pathlib import Path

import pytest

from archive.errors import ConfigurationError
from archive.languages.known import LANGUAGES
from crawler.editions.known import EDITIONS, edition_named, edition_of, vocabulary_of
from settings.base import OURS

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted(path for room in ("archive", "pipelines") for path in (ROOT / room).rglob("*.py"))
OUTLET = re.compile(r"(?<!\w)(?:presstv|press ?tv|ilhan|french press)(?!\w)", re.IGNORECASE)
SCHEMAS = re.compile(r'"presstv\.[a-z-]+/1"|timestamp\("us"')
"""Names that are stored, which stay; and the unit of a microsecond, which is spelt as a section's key."""


def test_the_edition_by_default_exists():
    """It is the French one, with its own zone."""
    edition = edition_of(OURS)

    assert (edition.name, edition.zone) == ("presstv-fr", "Asia/Tehran")


def test_another_zone_is_taken_where_it_is_set():
    """OUTLET_ZONE goes over the edition's own zone."""
    edition = edition_of(OURS | {"OUTLET_ZONE": "Europe/Paris"})

    assert (edition.zone, edition.calendar.zone) == ("Europe/Paris", "Europe/Paris")


@pytest.mark.parametrize("name", ["presstv-de", "", "PRESSTV-FR"])
def test_an_edition_that_does_not_exist(name):
    """The error is a configuration's and names those that do."""
    with pytest.raises(ConfigurationError, match="presstv-fr, presstv-en") as error:
        edition_named(name)

    assert error.value.exit_code == 4


@pytest.mark.parametrize("name", EDITIONS)
def test_an_editions_file(name):
    """It stands under its own name, knows its language, has its default sections, and goes to another process whole."""
    edition = edition_named(name)

    assert (ROOT / "crawler" / "editions" / f"{name.replace('-', '_')}.py").is_file()
    assert vocabulary_of(name).edition == name
    assert edition.words is LANGUAGES[edition.language]
    assert edition.chosen_sections("") is not None
    assert pickle.loads(pickle.dumps(edition)) == edition


def words_of_the_outlet(text):
    """Return the outlet's names and the sections' quoted keys that stand in a text, stored schema names aside."""
    keys = {section.key for edition in EDITIONS.values() for section in edition.sections}
    quoted = re.compile(rf"""(["'])(?:{"|".join(map(re.escape, sorted(keys)))})\1""")
    return [found[0] for pattern in (OUTLET, quoted) for found in pattern.finditer(SCHEMAS.sub("", text))]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_word_of_the_outlet_stands_in_the_core(path):
    """archive/ and pipelines/ are handed what they must know of an edition."""
    assert words_of_the_outlet(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SOURCE: FRENCH PRESS TV", ["FRENCH PRESS"]),
        ("r'press ?tv|PressTV'", ["PressTV"]),
        ("sections = ('une', \"asia-pacific\")", ["'une'", '"asia-pacific"']),
        ('SCHEMA = "presstv.record/1"', []),
        ("the european press", []),
    ],
    ids=["source", "site", "keys", "schema", "none"],
)
def test_what_counts_as_a_word_of_the_outlet(text, found):
    """Whole words in any case, and keys between quotes."""
    assert words_of_the_outlet(text) == found
