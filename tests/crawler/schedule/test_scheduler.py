import asyncio
import re
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import ConfigurationError, UsageError
from archive.stores.opening import open_store
from crawler.schedule.clockwatch import ClockWatch
from crawler.schedule.scheduler import (
    Daemon,
    Job,
    crawl_command,
    fire_times,
    newest_slot,
    next_runs,
    period,
    slot_named,
)
from crawler.schedule.slots import Slot, Stop
from settings.base import OURS
from tests.french import EDITION, jobs_of

NOW = datetime(2026, 11, 24, 12, 7, 30, tzinfo=UTC)
UNE = Job(name="une", cron="*/15 * * * *", arguments={"sections": "une"})
ALL = Job(name="all", cron="30 3 * * *", arguments={"sections": "all", "recheck": "due"})
TEXT = "une: */15 * * * * sections=une; all: 30 3 * * * sections=all recheck=due"


def at(text):
    """Return an instant written as `2026-11-24 12:00`, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "setting",
    [
        TEXT,
        TEXT.replace("; ", "\n") + ";\n",
        "  une :*/15 * * * *   sections=une ;all: 30 3 * * * sections=all recheck=due",
        TEXT.split("; "),
        {"une": "*/15 * * * * sections=une", "all": "30 3 * * * sections=all recheck=due"},
    ],
    ids=["semicolons", "lines", "spaces", "list", "mapping"],
)
def test_schedule_is_read_in_every_form(setting):
    """Text, a list and a mapping say the same."""
    assert jobs_of(setting) == (UNE, ALL)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("une */15 * * * *", "is no job name"),
        ("Une: */15 * * * *", "'Une' is no job name of a-z, 0-9 and -"),
        ("a/b: */15 * * * *", "'a/b' is no job name"),
        ("une: */15 * * *", "got 4, expected 5"),
        ("une: 61 * * * *", "higher than the maximum"),
        ("une: */15 * * * * *", "'*' is no ARGUMENT=VALUE"),
        ("une: 0 8 * * 8", "'8' is no weekday; write sun to sat or 0 to 7"),
        ("une: 0 8 * * mon,montag", "'montag' is no weekday"),
        ("une: 0 8 30 2 *", "is no day of any calendar"),
        ("une: 0 8 * * * section=une", "no crawl argument 'section'"),
        ("une: 0 8 * * * sections=nope", "no section 'nope'"),
    ],
)
def test_bad_entry_is_a_configuration_error_that_names_it(entry, why):
    """An entry that can't be read is quoted, with what is wrong in it and how one is written."""
    with pytest.raises(
        ConfigurationError, match=f"SCHEDULE entry {re.escape(repr(entry))}: .*{re.escape(why)}"
    ) as error:
        jobs_of(f"all: 30 3 * * *; {entry}")
    assert "write 'name: minute hour day month weekday" in str(error.value)


@pytest.mark.parametrize(
    ("setting", "why"),
    [(" ; ", "SCHEDULE is empty"), (TEXT + ";" + TEXT, "'all' twice"), (7, "neither text nor a list nor a mapping")],
    ids=["empty", "twice", "number"],
)
def test_bad_schedule_is_a_configuration_error(setting, why):
    """A SCHEDULE that is no list of jobs is refused."""
    with pytest.raises(ConfigurationError, match=why):
        jobs_of(setting)


def test_weekdays_by_name_are_accepted():
    """A working day's slot comes on working days."""
    job = jobs_of("une: 0 8 * * mon-fri")[0]
    days = [moment.isoweekday() for moment in islice(fire_times(job, NOW), 10)]

    assert days == [3, 4, 5, 1, 2, 3, 4, 5, 1, 2]


def test_extra_arguments_reach_every_job_and_win():
    """An argument of the command line stands over the entry's own."""
    jobs = jobs_of(TEXT, extra={"recheck": "none", "outlet": "http://127.0.0.1:8800"})

    assert [job.arguments["recheck"] for job in jobs] == ["none", "none"]
    assert {job.arguments["outlet"] for job in jobs} == {"http://127.0.0.1:8800"}


def test_bad_extra_argument_is_a_usage_error():
    """What the command line got wrong is not blamed on SCHEDULE."""
    with pytest.raises(UsageError, match="no crawl argument 'color'"):
        jobs_of(TEXT, extra={"color": "red"})


def test_default_schedule_crawls_each_default_section():
    """The schedule that comes with the project has each default section in one of its jobs, and one job for all."""
    sections = [section for job in jobs_of(OURS["SCHEDULE"]) for section in job.arguments["sections"].split(",")]

    assert sorted(sections) == sorted([*EDITION.default_sections, "all"])


@pytest.mark.parametrize(
    ("cron", "now", "newest"),
    [
        ("*/15 * * * *", "2026-11-24 12:07:30", "2026-11-24 12:00"),
        ("*/15 * * * *", "2026-11-24 12:15:00", "2026-11-24 12:15"),
        ("*/15 * * * *", "2026-11-24 12:14:59.999999", "2026-11-24 12:00"),
        ("7-59/15 * * * *", "2026-11-24 12:06", "2026-11-24 11:52"),
        ("30 3 * * *", "2026-11-24 03:29", "2026-11-23 03:30"),
        ("0 8 * * mon", "2026-11-24 12:00", "2026-11-23 08:00"),
        ("0 0 31 * *", "2026-11-24 12:00", "2026-10-31 00:00"),
        ("0 0 1 1 *", "2026-11-24 12:00", "2026-01-01 00:00"),
        ("0 0 29 2 *", "2026-11-24 12:00", "2024-02-29 00:00"),
        ("0 0 29 2 *", "2104-02-28 12:00", "2096-02-29 00:00"),
    ],
)
def test_newest_slot_is_the_last_scheduled_instant(cron, now, newest):
    """A slot is named by when it was due, whenever it is asked for."""
    assert newest_slot(Job(name="job", cron=cron), at(now)) == Slot(job="job", at=at(newest))


@given(
    cron=st.sampled_from(["* * * * *", "*/7 * * * *", "5 */3 * * *", "30 3 * * *", "0 8 * * mon-fri", "0 0 31 * *"]),
    now=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    permille=st.integers(0, 999),
)
def test_daemons_agree_on_the_slot_whenever_they_look(cron, now, permille):
    """From one slot to the next every look gives the same one, and the next is past it."""
    job = Job(name="job", cron=cron)
    newest = newest_slot(job, now).at
    following = next(fire_times(job, newest + timedelta(seconds=1)))

    assert newest <= now < following
    assert newest_slot(job, newest + (following - newest) * permille / 1000).at == newest


@pytest.mark.row("F-PRC-12")
def test_summer_time_nights_have_each_slot_once(monkeypatch):
    """In a zone with summer time, a nightly slot comes once in each of a year's nights, a day apart."""
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        times = list(islice(fire_times(Job(name="job", cron="30 2 * * *"), at("2026-01-01 00:00")), 365))
    finally:
        monkeypatch.undo()
        time.tzset()

    assert {later - earlier for earlier, later in pairwise(times)} == {timedelta(days=1)}
    assert {moment.utcoffset() for moment in times} == {timedelta(0)}


@pytest.mark.parametrize(
    ("cron", "longest"),
    [("*/15 * * * *", timedelta(minutes=15)), ("0 8,9 * * *", timedelta(hours=23)), ("30 3 * * *", timedelta(days=1))],
)
def test_period_is_the_longest_gap(cron, longest):
    """A slot is never too late to be run before its successor is due."""
    assert period(Job(name="job", cron=cron), NOW) == longest


def test_next_runs_are_merged_in_order_of_time():
    """The next runs of all jobs come soonest first, and the present moment is past."""
    runs = [(moment.strftime("%d %H:%M"), job.name) for moment, job in next_runs((ALL, UNE), at("2026-11-24 03:00"), 4)]

    assert runs == [("24 03:15", "une"), ("24 03:30", "all"), ("24 03:30", "une"), ("24 03:45", "une")]


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("une", Slot(job="une", at=at("2026-11-24 12:00"))),
        ("all", Slot(job="all", at=at("2026-11-24 03:30"))),
        ("all@20261101t033000z", Slot(job="all", at=at("2026-11-01 03:30"))),
    ],
)
def test_slot_is_named_by_job_or_job_and_time(text, slot):
    """A job's name means its newest slot; a time after it means that one."""
    job, found = slot_named((UNE, ALL), text, NOW)

    assert (job.name, found) == (slot.job, slot)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nope", "no job 'nope' in SCHEDULE; choose from une, all"),
        ("une@noon", "'noon' is no slot; write une@20261124t120000z"),
        ("une@", "'' is no slot"),
        ("une@20261124t120100z", "has no slot 20261124t120100z up to now; its newest is 20261124t120000z"),
        ("une@20261124t121500z", "has no slot 20261124t121500z up to now"),
    ],
    ids=["job", "time", "no-time", "between", "future"],
)
def test_bad_slot_is_a_usage_error(text, why):
    """A slot that the schedule does not have, or not yet, is refused with one that it has."""
    with pytest.raises(UsageError, match=re.escape(why)):
        slot_named((UNE, ALL), text, NOW)


def test_crawl_command_is_a_crawl_of_this_python():
    """A crawl gets its job's arguments and the settings of the command line."""
    command = crawl_command(ALL, {"DOWNLOAD_DELAY": "0"}, "--json")

    assert command == [
        *(sys.executable, "-m", "scrapy", "crawl", "--json"),
        *("-a", "sections=all", "-a", "recheck=due", "-s", "DOWNLOAD_DELAY=0", "presstv"),
    ]


class EverySecond(Job):
    """A job with a slot each second: cron's minutes are too long for a test."""

    def trigger(self):
        """Return the trigger of each second."""
        return CronTrigger(second="*", timezone=UTC)


class Lines:
    """A daemon's log, to be waited for."""

    def __init__(self):
        self.lines = []
        self.more = asyncio.Condition()

    def __call__(self, line):
        """Keep a line and wake who waits."""
        self.lines.append(line)
        asyncio.get_running_loop().create_task(self._wake())

    async def _wake(self):
        async with self.more:
            self.more.notify_all()

    async def until(self, pattern, times=1):
        """Wait until so many lines match."""
        async with self.more:
            await asyncio.wait_for(self.more.wait_for(lambda: len(self.matching(pattern)) >= times), 60)

    def matching(self, pattern):
        """Return the lines that match."""
        return [line for line in self.lines if re.search(pattern, line)]


def python(code):
    """Return a maker of commands that run a piece of Python in the place of a crawl."""
    return lambda job: [sys.executable, "-c", f"job = {job.name!r}\n{code}"]


def serve(archive, jobs, *, story, code="", daemons=1, catch_up=True):
    """Run daemons over one archive until the story in their common log is told; return (exit codes, lines)."""

    async def main():
        log, stop = Lines(), Stop()
        made = [
            Daemon(open_store(archive), jobs, command=python(code), log=log, catch_up=catch_up) for _ in range(daemons)
        ]
        running = asyncio.gather(*(daemon.run(stop) for daemon in made))
        await story(log)
        stop(signal.SIGTERM)
        return await running, log.lines

    return asyncio.run(main())


YEARLY = Job(name="yearly", cron="0 0 1 1 *")


@pytest.fixture
def archive(tmp_path):
    """Return the URI of an archive that isn't there yet."""
    return f"file:{tmp_path}/archive"


@pytest.mark.row("F-PRC-10")
def test_daemon_catches_up_with_the_newest_slot_once(archive):
    """A daemon that was away runs the newest missed slot of each job; started again, it finds that slot taken."""

    async def both(log):
        await log.until("exit 0 after", times=2)

    async def taken(log):
        await log.until("already taken by", times=2)

    jobs = (YEARLY, Job(name="monthly", cron="0 0 1 * *"))
    codes, _ = serve(archive, jobs, story=both)
    again, _ = serve(archive, jobs, story=taken)
    claims = [entry.key.split("/")[1] for entry in open_store(archive).list("claims/")]

    assert (codes, again) == ([143], [143])
    assert claims == ["monthly", "yearly"]


def test_daemon_leaves_missed_slots_alone_when_told_to(archive):
    """Without catching up nothing runs before the next slot."""

    async def started(log):
        await log.until("next: yearly@")

    _, lines = serve(archive, (YEARLY,), story=started, catch_up=False)

    assert lines[-1] == "stopped"
    assert not [line for line in lines if line.startswith("slot")]


@pytest.mark.row("F-PRC-14")
def test_two_daemons_run_each_slot_once(archive):
    """Of two daemons on one archive one runs a slot and the other says who has it, slot after slot."""

    async def five(log):
        await log.until("exit 0 after", times=5)

    jobs = (EverySecond(name="second", cron="* * * * *"),)
    codes, lines = serve(archive, jobs, story=five, daemons=2)
    ran = [line.split()[1] for line in lines if "exit 0 after" in line]
    taken = [line.split()[1] for line in lines if "already taken by" in line]

    assert codes == [143, 143]
    assert len(ran) == len(set(ran))
    assert len(set(taken) & set(ran)) >= 4


@pytest.mark.row("F-PRC-11")
def test_daemon_skips_a_slot_while_the_previous_run_is_active(archive):
    """A crawl longer than its period costs the slots under it, and each is said."""

    async def skipped(log):
        await log.until("skipped: previous run still active", times=2)

    codes, lines = serve(
        archive, (EverySecond(name="second", cron="* * * * *"),), story=skipped, code="import signal; signal.pause()"
    )

    assert codes == [143]
    assert re.fullmatch(r"slot second@\d{8}t\d{6}z exit 143 after \d+ s", lines[-2])


def test_daemon_runs_one_crawl_at_a_time(archive, tmp_path):
    """Jobs of one moment run one after the other: the outlet is asked by one crawl only."""
    place = tmp_path / "crawling"
    code = f"import os; os.mkdir({str(place)!r}); os.rmdir({str(place)!r})"

    async def all_done(log):
        await log.until("exit", times=4)

    jobs = tuple(Job(name=f"job-{number}", cron="0 0 1 1 *") for number in range(4))
    _, lines = serve(archive, jobs, story=all_done, code=code)

    assert len([line for line in lines if "exit 0" in line]) == 4


def test_daemon_outlives_a_store_that_fails(tmp_path):
    """A store that can't be asked costs the slot, with the reason; the daemon goes on."""
    (tmp_path / "archive").write_text("a file, not a folder")

    async def failing(log):
        await log.until("not run, exit 8", times=2)

    codes, _ = serve(f"file:{tmp_path}/archive", (EverySecond(name="second", cron="* * * * *"),), story=failing)

    assert codes == [143]


@pytest.mark.row("F-PRC-19")
@pytest.mark.parametrize(("hours", "side"), [(-2, "back"), (8, "ahead")])
def test_daemon_notices_a_clock_that_was_set(archive, hours, side):
    """Set back, or ahead as after a night's sleep: the log says by how much, and the slot that is due runs."""
    looks = iter([NOW, NOW + timedelta(hours=hours)])
    last = NOW + timedelta(hours=hours)
    watch = ClockWatch(wall=lambda: next(looks, last), steady=lambda: 0.0, every=0.01)

    async def main():
        log, stop = Lines(), Stop()
        daemon = Daemon(open_store(archive), [YEARLY], command=python(""), log=log, catch_up=False, clock=watch)
        running = asyncio.ensure_future(daemon.run(stop))
        await log.until("exit 0")
        stop(signal.SIGTERM)
        await running
        return log.lines

    lines = asyncio.run(main())
    told = [line for line in lines if line.startswith("the clock")]
    assert told == [f"the clock went {abs(hours) * 3600} s {side}; the slots that are due by it run now"]
    assert any(line.startswith("slot yearly@") and "exit 0" in line for line in lines)


def test_daemon_outlives_a_command_that_cannot_start(archive):
    """A slot whose process can't be made is said to have failed; the daemon goes on to the next."""

    async def main():
        log, stop = Lines(), Stop()
        jobs = (EverySecond(name="second", cron="* * * * *"),)
        daemon = Daemon(open_store(archive), jobs, command=lambda _: ["/nonexistent/python"], log=log)
        running = asyncio.ensure_future(daemon.run(stop))
        await log.until("failed: FileNotFoundError", times=2)
        stop(signal.SIGINT)
        return await running

    assert asyncio.run(main()) == 130
