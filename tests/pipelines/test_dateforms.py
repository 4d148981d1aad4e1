"""The printed forms below the zone rules: folding, the Jalali calendar, months put in full."""

import unicodedata
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.languages.known import LANGUAGES
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


SEEN = datetime(2026, 11, 24, 12, 0, 30, 250, tzinfo=UTC)
TEHRAN = ZoneInfo("Asia/Tehran")
WORDS = {code: language.dates for code, language in LANGUAGES.items()}


def said(text, source="item-date", *, zone=TEHRAN, month_first=False):
    """Return what a text says as (moment, precision, zone, issue), or None."""
    found = read(fold(text), source, captured_at=SEEN, zone=zone, month_first=month_first)
    return found and tuple(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2017/8/20", (datetime(2017, 8, 20), "day", "", "")),
        ("2017-08-20 16h", (datetime(2017, 8, 20, 16), "hour", "", "")),
        ("20 août 2017 à 16 heures", (datetime(2017, 8, 20, 16), "hour", "", "")),
        ("20 août 2017, 4 pm", (datetime(2017, 8, 20, 16), "hour", "", "")),
        ("20 août 2017, 12 a.m.", (datetime(2017, 8, 20, 0), "hour", "", "")),
        ("20 août 2017, 12:00 pm", (datetime(2017, 8, 20, 12), "minute", "", "")),
        ("20 août 2017, 13:05 pm", (datetime(2017, 8, 20, 13, 5), "minute", "", "")),
        ("20 août 2017, 16:00 pm", (datetime(2017, 8, 20, 16), "minute", "", "")),
        ("20 août 2017, 00:30", (datetime(2017, 8, 20, 0, 30), "minute", "", "")),
        ("20 août 2017, 16:46:05", (datetime(2017, 8, 20, 16, 46, 5), "second", "", "")),
        ("2017-08-20 16:46 UTC", (datetime(2017, 8, 20, 16, 46, tzinfo=UTC), "minute", "UTC", "")),
        ("2017-08-20 16:46 gmt+4", (datetime(2017, 8, 20, 12, 46, tzinfo=UTC), "minute", "+04:00", "")),
        ("2017-08-20 16:46 +04", (datetime(2017, 8, 20, 12, 46, tzinfo=UTC), "minute", "+04:00", "")),
        ("2017-08-20 16:46 -0330", (datetime(2017, 8, 20, 20, 16, tzinfo=UTC), "minute", "-03:30", "")),
        ("1396/05/29", (datetime(2017, 8, 20), "day", "", "jalali")),
        ("1396 / 5 / 29", None),
        ("29 mordad 1396", None),
        ("۲۹ مرداد ۱۳۹۶، ۱۶:۴۶", (datetime(2017, 8, 20, 16, 46), "minute", "", "jalali")),
        ("2017–08–20", (datetime(2017, 8, 20), "day", "", "")),
        ("24 novembre", (datetime(2026, 11, 24), "day", "", "year_inferred")),
        ("25 novembre", (datetime(2025, 11, 25), "day", "", "year_inferred")),
        ("31 décembre à 16h46", (datetime(2025, 12, 31, 16, 46), "minute", "", "year_inferred")),
        ("29 février", (datetime(2024, 2, 29), "day", "", "year_inferred")),
        ("hier", (datetime(2026, 11, 23), "day", "", "relative")),
        ("hier à 14h30", (datetime(2026, 11, 23, 14, 30), "minute", "", "relative")),
        ("il y a 30 secondes", (datetime(2026, 11, 24, 12, 0, tzinfo=UTC), "second", "UTC", "relative")),
        ("il y a une minute", (datetime(2026, 11, 24, 11, 59, tzinfo=UTC), "minute", "UTC", "relative")),
        ("3 hours ago", (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "hour", "UTC", "relative")),
        ("an hour ago", (datetime(2026, 11, 24, 11, 0, tzinfo=UTC), "hour", "UTC", "relative")),
        ("il y a 2 jours", (datetime(2026, 11, 22), "day", "", "relative")),
        ("a week ago", (datetime(2026, 11, 17), "day", "", "relative")),
        ("il y a 2 moutons", None),
        ("2 moutons ago", None),
        ("maintenant", (datetime(2026, 11, 24, 12, 0, tzinfo=UTC), "minute", "UTC", "relative")),
    ],
)  # fmt: skip
def test_what_a_text_says(text, expected):
    """The instant or wall clock, how precise, the offset where the text settles it, and how it was worked out."""
    assert said(text) == expected


@pytest.mark.parametrize(("zone", "day"), [(UTC, 23), (ZoneInfo("Pacific/Kiritimati"), 24)], ids=["UTC", "ahead"])
def test_days_back_are_counted_where_the_outlet_is(zone, day):
    """Yesterday, and some days ago, are of the zone's own day at the look, not of ours."""
    assert said("hier", zone=zone)[0] == said("il y a 1 jour", zone=zone)[0] == datetime(2026, 11, day)


def test_a_day_of_this_year_or_the_last_is_of_the_zone():
    """What is tomorrow here is today where the outlet is."""
    ahead = ZoneInfo("Pacific/Kiritimati")

    assert (said("25 novembre")[0].year, said("25 novembre", zone=ahead)[0].year) == (2025, 2026)


@pytest.mark.parametrize(
    ("seen", "year"),
    [
        ("2026-12-01", 2024), ("2024-02-29", 2024), ("2024-02-28", 2020), ("2000-12-01", 2000), ("2100-12-01", 2096),
        ("2103-12-01", 2096), ("2104-02-28", 2096), ("2104-03-01", 2104),
    ],
)  # fmt: skip
def test_the_last_leap_day(seen, year):
    """A 29 February without a year is of the last year that had one, also behind a century that has none."""
    at = datetime.fromisoformat(seen).replace(tzinfo=UTC)
    found = read("29 fevrier", "item-date", captured_at=at, zone=UTC, month_first=False)

    assert found.moment == datetime(year, 2, 29)


@pytest.mark.parametrize("seen", [datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC)])
@pytest.mark.parametrize(
    ("unit", "span"),
    [
        ("secondes", timedelta(seconds=1)), ("minutes", timedelta(minutes=1)), ("heures", timedelta(hours=1)),
        ("jours", timedelta(days=1)), ("semaines", timedelta(weeks=1)),
    ],
)  # fmt: skip
def test_a_span_is_exactly_as_long_as_it_says(seen, unit, span):
    """From the first instant of a day to the last, many of them are the multiple of one."""
    found = read(f"il y a 9 {unit}", "item-date", captured_at=seen, zone=UTC, month_first=False)
    was = seen - 9 * span
    parts = {"secondes": {}, "minutes": {"second": 0}, "heures": {"second": 0}}
    day = {"hour": 0, "minute": 0, "second": 0, "tzinfo": None}

    assert found.moment == was.replace(**parts.get(unit, day))


def test_seconds_and_minutes_ago_are_whole():
    """What is told in seconds is true to the second, what is told in minutes or hours to the minute."""
    assert said("il y a 10 secondes")[0] == datetime(2026, 11, 24, 12, 0, 20, tzinfo=UTC)
    assert said("il y a 10 minutes")[0] == datetime(2026, 11, 24, 11, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "source", "day"),
    [
        ("2017/8/20", "url", 20), ("2017/8/20", "URL", 20), ("http://127.0.0.1/Detail/2017/8/20/1/t", "url:canonical", 20),
        ("/2017/8/200/", "url", None), ("/12017/8/20/", "url", None), ("/2017/8/20/", "item-date", None),
    ],
)  # fmt: skip
def test_the_day_of_an_address(text, source, day):
    """Whole parts of a path only, and of an address only."""
    found = said(text, source)

    assert found == (day and (datetime(2017, 8, day), "day", "", ""))


def test_which_number_is_the_month():
    """As the source says; dots, slashes and dashes part alike, but not one another's."""
    for text in ("3/9/2026", "3.9.2026", "3-9-2026"):
        assert said(text)[0] == datetime(2026, 9, 3)
        assert said(text, month_first=True)[0] == datetime(2026, 3, 9)
    assert said("3/9-2026") is None


@pytest.mark.parametrize("word", sorted({word for words in WORDS.values() for word in words.now}))
def test_every_word_for_now(word):
    """Each word of each language for this moment is the minute of the look."""
    assert said(word) == (datetime(2026, 11, 24, 12, tzinfo=UTC), "minute", "UTC", "relative")


@pytest.mark.parametrize(("word", "days"), sorted({pair for words in WORDS.values() for pair in words.back.items()}))
def test_every_word_for_a_day_back(word, days):
    """Each word of each language for a day near the look."""
    assert said(word) == (datetime(2026, 11, 24 - days), "day", "", "relative")


@pytest.mark.parametrize(("word", "unit"), sorted({pair for words in WORDS.values() for pair in words.units.items()}))
def test_every_word_for_a_span(word, unit):
    """Each word of each language for a span of time, counted back from the look in either order of words."""
    spans = {
        "second": timedelta(seconds=2), "minute": timedelta(minutes=2), "hour": timedelta(hours=2),
        "day": timedelta(days=2), "week": timedelta(weeks=2),
    }  # fmt: skip
    was = SEEN - spans[unit]
    known = {"second": was.replace(microsecond=0), "minute": was.replace(second=0, microsecond=0)}
    known["hour"] = known["minute"]
    expected = known.get(unit, datetime(was.year, was.month, was.day))
    precision = {"week": "day"}.get(unit, unit)

    assert [said(form)[:2] for form in (f"il y a 2 {word}", f"2 {word}. ago")] == [(expected, precision)] * 2


@pytest.mark.parametrize(
    "word", ["Publié le", "Mise à jour :", "modifié le", "Date :", "last updated", "Updated on", "Posted", "published"]
)
def test_words_before_a_date(word):
    """What a template prints before a date is passed over, in any language."""
    assert said(f"{word} 20 août 2017 16:46")[0] == datetime(2017, 8, 20, 16, 46)


@pytest.mark.parametrize("day", sorted({d for words in WORDS.values() for d in words.weekdays.split()}))
def test_every_weekday(day):
    """A weekday's name, whole or short, says nothing beside the date."""
    assert said(f"{day}. 20 août 2017")[0] == said(f"{day} August 20, 2017")[0] == datetime(2017, 8, 20)


@pytest.mark.parametrize(
    ("month", "name"),
    sorted(
        {(n, name) for words in WORDS.values() for n, names in enumerate(words.months, 1) for name in names.split()}
    ),
)
def test_every_months_name(month, name):
    """Each name of each month, in each language."""
    assert said(f"20 {name} 2017")[0] == datetime(2017, month, 20)


JALALI = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"]


@pytest.mark.parametrize("name", JALALI)
def test_every_jalali_month(name):
    """Each month of the Jalali calendar by its name."""
    assert said(f"۱ {name} ۱۳۹۶")[0].date() == gregorian(1396, JALALI.index(name) + 1, 1)


@pytest.mark.parametrize("mark", [0xAD, 0x61C, 0x200B, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069, 0xFEFF], ids=hex)
def test_invisible_marks_are_no_part_of_a_date(mark):
    """Each invisible mark is left out wherever it stands."""
    assert fold(f"2{chr(mark)}0 août{chr(mark)} 2017") == "20 aout 2017"


@pytest.mark.parametrize("dash", "\u2010\u2011\u2012\u2013\u2014\u2212")
def test_every_dash_is_a_hyphen(dash):
    """Dashes of any length part a date's numbers."""
    assert fold(f"20{dash}08{dash}2017") == "20-08-2017"


def test_white_space_around_a_date_is_none_of_it():
    """However much of it a template prints in front or behind."""
    far = " \n\u00a0" * LONGEST
    assert fold(f"hier{' ' * 2 * LONGEST}soir") == fold("hier")

    assert fold(f"{far}20 août 2017{far}") == "20 aout 2017"
    assert split_update(f"{far}20 août 2017{far}") == ("20 août 2017", "")


def test_foreign_digits_and_commas_fold():
    """Persian and Arabic digits are ASCII ones in their order, an Arabic comma a space, a curly apostrophe straight."""
    assert fold("۰۱۲۳۴۵۶۷۸۹") == fold("٠١٢٣٤٥٦٧٨٩") == "0123456789"
    assert fold("۲۹ مرداد،۱۳۹۶") == fold("۲۹ مرداد ۱۳۹۶")
    assert fold("aujourd’hui, 12h") == "aujourd'hui 12h"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Sun Mar 17, 2019 01:16PM [Updated: Tue Mar 19, 2019 12:03PM ]", ("Sun Mar 17, 2019 01:16PM", "Tue Mar 19, 2019 12:03PM")),
        ("17 mars 2019 | mis à jour le 19 mars 2019", ("17 mars 2019", "19 mars 2019")),
        ("17 mars 2019 – dernière mise à jour : 19 mars 2019", ("17 mars 2019", "19 mars 2019")),
        ("17 mars 2019, modifié le 19 mars 2019", ("17 mars 2019", "19 mars 2019")),
        ("March 17, 2019 - last updated on March 19, 2019", ("March 17, 2019", "March 19, 2019")),
        ("  17 mars 2019\r\n", ("17 mars 2019", "")),
        ("17 mars MMXX | mis à jour le 19 mars 2019", ("17 mars MMXX", "19 mars 2019")),
    ],
)  # fmt: skip
def test_split_update(text, parts):
    """A date and its update are parted, each without what stood between them."""
    assert split_update(text) == parts
