"""When crawls run: the SCHEDULE setting, its slots in UTC, and the daemon that runs them; alone knows APScheduler.

SCHEDULE is text, entries separated by `;` or line feeds: `name: minute hour day month weekday [ARGUMENT=VALUE …]`.
The five fields are cron's, in UTC; the arguments are those of `scrapy crawl presstv -a`.
"""

import asyncio
import heapq
import itertools
import logging
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler import events
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from archive.errors import ArchiveError, ConfigurationError, SlotTaken, UsageError
from archive.facts.names import compact, from_compact
from archive.stores.store import Store
from crawler.crawl.plan import plan_of
from crawler.editions.edition import Edition
from crawler.schedule import cron
from crawler.schedule.clockwatch import ClockWatch
from crawler.schedule.slots import Claimant, Slot, Stop, run_slot

_NAME = re.compile(r"[a-z0-9-]{1,40}")
_WINDOWS = tuple(timedelta(days=days) for days in (1 / 24, 1, 8, 32, 367, 9 * 366))
_FORM = "write 'name: minute hour day month weekday [ARGUMENT=VALUE …]', as in 'une: */15 * * * * sections=une' (UTC)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One entry of SCHEDULE."""

    name: str
    cron: str
    """Five fields, UTC."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """The crawl's `-a` arguments."""

    def trigger(self) -> Any:
        """Return the cron fields as APScheduler's trigger; raises ValueError for what is none."""
        return cron.trigger(self.cron)


def jobs_of(setting: Any, edition: Edition, extra: Mapping[str, str] | None = None) -> tuple[Job, ...]:
    """Read SCHEDULE, the crawls of an edition: text, a list of entries, or a mapping of name to the rest of an entry.

    `extra` are crawl arguments for every job, over its own. Raises ConfigurationError naming the entry, and UsageError
    for a bad `extra`.
    """
    plan_of(extra or {}, edition)
    jobs = tuple(_job(entry, edition, extra or {}) for entry in _entries(setting))
    names = [job.name for job in jobs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(f"SCHEDULE names the job {twice[0]!r} twice; give each entry a name of its own")
    if not jobs:
        raise ConfigurationError(f"SCHEDULE is empty; {_FORM}")
    return jobs


def _entries(setting: Any) -> Iterator[str]:
    if isinstance(setting, str):
        parts = re.split(r"[;\n]", setting)
    elif isinstance(setting, Mapping):
        parts = [f"{name}: {rest}" for name, rest in setting.items()]
    elif isinstance(setting, (list, tuple)):
        parts = [str(entry) for entry in setting]
    else:
        raise ConfigurationError(f"SCHEDULE={setting!r} is neither text nor a list nor a mapping; {_FORM}")
    yield from filter(None, (part.strip() for part in parts))


def _job(entry: str, edition: Edition, extra: Mapping[str, str]) -> Job:
    name, _, rest = entry.partition(":")
    words = rest.split()
    fields, given = words[:5], [word.partition("=") for word in words[5:]]
    stray = next((word for word, equals, _ in given if not equals), None)
    if not _NAME.fullmatch(name.strip()):
        raise _bad(entry, f"{name.strip()!r} is no job name of a-z, 0-9 and -")
    if stray:
        raise _bad(entry, f"{stray!r} is no ARGUMENT=VALUE")
    job = Job(name=name.strip(), cron=" ".join(fields), arguments={**{key: value for key, _, value in given}, **extra})
    try:
        plan_of(job.arguments, edition)
        if next(fire_times(job, datetime(2024, 1, 1, tzinfo=UTC)), None) is None:
            raise _bad(entry, f"{job.cron!r} is no day of any calendar")
    except (ValueError, UsageError) as error:
        raise _bad(entry, str(error)) from error
    return job


def _bad(entry: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"SCHEDULE entry {entry!r}: {why}; {_FORM}")


def fire_times(job: Job, start: datetime) -> Iterator[datetime]:
    """Yield a job's scheduled instants at or after `start`, aware UTC, without end."""
    trigger, moment = job.trigger(), start
    while found := trigger.get_next_fire_time(None, moment):
        yield found
        moment = found + timedelta(seconds=1)


def newest_slot(job: Job, now: datetime) -> Slot | None:
    """Return the job's last slot at or before `now`; None where it had none in nine years (29 February)."""
    for window in _WINDOWS:
        past = itertools.takewhile(lambda at: at <= now, fire_times(job, now - window))
        for newest in list(past)[-1:]:
            return Slot(job=job.name, at=newest)
    return None


def period(job: Job, start: datetime) -> timedelta:
    """Return the longest gap between the job's nine slots from `start` on: a slot as old as that has a successor."""
    times = list(itertools.islice(fire_times(job, start), 9))
    return max(later - earlier for earlier, later in itertools.pairwise(times))


def next_runs(jobs: Sequence[Job], now: datetime, count: int) -> list[tuple[datetime, Job]]:
    """Return the next `count` runs after `now` over all jobs, soonest first, equals in SCHEDULE's order."""
    streams = (_runs(job, now) for job in jobs)
    return list(itertools.islice(heapq.merge(*streams, key=lambda run: run[0]), count))


def _runs(job: Job, now: datetime) -> Iterator[tuple[datetime, Job]]:
    for at in fire_times(job, now + timedelta(microseconds=1)):
        yield at, job


def slot_named(jobs: Sequence[Job], text: str, now: datetime) -> tuple[Job, Slot]:
    """Read `JOB` (its newest slot) or `JOB@20261124t120000z`. Raises UsageError for what is no slot up to `now`."""
    name, at, instant = text.partition("@")
    job = next((job for job in jobs if job.name == name), None)
    if job is None:
        raise UsageError(f"no job {name!r} in SCHEDULE; choose from {', '.join(job.name for job in jobs)}")
    newest = newest_slot(job, now)
    if newest is None:
        raise UsageError(f"job {name!r} ({job.cron}) has had no slot yet; see: scrapy schedule --list")
    return job, Slot(job=name, at=_slot_time(job, instant, newest.at)) if at else newest


def _slot_time(job: Job, text: str, newest: datetime) -> datetime:
    example = compact(newest)
    try:
        moment = from_compact(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no slot; write {job.name}@{example}") from error
    if moment > newest or next(fire_times(job, moment), None) != moment:
        raise UsageError(f"job {job.name!r} ({job.cron}, UTC) has no slot {text} up to now; its newest is {example}")
    return moment


def crawl_command(job: Job, settings: Mapping[str, Any], *options: str) -> list[str]:
    """Return the command of one crawl: `settings` become `-s` options, `options` stand as they are."""
    words = [word for name, value in job.arguments.items() for word in ("-a", f"{name}={value}")]
    words += [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    return [sys.executable, "-m", "scrapy", "crawl", *options, *words, "presstv"]


async def run_once(store: Store, slot: Slot, command: Sequence[str]) -> int:
    """Claim and run one slot in the foreground, passing SIGTERM and SIGINT on; return the crawl's exit code.

    Raises as `crawler.schedule.slots.run_slot` does.
    """
    stop = Stop()
    stop.listen()
    return await run_slot(store, slot, command=command, who=Claimant(started=datetime.now(UTC)), stop=stop)


class Daemon:
    """Run the jobs until told to stop; one crawl at a time, since all of them ask one outlet and share one catalog.

    `command` makes a job's command, `log` takes lines without a time. With `catch_up`, the newest slot of each job is
    run at the start unless it was claimed: once, however many were missed. So it is whenever `clock` has jumped.
    """

    def __init__(
        self,
        store: Store,
        jobs: Sequence[Job],
        *,
        command: Callable[[Job], Sequence[str]],
        log: Callable[[str], None],
        catch_up: bool = True,
        clock: ClockWatch | None = None,
    ) -> None:
        self.store, self.jobs = store, {job.name: job for job in jobs}
        self._clock = clock or ClockWatch()
        self._command, self._log, self._catch_up = command, log, catch_up
        self._due: dict[str, datetime] = {}
        self._running: str | None = None

    async def run(self, stop: Stop) -> int:
        """Run until `stop` is wished for and the crawl of that moment has ended; return 128 + the signal's number."""
        self._turn, self._stop = asyncio.Lock(), stop
        scheduler = self._scheduler()
        scheduler.start()
        upcoming = next_runs(tuple(self.jobs.values()), datetime.now(UTC), 1)
        self._log(f"{', '.join(self.jobs)} for {self.store.uri}; next: {upcoming[0][1].name}@{compact(upcoming[0][0])}")
        await self._until(stop, scheduler)
        scheduler.pause()
        async with self._turn:  # behind the crawl that runs and the slots that wait, which then see the wish
            scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # shutdown is only put on the loop: give it its turn
        self._log("stopped")
        return 128 + (stop.signal or 0)

    async def _until(self, stop: Stop, scheduler: Any) -> None:
        wish = asyncio.ensure_future(stop.wished())
        while not (await asyncio.wait({wish}, timeout=self._clock.every))[0]:
            if jump := self._clock.jump():
                self._set_right(scheduler, jump)

    def _set_right(self, scheduler: Any, jump: timedelta) -> None:
        # APScheduler waits by the clock that was: after one set back it would sleep until that hour comes again.
        now = datetime.now(UTC)
        for job in self.jobs.values():
            due = newest_slot(job, now)
            scheduler.modify_job(job.name, next_run_time=due.at if due else next(fire_times(job, now), None))
        side = "ahead" if jump > timedelta() else "back"
        self._log(f"the clock went {abs(jump).total_seconds():.0f} s {side}; the slots that are due by it run now")

    def _scheduler(self) -> Any:
        _silence_apscheduler()
        scheduler, now = AsyncIOScheduler(timezone=UTC), datetime.now(UTC)
        for kind, listener in self._listeners().items():
            scheduler.add_listener(listener, kind)
        for job in self.jobs.values():
            newest = newest_slot(job, now) if self._catch_up else None
            # APScheduler's default of a second would drop a slot whenever the loop is busy.
            grace = int(period(job, newest.at if newest else now).total_seconds())
            first = {"next_run_time": newest.at} if newest else {}
            options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": grace, **first}
            scheduler.add_job(self._fire, job.trigger(), args=(job,), id=job.name, **options)
        return scheduler

    def _listeners(self) -> dict[int, Callable[[Any], None]]:
        return {
            events.EVENT_JOB_SUBMITTED: self._submitted,
            events.EVENT_JOB_MAX_INSTANCES: self._skipped,
            events.EVENT_JOB_MISSED: self._missed,
            events.EVENT_JOB_ERROR: self._failed,
        }

    def _submitted(self, event: Any) -> None:
        # Sent before the job's task gets its first turn, and the only place that tells the scheduled instant.
        self._due[event.job_id] = event.scheduled_run_times[-1]

    def _skipped(self, event: Any) -> None:
        state = "still active" if self._running == event.job_id else f"still waits for {self._running or 'its turn'}"
        self._log(f"slot {Slot(job=event.job_id, at=event.scheduled_run_times[-1])} skipped: previous run {state}")

    def _missed(self, event: Any) -> None:
        self._log(f"slot {Slot(job=event.job_id, at=event.scheduled_run_time)} missed: noticed too late")

    def _failed(self, event: Any) -> None:
        slot = Slot(job=event.job_id, at=event.scheduled_run_time)
        self._log(f"slot {slot} failed: {type(event.exception).__name__}: {event.exception}; the next one runs")

    async def _fire(self, job: Job) -> None:
        slot = Slot(job=job.name, at=self._due[job.name])
        async with self._turn:
            if self._stop.signal:
                return
            self._running = job.name
            try:
                self._log(await self._outcome(job, slot))
            finally:
                self._running = None

    async def _outcome(self, job: Job, slot: Slot) -> str:
        began, who = time.monotonic(), Claimant(started=datetime.now(UTC))
        try:
            code = await run_slot(self.store, slot, command=self._command(job), who=who, stop=self._stop)
        except SlotTaken as taken:
            return str(taken)
        except ArchiveError as error:
            return f"slot {slot} not run, exit {error.exit_code}: {error}"
        return f"slot {slot} exit {code} after {time.monotonic() - began:.0f} s"


def _silence_apscheduler() -> None:
    # Its warnings are the events that the daemon logs itself, and without a handler Python prints them.
    logger = logging.getLogger("apscheduler")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
