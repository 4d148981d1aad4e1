"""What a citation names, and which two versions are compared."""

import pytest

from archive.catalog.naming import moment_of, named_pair, named_version
from archive.errors import UsageError
from archive.facts.names import stamp
from tests import facts


@pytest.fixture(scope="module")
def db():
    """Return a catalog of an article of three versions and of one with one."""
    log = facts.new_log()
    for minute, text in ((0, facts.TEXTS[0]), (60, facts.TEXTS[1]), (120, facts.TEXTS[0])):
        facts.write(log, facts.read(1, minute, text))
    facts.write(log, facts.read(2, 0))
    return facts.folded(log).catalog.db


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("1",), (2, 3)),
        (("1", "1"), (1, 3)),
        (("1", "1", "2"), (1, 2)),
        (("1", "3", "1"), (3, 1)),
        (("1", "2026-11-24T12:30:00Z"), (1, 3)),
        (("2", "1"), (1, 1)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value[0], str) else None,
)
def test_two_versions_are_compared(db, words, numbers):
    """The last two, one and the newest, or any two, in the order that was asked for."""
    assert tuple(version.number for version in named_pair(db, *words)) == numbers


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("2",), "one version only"),
        (("3",), "no article '3'"),
        (("1", "4"), "has no version 4"),
        (("1", "1", "9"), "has no version 9"),
        (("1", "hier"), "'hier' is no time"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_compared_is_a_usage_error(db, words, says):
    """It says what is not there."""
    with pytest.raises(UsageError, match=says):
        named_pair(db, *words)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("1", 3),
        ("1@latest", 3),
        ("1@2", 2),
        ("1@2026-11-24T13:10", 2),
        ("1@2026-11-24T16:30:00+03:30", 2),
        ("1@2026-11-24", 3),
    ],
)
def test_a_citation_names_one_version(db, name, number):
    """By number, by `latest`, or by what was in force at a time; a day means its end."""
    assert named_version(db, name).number == number


def test_a_day_means_its_last_instant():
    """In UTC."""
    assert stamp(moment_of("2026-11-24")) == "2026-11-24T23:59:59.999999Z"
