"""The printed forms below the zone rules: folding, the Jalali calendar, months put in full."""

import unicodedata
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dateforms import LONGEST, fold, gregorian, offset_name, read, split_update, with_names


@pytest.mark.row("F-DAT-04")
@pytest.mark.parametrize(
    ("jalali", "expected"),
    [
        ((1386, 1, 1), date(2007, 3, 21)),
        ((1387, 12, 30), date(2009, 3, 20)),
        ((1395, 12, 30), date(2017, 3, 20)),
        ((1396, 1, 1), date(2017, 3, 21)),
        ((1399, 1, 1), date(2020, 3, 20)),
        ((1400, 6, 31), date(2021, 9, 22)),
        ((1400, 7, 1), date(2021, 9, 23)),
        ((1404, 9, 3), date(2025, 11, 24)),
        ((1408, 1, 1), date(2029, 3, 20)),
    ],
)
def test_gregorian(jalali, expected):
    """Days of the Jalali calendar are those of the Iranian one in use."""
    assert gregorian(*jalali) == expected


@pytest.mark.row("F-DAT-04")
@pytest.mark.parametrize(
    "jalali", [(1404, 12, 30), (1404, 7, 31), (1404, 0, 1), (1404, 13, 1), (1299, 1, 1), (1500, 1, 1)]
)
def test_no_jalali_day(jalali):
    """A day that the calendar lacks is an error, so 30 Esfand stands in leap years only."""
    with pytest.raises(ValueError, match="Jalali"):
        gregorian(*jalali)


@pytest.mark.parametrize("year", range(1300, 1499))
def test_jalali_years_join(year):
    """The day after the last of a year is the first of the next, whatever its length."""
    last = max(day for day in (29, 30) if day == 29 or year % 33 in {1, 5, 9, 13, 17, 22, 26, 30})

    assert gregorian(year, 12, last) + timedelta(days=1) == gregorian(year + 1, 1, 1)


@pytest.mark.row("F-DAT-13")
@given(st.text())
def test_fold_is_short_and_idempotent(text):
    """Folding cuts at LONGEST, leaves nothing invisible at the ends, and is total."""
    folded = fold(text)

    assert len(folded) <= LONGEST
    assert folded == folded.strip() or folded == ""
    assert not any(map(unicodedata.combining, folded))


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("vers 12h le 3 sept 2020", [*"abcdefgh", "septembre"], "vers 12h le 3 septembre 2020"),
        ("rien 2020", ["x"] * 12, None),
        ("3 mai ou juin 2020", ["x"] * 12, None),
    ],
)
def test_with_names(text, names, expected):
    """One month's name is put in full; none, or several, are no date."""
    assert with_names(text, names) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("16:46 - 20 août 2017", datetime(2017, 8, 20, 16, 46)),
        ("16h46, le 20 août 2017", datetime(2017, 8, 20, 16, 46)),
        ("4:46 PM, August 20th, 2017", datetime(2017, 8, 20, 16, 46)),
        ("16:46 | dim. 20 août 2017", datetime(2017, 8, 20, 16, 46)),
        ("16:46 - 20 août", None),
        ("16:46 - 20/08/2017", None),
        ("0:46 PM - 20 août 2017", None),
        ("16:46 - 20 mouton 2017", None),
    ],
)
def test_clock_first(text, expected):
    """A whole date behind its clock is an exact form, without dateparser; what is odd about it is left to that."""
    found = read(fold(text), "item-date", captured_at=datetime(2026, 1, 2, tzinfo=UTC), zone=UTC, month_first=False)

    assert (found.moment if found else None) == expected


@pytest.mark.row("F-DAT-13")
def test_split_update_of_a_long_text():
    """A text of forty thousand characters is looked at near its start only."""
    main, updated = split_update("Sun Aug 20, 2017 4:46PM " + "x" * 40_000 + "[Updated: later]")

    assert main.startswith("Sun Aug 20")
    assert len(main) <= 4 * LONGEST
    assert updated == ""


@pytest.mark.parametrize(("minutes", "name"), [(0, "UTC"), (210, "+03:30"), (-300, "-05:00"), (-30, "-00:30")])
def test_offset_name(minutes, name):
    """An offset is named with its sign and minutes, none as UTC."""
    assert offset_name(timedelta(minutes=minutes)) == name


FIRST, SECOND = "24/11/2026 à 11:50", "25/11/2026 à 10:05"
PARTED = [
    (f"{FIRST} [ Last Update: {SECOND} ]", (FIRST, SECOND)),
    (f"{FIRST} Last update {SECOND}", (FIRST, SECOND)),
    (f"{FIRST} last modified on {SECOND}", (FIRST, SECOND)),
    (f"Publié le {FIRST} | Actualisé le {SECOND}", (f"Publié le {FIRST}", SECOND)),
    (f"{FIRST} - Dernière modification : {SECOND}", (FIRST, SECOND)),
    (f"{FIRST} - DERNIERE MISE A JOUR : {SECOND}", (FIRST, SECOND)),
    (f"Modifié le {SECOND} - Publié le {FIRST}", (FIRST, SECOND)),
    (f"Mis à jour : {SECOND} | Publié : {FIRST}", (FIRST, SECOND)),
    (f"Updated: {SECOND}, published on {FIRST}", (FIRST, SECOND)),
    (f"Mis à jour le {SECOND}", ("", SECOND)),
    (f"Publié le {FIRST}", (f"Publié le {FIRST}", "")),
    (f"{FIRST}, par une rédactrice republiée", (f"{FIRST}, par une rédactrice republiée", "")),
]


@pytest.mark.parametrize(("text", "parts"), [pytest.param(t, p, id=t) for t, p in PARTED])
def test_split_update_in_any_order(text, parts):
    """The update is told from the publication by its words, whichever comes first; a line without one stays whole."""
    assert split_update(text) == parts


def test_hours_of_a_half_day_with_a_blank():
    """`a. m.` and `p. m.` are halves of the day, however they are spaced."""
    given = {
        "source": "item-date",
        "captured_at": datetime(2026, 11, 24, tzinfo=UTC),
        "zone": UTC,
        "month_first": False,
    }

    assert read(fold("24 November 2026, 4:46 p. m."), **given).moment.hour == 16
    assert read(fold("24 November 2026, 4:46 a. m."), **given).moment.hour == 4
