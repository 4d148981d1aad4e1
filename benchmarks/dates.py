"""Microseconds a date for each printed form, beside plain dateparser over the same texts in the same run, as ratios.

Run `python -m benchmarks.dates`. Nothing is asserted; trust the ratios, not the figures.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

import dateparser

from archive.facts.items import DateText
from crawler.editions.presstv_fr import PRESSTV_FR
from pipelines.dates import read_date

SEEN = datetime(2026, 11, 24, 12, tzinfo=UTC)
FORMS = (
    ("Sun Aug 20, 2017 4:46PM", "item-date"),
    ("Sun Mar 17, 2019 01:16PM [Updated: Tue Mar 19, 2019 12:03PM ]", "item-date"),
    ("3/9/2026 11:50:13 AM", "DC.Date.Created"),
    ("2017-08-20T16:46:00+04:30", "json-ld"),
    ("2017-08-20 16:46", "time[datetime]"),
    ("2017/8/20", "url"),
    ("dimanche 20 août 2017 16:46", "item-date"),
    ("13 sept. 2020 à 10h05", "item-date"),
    ("il y a 3 heures", "item-date"),
    ("16:46 - 20 août 2017", "item-date"),
    ("Lire la suite de cet article", "item-date"),
)
ROUNDS, OURS, THEIRS = 7, 2_000, 20


def ours(text: str, source: str) -> object:
    return read_date(
        DateText(text=text, source=source), captured_at=SEEN, calendar=PRESSTV_FR.calendar, assumed=True
    ).utc


def theirs(text: str) -> object:
    return dateparser.parse(text, languages=["fr", "en"])


def microseconds(task: Callable[[], object], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        task()
    return (time.perf_counter() - start) / times * 1e6


def compared(text: str, source: str) -> tuple[float, float]:
    """Return the medians (ours, dateparser's), the rounds taken in turn."""
    ours(text, source), theirs(text)
    # The odd forms go through dateparser in ours as well: fewer turns are enough.
    times = OURS if microseconds(lambda: ours(text, source), 5) < 200 else THEIRS
    rounds = [
        (microseconds(lambda: ours(text, source), times), microseconds(lambda: theirs(text), THEIRS))
        for _ in range(ROUNDS)
    ]
    return statistics.median(r[0] for r in rounds), statistics.median(r[1] for r in rounds)


def main() -> None:
    print(f"{'ours µs':>9}  {'dateparser µs':>13}  {'times':>6}  read by (ours, dateparser)")
    for text, source in FORMS:
        mine, plain = compared(text, source)
        read = f"{'yes' if ours(text, source) else 'no'}, {'yes' if theirs(text) else 'no'}"
        print(f"{mine:9.1f}  {plain:13.0f}  {plain / mine:6.0f}  {read:9}  {text}")


if __name__ == "__main__":
    main()
