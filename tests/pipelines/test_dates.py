"""Step 5: which instants a page's date texts give, and when none is believed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.errors import ConfigurationError
from archive.facts.items import Article, Capture, DateText, Moment
from archive.facts.names import stamp
from pipelines.dates import AHEAD, Dates, read_date, updated_part
from pipelines.look import Look
from tests.french import EDITION, dates

TEHRAN = ZoneInfo("Asia/Tehran")
SEEN = datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)
LATE = datetime(2031, 1, 1, tzinfo=UTC)


def read(text: str, source: str = "item-date", *, zone: str = "Asia/Tehran", seen: datetime = SEEN) -> Moment:
    return read_date(
        DateText(text=text, source=source),
        captured_at=seen,
        calendar=replace(EDITION.calendar, zone=zone),
        assumed=True,
    )


def utc(text: str, **how) -> str | None:
    moment = read(text, **how)
    return stamp(moment.utc)[:19] if moment.utc else None


def article(*published: tuple[str, str], modified: tuple[tuple[str, str], ...] = ()) -> Article:
    return Article(
        article_id="600001",
        url="http://127.0.0.1/Detail/2017/8/20/600001/titre",
        headline="Titre",
        published_texts=tuple(DateText(text=t, source=s) for t, s in published),
        modified_texts=tuple(DateText(text=t, source=s) for t, s in modified),
    )


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("Sun Aug 20, 2017 4:46PM", "minute"),
        ("Sun Aug 20, 2017 04:46PM", "minute"),
        ("\r\n     Sun Aug 20, 2017 4:46PM [Updated: Mon Aug 21, 2017 12:03PM ]\r\n", "minute"),
        ("August 20, 2017 at 4:46 p.m.", "minute"),
        ("20 Aug 2017 16:46:00", "second"),
        ("2017-08-20 16:46", "minute"),
        ("2017-08-20T16:46:00", "second"),
        ("2017-08-20T16:46:00.250", "second"),
        ("dimanche 20 août 2017 16:46", "minute"),
        ("dimanche 20 août 2017 à 16h46", "minute"),
        ("DIM. 20 AOUT 2017, 16 h 46", "minute"),
        ("Publié le : 20/08/2017 à 16:46", "minute"),
        ("20.08.2017 - 16:46", "minute"),
        ("20/08/2017 16h46 | mis à jour le 21/08/2017 à 10h00", "minute"),
        ("16:46 - 20 août 2017", "minute"),
        ("4:46 PM, August 20th, 2017", "minute"),
        ("1396/05/29 16:46", "minute"),
    ],
)
def test_forms_agree(text, precision):
    """Every printed form of one wall-clock time gives the same instant, in Tehran's zone of that day."""
    moment = read(text)

    assert (moment.utc, moment.precision) == (datetime(2017, 8, 20, 12, 16, tzinfo=UTC), precision)
    assert (moment.raw, moment.zone, moment.source) == (text, "Asia/Tehran (assumed)", "item-date")


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("3 janv. 2020", 1), ("3 janvier 2020", 1), ("3 févr. 2020", 2), ("3 fevrier 2020", 2), ("3 mars 2020", 3),
        ("3 avr. 2020", 4), ("3 mai 2020", 5), ("3 juin 2020", 6), ("3 juil. 2020", 7), ("3 Juillet 2020", 7),
        ("3 août 2020", 8), ("3 AOÛT 2020", 8), ("3 aou\u0302t 2020", 8), ("3 sept. 2020", 9), ("3 sept 2020", 9),
        ("3 oct. 2020", 10), ("3 nov. 2020", 11), ("3 déc. 2020", 12), ("mar. 3 mars 2020", 3),
        ("12h00 - 3 sept. 2020", 9),
    ],
)  # fmt: skip
def test_french_months(text, month):
    """French months are read whole, abbreviated or without accents; `sept.` is September, not dateparser's July."""
    moment = read(text, zone="UTC")

    assert moment.utc is not None
    assert (moment.utc.day, moment.utc.month) == (3, month)


@pytest.mark.row("F-DAT-08")
@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("3/9/2026 11:50:13 AM", "DC.Date.Created", "2026-03-09T08:20:13"),
        ("3/9/2026 11:50:13 AM", "item-date", "2026-09-03T08:20:13"),
        ("13/9/2026 11:50:13 AM", "DC.Date.Created", None),
        ("12/31/2025 12:05:00 AM", "DC.Date.Modified", "2025-12-30T20:35:00"),
        ("12/31/2025 12:05:00 PM", "DC.Date.Modified", "2025-12-31T08:35:00"),
        pytest.param("03/04/2026", "item-date", "2026-04-02T20:30:00", id="F-DAT-08"),
    ],
)
def test_order_of_numbers(text, source, expected):
    """The month comes first in DC.Date lines only; everywhere else the day does."""
    assert utc(text, source=source) == expected


@pytest.mark.parametrize(
    ("text", "expected", "zone"),
    [
        ("2017-08-20T12:16:00Z", "2017-08-20T12:16:00", "UTC"),
        ("2017-08-20T16:46:00+04:30", "2017-08-20T12:16:00", "+04:30"),
        ("2017-08-20T16:46+0430", "2017-08-20T12:16:00", "+04:30"),
        ("2017-08-20T07:16:00-05", "2017-08-20T12:16:00", "-05:00"),
        ("Sun, 20 Aug 2017 12:16:00 GMT", "2017-08-20T12:16:00", "UTC"),
        ("20 août 2017 à 15h46 (UTC+3:30)", "2017-08-20T12:16:00", "+03:30"),
        ("20 août 2017 13:16 CET", "2017-08-20T12:16:00", "+01:00"),
    ],
)
def test_stated_zone(text, expected, zone):
    """An offset in the text wins over the setting and is not called assumed."""
    moment = read(text)

    assert (stamp(moment.utc)[:19], moment.zone) == (expected, zone)


@pytest.mark.row("F-DAT-10")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-07-17 12:00", "2021-07-17T07:30:00"),
        ("2022-09-21 12:00", "2022-09-21T07:30:00"),
        ("2022-09-22 12:00", "2022-09-22T08:30:00"),
        ("2023-07-17 12:00", "2023-07-17T08:30:00"),
    ],
    ids=lambda value: f"F-DAT-10 {value}",
)
def test_summer_time_of_tehran(text, expected):
    """Tehran kept summer time until 21 September 2022 and none since."""
    assert utc(text) == expected


@pytest.mark.row("F-DAT-01")
@pytest.mark.row("F-DAT-02")
@pytest.mark.parametrize(
    ("text", "expected", "precision"),
    [
        ("il y a 3 heures", "2026-11-24T09:00:00", "hour"),
        ("il y a une heure", "2026-11-24T11:00:00", "hour"),
        ("hier à 14h30", "2026-11-23T11:00:00", "minute"),
        ("avant-hier", "2026-11-21T20:30:00", "day"),
        ("il y a 5 mn", "2026-11-24T11:55:00", "minute"),
        ("il y a 2 jours", "2026-11-21T20:30:00", "day"),
        ("à l’instant", "2026-11-24T12:00:00", "minute"),
        ("2 hours ago", "2026-11-24T10:00:00", "hour"),
        ("mis à jour il y a 10 min", "2026-11-24T11:50:00", "minute"),
    ],
    ids=lambda value: f"F-DAT-01/02 {value}",
)
def test_relative(text, expected, precision):
    """Relative texts are resolved against the capture's instant and are marked as such."""
    moment = read(text)

    assert (stamp(moment.utc)[:19], moment.precision, moment.issue) == (expected, precision, "relative")


@pytest.mark.row("F-DAT-02")
@pytest.mark.row("F-DAT-03")
@pytest.mark.row("F-DAT-04")
@pytest.mark.row("F-DAT-07")
@pytest.mark.row("F-DAT-15")
@pytest.mark.parametrize(
    ("text", "expected", "issue"),
    [
        pytest.param("mis à jour le 24 novembre 2026 à 10h05", "2026-11-24T06:35:00", "", id="F-DAT-02"),
        pytest.param("۲۴ نوامبر ۲۰۲۶", "2026-11-23T20:30:00", "", id="F-DAT-03 Persian"),
        pytest.param("٢٤ نوفمبر ٢٠٢٦", "2026-11-23T20:30:00", "", id="F-DAT-03 Arabic"),
        pytest.param("٢٤/١١/٢٠٢٦", "2026-11-23T20:30:00", "", id="F-DAT-03 digits"),
        pytest.param("1404/09/03", "2025-11-23T20:30:00", "jalali", id="F-DAT-04"),
        pytest.param("۳ آذر ۱۴۰۴", "2025-11-23T20:30:00", "jalali", id="F-DAT-04 name"),
        pytest.param("12 août", "2026-08-11T20:30:00", "year_inferred", id="F-DAT-07 this year"),
        pytest.param("25 décembre à 10h00", "2025-12-25T06:30:00", "year_inferred", id="F-DAT-07 last year"),
        pytest.param("29 février", "2024-02-28T20:30:00", "year_inferred", id="F-DAT-07 leap"),
        pytest.param("20\u00a0août\u202f2017\u200f à 16h46", "2017-08-20T12:16:00", "", id="F-DAT-15"),
        pytest.param("\u202bSun Aug\u00a020, 2017 4:46PM\u202c", "2017-08-20T12:16:00", "", id="F-DAT-15 bidi"),
        pytest.param("1er janvier 2020", "2019-12-31T20:30:00", "", id="first"),
    ],
)
def test_odd_but_readable(text, expected, issue):
    """Prefixes, foreign digits, the Jalali calendar, a missing year and invisible marks are understood."""
    moment = read(text)

    assert (stamp(moment.utc)[:19], moment.issue) == (expected, issue)


@pytest.mark.row("F-DAT-05")
@pytest.mark.row("F-DAT-06")
@pytest.mark.row("F-DAT-09")
@pytest.mark.parametrize(
    ("text", "issue"),
    [
        ("2026", "unreadable"), ("12:15", "unreadable"), ("5", "unreadable"), ("août 2017", "unreadable"),
        ("mardi", "unreadable"), ("il y a 2 mois", "unreadable"), ("0000-00-00", "unreadable"),
        ("31 février 2020", "unreadable"), ("31 février", "unreadable"), ("2017-02-29", "unreadable"),
        ("2017-08-20 24:30", "unreadable"), ("1404/13/01", "unreadable"), ("20 août 2017 13:16AM", "unreadable"),
        ("réunion du 20 août 2017 à Genève", "unreadable"), ("Sun Aug 20, 2017 16", "unreadable"),
        ("1970-01-01", "before_outlet"), ("31 décembre 2006 à 23h59", "before_outlet"), ("0001-01-01", "before_outlet"),
        ("1299-05-05", "before_outlet"), ("1500-05-05", "before_outlet"), ("1499-13-05", "unreadable"), ("1499-01-01", "jalali, future"),
        ("1300-01-01", "jalali, before_outlet"), ("2026-11-26", "future"), ("20 août 2031", "future"), ("9999-12-31T23:59-14:00", "future"),
    ],
    ids=lambda value: f"F-DAT-05/06/09 {value}",
)  # fmt: skip
def test_not_believed(text, issue):
    """Half a date, an impossible one, and one outside of the outlet's time give no instant but keep their text."""
    moment = read(text)

    assert (moment.utc, moment.issue, moment.raw) == (None, issue, text)


@pytest.mark.row("F-DAT-11")
@pytest.mark.parametrize(
    ("text", "zone", "expected", "issue"),
    [
        ("2026-03-29 02:30", "Europe/Paris", "2026-03-29T01:30:00", "gap"),
        ("2026-10-25 02:30", "Europe/Paris", "2026-10-25T00:30:00", "ambiguous"),
        ("2026-10-25 03:00", "Europe/Paris", "2026-10-25T02:00:00", ""),
        ("2022-03-22 00:30", "Asia/Tehran", "2022-03-21T21:00:00", "gap"),
        ("2022/3/22", "Asia/Tehran", "2022-03-21T20:30:00", ""),
        ("2022-09-21 23:30", "Asia/Tehran", "2022-09-21T19:00:00", "ambiguous"),
    ],
    ids=lambda value: f"F-DAT-11 {value}",
)
def test_gap_and_fold(text, zone, expected, issue):
    """A skipped local time is moved forward, a doubled one is the first; both are marked, a bare day is not."""
    moment = read(text, zone=zone)

    assert (stamp(moment.utc)[:19], moment.issue) == (expected, issue)


@pytest.mark.row("F-DAT-11")
@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-03-30", "2026-10-24", "2026-10-25", "2026-10-26"])
@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Tehran", "Australia/Lord_Howe"])
def test_every_half_hour_around_a_change_of_clocks(zone, day):
    """Each wall-clock time is the instant that the zone's own rules make of it, on the day of a change and beside it."""
    for half in range(48):
        wall = datetime.fromisoformat(f"{day} {half // 2:02}:{half % 2 * 30:02}")

        assert read(str(wall)[:16], zone=zone, seen=LATE).utc == wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    "text", ["2017/8/20", "/Detail/2017/08/20/600001/titre", "http://127.0.0.1/Detail/2017/8/20/1/t"]
)
def test_day_of_the_address(text):
    """The day in an article's address is read from the path or the whole address, as that day's midnight."""
    moment = read(text, source="url")

    assert (moment.utc, moment.precision) == (datetime(2017, 8, 19, 19, 30, tzinfo=UTC), "day")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun Mar 17, 2019 01:16PM [Updated: Tue Mar 19, 2019 12:03PM ]", "Tue Mar 19, 2019 12:03PM"),
        ("Publié le 17 mars 2019, mis à jour le 19 mars 2019 à 12h03", "19 mars 2019 à 12h03"),
        ("Sun Mar 17, 2019 01:16PM", ""),
        ("mis à jour le 19 mars 2019", ""),
        ("", ""),
    ],
)
def test_updated_part(text, expected):
    """Only what stands behind a publication date is its update."""
    assert updated_part(text) == expected


def test_update_behind_the_date_fills_modified():
    """An update still attached to the date line is the modification instant when no other text gives one."""
    read = dates(
        article(("Sun Mar 17, 2019 01:16PM [Updated: Tue Mar 19, 2019 12:03PM ]", "item-date")), captured_at=SEEN
    )

    assert read.published.utc == datetime(2019, 3, 17, 9, 46, tzinfo=UTC)
    assert read.modified.utc == datetime(2019, 3, 19, 8, 33, tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Mon Mar 18, 2019 01:16PM"], "2019-03-18T09:46:00"),
        (["Sun Mar 17, 2019 01:16PM [Updated: Tue Mar 19, 2019 12:03PM ]"], "2019-03-19T08:33:00"),
        (["non", "2019-03-18 12:00"], "2019-03-18T08:30:00"),
        ([], "2019-03-20T08:33:00"),
    ],
    ids=["date", "date with an update", "second", "behind the publication"],
)
def test_modified(texts, expected):
    """A text of its own comes before the update behind the publication date, and of a text its update."""
    printed = ("Sun Mar 17, 2019 01:16PM [Updated: Wed Mar 20, 2019 12:03PM ]", "item-date")
    moment = dates(article(printed, modified=[(text, "meta") for text in texts]), captured_at=SEEN).modified

    assert stamp(moment.utc)[:19] == expected


@pytest.mark.parametrize(
    ("text", "expected", "zone", "precision"),
    [
        ("20-août-2017", "2017-08-19T19:30:00", "Asia/Tehran (assumed)", "day"),
        ("2017 août 20", "2017-08-19T19:30:00", "Asia/Tehran (assumed)", "day"),
        ("20-août-2017 13:16", "2017-08-20T08:46:00", "Asia/Tehran (assumed)", "minute"),
        ("20-août-2017 13:16:05", "2017-08-20T08:46:05", "Asia/Tehran (assumed)", "second"),
        ("20-août-2017 13:16 CET", "2017-08-20T12:16:00", "+01:00", "minute"),
        ("20-août-2017 13:16:05 CET", "2017-08-20T12:16:05", "+01:00", "second"),
        ("2017-Aug-20 13:16", "2017-08-20T08:46:00", "Asia/Tehran (assumed)", "minute"),
        ("3-mai-1999 11:16", None, "Asia/Tehran (assumed)", "minute"),
        ("20-mouton-2017", None, "", ""),
        ("20-août 13:20", None, "", ""),
    ],
)
def test_forms_of_no_template(text, expected, zone, precision):
    """A whole date with a month's name is read in any order of its parts, to the second, in a zone that it names."""
    moment = read(text)

    assert (moment.utc and stamp(moment.utc)[:19], moment.zone, moment.precision) == (expected, zone, precision)


def test_a_zone_that_is_no_assumption():
    """Only a zone that nobody stated is called assumed; one in the text is named as it stands."""
    told = [
        read_date(
            DateText(text=text, source="item-date"), captured_at=SEEN, calendar=EDITION.calendar, assumed=assumed
        ).zone
        for text in ("2017-08-20 12:00", "2017-08-20 12:00 UTC")
        for assumed in (True, False)
    ]

    assert told == ["Asia/Tehran (assumed)", "Asia/Tehran", "UTC", "UTC"]


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-11-25 12:00:30", "UTC", "2026-11-25T12:00:30"),
        ("2026-11-25 12:00:31", "UTC", None),
        ("2007-01-01", "UTC", "2007-01-01T00:00:00"),
        ("2006-12-31T23:59:59", "UTC", None),
        ("2007-01-01 02:00", "Asia/Tehran", None),
        ("2006-12-31T23:00-05:00", "UTC", "2007-01-01T04:00:00"),
    ],
)
def test_the_ends_of_what_is_believed(text, zone, expected):
    """From the instant on that the edition began, to a day after the look and no second more."""
    began = replace(EDITION.calendar, zone=zone, began=datetime(2007, 1, 1, tzinfo=UTC))
    moment = read_date(DateText(text=text, source="item-date"), captured_at=SEEN, calendar=began, assumed=True)

    assert (moment.utc and stamp(moment.utc)[:19]) == expected


def test_new_year_is_no_future():
    """The year after the look's is believed where the outlet's clock is there already."""
    seen = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)

    assert read("2027-01-01 02:35", seen=seen).utc == datetime(2026, 12, 31, 23, 5, tzinfo=UTC)
    assert read("2028-01-01", seen=seen).issue == "future"


def test_no_text_no_moment():
    """Without any text there is neither date, and blank texts are none."""
    read = dates(article((" \u00a0", "item-date")), captured_at=SEEN)

    assert (read.published, read.modified) == (None, None)


@pytest.mark.row("F-DAT-12")
@pytest.mark.parametrize(
    ("published", "source", "issue"),
    [
        pytest.param([("Sun Aug 20, 2017 4:46PM", "a"), ("8/20/2017 4:46:52 PM", "DC.Date")], "a", "", id="same"),
        pytest.param([("hors ligne", "a"), ("2017-08-20 16:46", "b")], "b", "", id="first unreadable"),
        pytest.param([("2031-08-20", "a"), ("2017-08-20", "b")], "b", "", id="first in the future"),
        pytest.param([("2031-08-20", "a"), ("non", "b")], "a", "future", id="none believed"),
        pytest.param([("2017-08-20 23:59", "a"), ("2017/8/20", "url")], "a", "", id="day holds"),
        pytest.param([("2017-08-21 23:59", "a"), ("2017/8/20", "url")], "a", "", id="day before"),
        pytest.param([("2017-08-20 10:00", "a"), ("2017-08-21 10:00", "b")], "a", "", id="24 hours"),
        pytest.param([("2017-08-20", "a"), ("2017-08-23", "b")], "a", "sources_disagree", id="F-DAT-12"),
        pytest.param([("2017-08-20 10:00", "a"), ("2017-08-21 10:01", "b")], "a", "sources_disagree", id="more"),
        pytest.param([("il y a 3 heures", "a"), ("2026/11/24", "url")], "url", "", id="stated before relative"),
        pytest.param([("il y a 3 heures", "a")], "a", "relative", id="relative alone"),
        pytest.param([("12 août", "a"), ("2026/8/12", "url")], "url", "", id="stated before inferred"),
        pytest.param([("12 août", "a"), ("hier", "b")], "a", "year_inferred, sources_disagree", id="both lean"),
    ],
)  # fmt: skip
def test_choice_of_candidate(published, source, issue):
    """The first candidate that can be believed wins, one that leans on the look's time last; wide gaps are marked."""
    moment = dates(article(*published), captured_at=SEEN).published

    assert (moment.source, moment.issue) == (source, issue)


@pytest.mark.row("F-DAT-01")
def test_stable_across_looks():
    """Two looks at one page give one instant, whatever lies between them."""
    page = article(("il y a 3 heures", "time"), ("Sun Aug 20, 2017 4:46PM", "item-date"), ("2017/8/20", "url"))

    assert dates(page, captured_at=SEEN) == dates(page, captured_at=SEEN + timedelta(days=400))


@pytest.mark.row("F-DAT-01")
def test_step_reads_against_the_capture():
    """The pipeline step fills the look's article against the instant of the capture, and passes looks without one."""
    capture = Capture(url="http://127.0.0.1/", captured_at=SEEN, status=200)
    look = Look(
        url=capture.url, kind="article", at=SEEN + timedelta(days=9), outcome="article", capture=capture,
        article=article(("hier", "time")),
    )  # fmt: skip
    bare = Look(url=capture.url, kind="article", at=SEEN, outcome="timeout")
    step = Dates(EDITION.calendar)

    assert step.process_item(look).article.published.utc == datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    assert step.process_item(bare) is bare


@pytest.mark.row("F-DAT-10")
@pytest.mark.parametrize("zone", ["Asia/Teheran?", "", "../etc/passwd"])
def test_unknown_zone(zone):
    """A zone outside of the IANA database is a configuration error that names the setting."""
    with pytest.raises(ConfigurationError, match="OUTLET_ZONE"):
        Dates(replace(EDITION.calendar, zone=zone))


def _english(wall: datetime) -> str:
    return f"{wall:%a %b %d, %Y} {wall.hour % 12 or 12}:{wall:%M%p}"


_FRENCH = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
FORMS = {
    "printed": _english,
    "padded": lambda wall: f"{wall:%a %b %d, %Y %I:%M%p}",
    "updated": lambda wall: f"{_english(wall)} [Updated: Tue Mar 19, 2019 12:03PM ]",
    "iso": lambda wall: f"{wall:%Y-%m-%dT%H:%M:%S}",
    "attribute": lambda wall: f"{wall:%Y-%m-%d %H:%M}",
    "French": lambda wall: f"{wall.day} {_FRENCH[wall.month - 1]} {wall.year} à {wall:%Hh%M}",
    "numbers": lambda wall: f"{wall:%d/%m/%Y %H:%M}",
}
INSTANTS = st.datetimes(datetime(2007, 1, 2), datetime(2030, 12, 30)).map(lambda d: d.replace(second=0, microsecond=0))


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@given(instant=INSTANTS)
@example(instant=datetime(2009, 9, 21, 19, 30))
def test_round_trip(form, instant):
    """Whatever instant is printed in one of the forms is read back, in the doubled hour its first occurrence."""
    instant = instant.replace(tzinfo=UTC)
    wall = instant.astimezone(TEHRAN).replace(tzinfo=None, fold=0)
    moment = read(form(wall), seen=LATE)

    assert moment.utc == (
        instant - timedelta(hours=1) if wall.replace(tzinfo=TEHRAN).astimezone(UTC) != instant else instant
    )


@given(instant=INSTANTS)
def test_round_trip_of_meta(instant):
    """The outlet's meta form is read back with its seconds."""
    wall = instant.replace(second=13)
    text = f"{wall.month}/{wall.day}/{wall.year} {wall.hour % 12 or 12}:{wall:%M:%S %p}"

    assert read(text, "DC.Date.Created", zone="UTC", seen=LATE).utc == wall.replace(tzinfo=UTC)


@pytest.mark.row("F-DAT-05")
@pytest.mark.row("F-DAT-06")
@pytest.mark.row("F-DAT-13")
@given(
    text=st.one_of(
        st.text(max_size=80),
        st.text(alphabet="0123456789/-:. TZ+hà", max_size=30),
        st.from_regex(r"[0-9]{1,4} (août|sept\.|mars|foo) [0-9]{1,5}( [0-9]{1,2}[h:][0-9]{1,2})?", fullmatch=True),
    ),
    source=st.sampled_from(["item-date", "DC.Date.Created", "url"]),
)
@example(text="2017-08-20T10:00+99:99", source="item-date")
@example(text="il y a 9999 semaines", source="item-date")
@example(text="\ud800 août 2017", source="item-date")
@example(text="²/³/2017", source="item-date")
@example(text="1" * 10_000, source="url")
@example(text="20 août 2017 " * 3_000, source="item-date")
def test_total_and_in_range(text, source):
    """F-DAT-05, 06, 13: any text gives a moment with its raw text, believed only in range, and the same one again."""
    moment = read(text, source)

    assert moment.raw == text
    assert moment.utc is None or EDITION.began <= moment.utc <= SEEN + AHEAD
    assert (moment.utc is None) == (moment.issue in {"unreadable", "future", "before_outlet"}) or moment.issue
    assert read(text, source) == moment


PRINTED = ("Tue Nov 24, 2026 9:20AM", "item-date")
CHOSEN = [
    ("an instant beats a clock", [PRINTED, ("2026-11-24T08:20:00Z", "json-ld")], "2026-11-24T08:20:00", "json-ld", ""),
    ("an offset that agrees", [("2026-11-24 11:50", "time"), ("2026-11-24T11:50:00+03:30", "time[datetime]")], "2026-11-24T08:20:00", "time[datetime]", ""),
    ("JSON-LD, then the head, then elements", [("2026-11-24T07:00Z", "time[datetime]"), ("2026-11-24T07:10Z", "article:published_time"), ("2026-11-24T07:20Z", "json-ld")], "2026-11-24T07:20:00", "json-ld", ""),
    ("the head before elements", [("2026-11-24T07:00Z", "time[datetime]"), ("2026-11-24T07:10Z", "article:published_time")], "2026-11-24T07:10:00", "article:published_time", ""),
    ("the same digits of another offset", [PRINTED, ("2026-11-24T09:20:00Z", "json-ld")], "2026-11-24T09:20:00", "json-ld", "zone_doubtful"),
    ("two instants are each of their own offset", [("2026-11-24T04:50:00Z", "time[datetime]"), ("2026-11-24T08:20:00Z", "json-ld")], "2026-11-24T08:20:00", "json-ld", ""),
    ("a clock without an offset states none", [PRINTED, ("2026-11-24T08:20:00", "json-ld")], "2026-11-24T05:50:00", "item-date", ""),
    ("a bare day stated as midnight", [PRINTED, ("2026-11-24T00:00:00Z", "json-ld")], "2026-11-24T05:50:00", "item-date", ""),
    ("midnight where nothing else is known", [("2026-11-24T00:00:00Z", "json-ld"), ("/2026/11/24/", "url")], "2026-11-24T00:00:00", "json-ld", ""),
    ("an instant to come is not believed", [PRINTED, ("2027-11-24T08:20:00Z", "json-ld")], "2026-11-24T05:50:00", "item-date", ""),
    ("today in the page's head", [("Mardi 24 novembre 2026", "generic:printed"), ("/2023/3/12/", "url")], "2023-03-11T20:30:00", "url", "sources_disagree"),
    ("today in the head, yesterday's article", [("Mardi 24 novembre 2026", "generic:printed"), ("/2026/11/23/", "url")], "2026-11-22T20:30:00", "url", ""),
    ("an hour states no instant", [PRINTED, ("2026-11-24 07h UTC", "json-ld")], "2026-11-24T05:50:00", "item-date", ""),
    ("today before a day to come", [("Mardi 24 novembre 2026", "generic:printed"), ("/2026/11/25/", "url")], "2026-11-23T20:30:00", "generic:printed", ""),
    ("today beside what nobody can read", [("Mardi 24 novembre 2026", "generic:printed"), ("un jour", "item-date")], "2026-11-23T20:30:00", "generic:printed", ""),
    ("today in its data, a teaser's day beside", [("2026-11-24", "json-ld"), ("20/11/2026", "generic:date")], "2026-11-23T20:30:00", "json-ld", "sources_disagree"),
    ("an article of today", [("Mardi 24 novembre 2026", "generic:printed"), ("/2026/11/24/", "url")], "2026-11-23T20:30:00", "generic:printed", ""),
]  # fmt: skip


@pytest.mark.parametrize(("given", "utc", "source", "issue"), [pytest.param(*row, id=i) for i, *row in CHOSEN])
def test_which_candidate_is_taken(given, utc, source, issue):
    """What states its offset beats a clock without one, unless it is but a day; what is doubtful says so."""
    moment = dates(article(*given), captured_at=SEEN).published

    assert (stamp(moment.utc)[:19], moment.source, moment.issue) == (utc, source, issue)


def test_an_update_of_today_is_one():
    """The day of the look is no publication date beside an earlier one, but an update's it may well be."""
    found = dates(article(PRINTED, modified=(("24 novembre 2026", "time"), ("23/11/2026", "meta"))), captured_at=SEEN)

    assert found.modified.raw == "24 novembre 2026"


@pytest.mark.row("F-TXT-27")
@pytest.mark.parametrize(
    ("texts", "day", "precision", "issue"),
    [
        ([("04/03/2026 16:46", "item-date")], "2026-03-04", "day", "day_or_month"),
        ([("04/03/2026", "item-date")], "2026-03-04", "day", "day_or_month"),
        ([("04/03/2026 16:46", "item-date"), ("/2026/03/04/", "url")], "2026-03-04", "minute", ""),
        ([("04/03/2026 16:46", "item-date"), ("/2026/04/03/", "url")], "2026-04-03", "minute", ""),
        ([("24/03/2026 16:46", "item-date")], "2026-03-24", "minute", ""),
        ([("03/03/2026 16:46", "item-date")], "2026-03-03", "minute", ""),
        ([("4 mars 2026 16:46", "item-date")], "2026-03-04", "minute", ""),
        ([("2026-03-04 16:46", "item-date")], "2026-03-04", "minute", ""),
        ([("3/4/2026 4:46:00 PM", "DC.Date.Created")], "2026-03-04", "second", ""),
        ([("05/12/2026 16:46", "item-date")], "2026-05-12", "minute", ""),
    ],
    ids=["both", "both-without-time", "the-address-agrees", "the-address-turns-it", "one-way", "the-same", "in-words",
         "year-first", "a-source-that-is-known", "the-other-is-to-come"],
)  # fmt: skip
def test_numbers_that_are_a_date_either_way(texts, day, precision, issue):
    """Another date of the page decides; where none does the day comes first, less precise, and the issue says so."""
    published = dates(article(*texts), captured_at=SEEN).published

    assert published.utc.astimezone(TEHRAN).date().isoformat() == day
    assert (published.precision, published.issue) == (precision, issue)
