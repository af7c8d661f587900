"""APScheduler as ticker: its jobs live in memory and own no deadline, so a killed one loses nothing."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from workflow.audit.controls import runs as controls
from workflow.audit.log.keeper import Keeper
from workflow.audit.rounds import nightly
from workflow.core.splits import month_of
from workflow.customers.scheme import scheme_of
from workflow.delivery import Deliverer
from workflow.scheduler.broom import sweep_out
from workflow.service.door import Workflow
from workflow.service.sweep import Fired
from workflow.settings import Settings
from workflow.storage import housekeeping, lateness
from workflow.storage.errors import StorageUnavailable

log = logging.getLogger(__name__)

MOST_ROUNDS = 50
"""Sweeps in one tick; what is left comes with the next, so that a stop is never waited for long."""

UNWATCHED = 5
"""So many batches may be one transaction while nobody waits to write."""

CLEAN_EVERY = timedelta(hours=1)
JUDGE_EVERY = timedelta(hours=1)
"""How often it is asked whether a night's verdicts and controls are due."""

SETTLED = timedelta(minutes=5)
"""After a start, before anything that can wait."""

SEAL_EVERY = timedelta(seconds=15)
VERIFY_EVERY = timedelta(seconds=5)
"""How often to look whether somebody asked, or it is time."""

NIGHT_AFTER = timedelta(minutes=10)
"""After a start, before a night that was missed is made up for."""

SHORTEST = timedelta(milliseconds=20)
"""A tick that came sooner could still find the one before it running."""

LONGEST_PAUSE = timedelta(minutes=1)
MOST_DOUBLED = 12
"""Doublings of the pause: more than it takes to reach the longest, fewer than a duration can hold."""


class Ticker:
    """Fires what is due, each `settings.scheduler.tick` seconds and sooner when something is due sooner.

    Messages are delivered by a job of its own, so that a dead mail server never delays a deadline.
    Any number of tickers may run on one database.
    """

    def __init__(self, workflow: Workflow, settings: Settings, *, name: str | None = None) -> None:
        self.workflow = workflow
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        self.every = timedelta(seconds=settings.scheduler.tick)
        self.batch = settings.scheduler.batch
        self.zone = settings.display.zone
        self._scheme = scheme_of(settings.tiers)
        self.beat_every = settings.scheduler.beat
        self.silence = settings.scheduler.silence
        self._stopping = threading.Event()
        self._started: datetime | None = None
        self._beaten: datetime | None = None
        self._failures = 0
        self._held = 0
        self._deliverer = Deliverer(workflow, settings, name=self.name, stopping=self._stopping)
        self._keeper = Keeper(workflow, settings, name=self.name, stopping=self._stopping)
        self._key = settings.seal.key
        self.deliver_every = timedelta(seconds=settings.delivery.tick)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(5)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin ticking in threads of its own."""
        # It tells of every run of a job and of every tick that a long one keeps out; nobody wants to read that.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._started = self.workflow.clock()
        now = datetime.now(UTC)
        jobs = (
            (self.tick, self.every, now),
            (self.deliver, self.deliver_every, now),
            (self.clean, CLEAN_EVERY, now),
            # The rest later: the start is for what is due.
            (self.seal, SEAL_EVERY, now + SEAL_EVERY),
            (self.verify, VERIFY_EVERY, now + VERIFY_EVERY),
            (self.judge, JUDGE_EVERY, now + SETTLED),
            (self.control, JUDGE_EVERY, now + SETTLED * 2),
            (self.watch_revenue, JUDGE_EVERY, now + SETTLED),
            (self.watch_birthdays, JUDGE_EVERY, now + SETTLED * 3),
        )
        for job, every, first in jobs:
            seconds = every.total_seconds()
            self._scheduler.add_job(job, "interval", seconds=seconds, id=job.__name__, next_run_time=first)
        self._scheduler.start()

    def stop(self) -> None:
        """Let the tick that runs come to its next commit, then end. A second time nothing happens."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
            self._settle()

    def tick(self) -> None:
        """Do all that is due. Whatever goes wrong is logged, and the next tick comes."""
        try:
            fired = self._fire()
        except StorageUnavailable as unavailable:
            self._failures += 1
            pause = min(self.every * 2 ** min(self._failures, MOST_DOUBLED), max(LONGEST_PAUSE, self.every))
            log.warning("%s Trying again in %g seconds.", unavailable, pause.total_seconds())
            self._again_in(pause)
        except Exception:
            log.exception("A tick failed; the next one comes as usual")
        else:
            self._failures = 0
            if fired is not None and fired.next_due is not None:
                wait = max(fired.next_due - self.workflow.clock(), SHORTEST)
                if wait == SHORTEST and not fired.timers:
                    # What is due is in other hands; asking every moment would only keep them from getting on.
                    self._held += 1
                    wait = min(SHORTEST * 2 ** min(self._held, MOST_DOUBLED), self.every)
                if wait < self.every:
                    self._again_in(wait)

    def deliver(self) -> None:
        """Send the messages that wait. Whatever goes wrong is logged, and the next round comes."""
        with coming_again("Sending messages"):
            done = self._deliverer.run()
            if done.sent or done.failed:
                log.info("Sent %s messages, %s failed", done.sent, done.failed)

    def judge(self) -> None:
        """Once a night, decide the day's histories again; of several schedulers one does it."""
        door = self.workflow
        with coming_again("Deciding the histories again"):
            found = nightly(
                door.database, door.library, now=door.clock, zone=self.zone, key=self._key, stopping=self._stopping
            )
            if found is not None:
                now, by = found.totals, found.looked
                log.info("Reproduced %s of %s steps; %s differ", now.reproduced, now.steps, now.differ)
                log.info("Decided %s steps again; for %s the verdict stands", by.anew, by.stood)

    def control(self) -> None:
        """Once a night, look for what controls do not let pass; of several schedulers one writes it."""
        door = self.workflow
        with coming_again("Running the controls"):
            found = controls.nightly(
                door.database, door.library, now=door.clock, zone=self.zone, stopping=self._stopping
            )
            for name, outcome in (found or {}).items():
                log.info("Control %s: %s exceptions among %s", name, outcome.exceptions, outcome.looked)

    def watch_revenue(self) -> None:
        """Open what the newest figures call for; of several schedulers one opens each."""
        with coming_again("Looking at revenue"):
            month = month_of(self.workflow.clock(), self.zone)
            opened = self.workflow.watch_revenue(scheme=self._scheme, month=month)
            if opened:
                log.info("Opened %s cases about movements of revenue and tiers", opened)

    def watch_birthdays(self) -> None:
        """Open what the birthdays of the coming weeks call for; of several schedulers one opens each."""
        with coming_again("Looking at birthdays"):
            opened = self.workflow.watch_birthdays(self.workflow.clock().astimezone(self.zone).date())
            if opened:
                log.info("Opened %s cases for birthdays", opened)

    def clean(self) -> None:
        """Sweep out what nobody needs any more."""
        with coming_again("Housekeeping"):
            sweep_out(self.workflow.database, self.workflow.clock())

    def seal(self) -> None:
        """Put new steps into the log and sign it now and then."""
        with coming_again("Sealing"):
            self._keeper.seal()

    def verify(self) -> None:
        """Verify everything once a night, and when somebody asks."""
        with coming_again("Verification"):
            settled = self._started is None or self.workflow.clock() - self._started >= NIGHT_AFTER
            self._keeper.verify(nights=settled)

    def _fire(self) -> Fired | None:
        """The last sweep: with nothing left to do, unless there were too many or a stop came in between."""
        fired: Fired | None = None
        for _ in range(MOST_ROUNDS):
            if self._stopping.is_set():
                return None
            # A long backlog is no outage.
            self._beat()
            fired = self.workflow.fire_due(limit=self.batch, most=self.batch * UNWATCHED)
            if fired.timers or fired.failed:
                log.info("Fired %s timers on %s cases, %s failed", fired.timers, fired.cases, fired.failed)
                self._held = 0
            if not fired.timers:
                break
        return fired

    def _beat(self) -> None:
        now = self.workflow.clock()
        # A clock that was set back must not silence the scheduler until it has caught up.
        if self._beaten is not None and abs(now - self._beaten) < self.beat_every:
            return
        with self.workflow.tally.taken() as measured, self.workflow.database.writing() as connection:
            since = housekeeping.beat(
                connection,
                self.name,
                started=self._started or now,
                at=now,
                gap=self.silence,
            )
            lateness.add(connection, measured)
        self._beaten = now
        if since is not None:
            log.warning("No scheduler was alive from %s to %s; that is on record", since, now)

    def _settle(self) -> None:
        """Write what the last sweeps left for the next sign of life."""
        try:
            with self.workflow.tally.taken() as measured, self.workflow.database.writing() as connection:
                lateness.add(connection, measured)
        except StorageUnavailable as unavailable:
            log.warning("%s The last figures of lateness are lost.", unavailable)

    def _again_in(self, wait: timedelta) -> None:
        try:
            self._scheduler.modify_job("tick", next_run_time=datetime.now(UTC) + wait)
        except JobLookupError:
            # Called by hand, without a scheduler running.
            return


@contextmanager
def coming_again(what: str) -> Iterator[None]:
    """A job whose failure is logged, for it comes again by itself."""
    try:
        yield
    except StorageUnavailable as unavailable:
        log.warning("%s %s comes again.", unavailable, what)
    except Exception:
        log.exception("%s failed; it comes again", what)
