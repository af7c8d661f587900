"""When people work: in office hours mostly, at other times when something cannot wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from workflow.core.calendar import Calendar
from workflow.core.moments import moment_of

DAYS_AHEAD = 30
DUTY = (8, 21)
"""Local hours within which somebody on duty still picks up the telephone."""


def at_work(moment: datetime, calendar: Calendar, rng: Random) -> datetime:
    """This moment if it lies in office hours, else a little after they begin again."""
    day = calendar.local_day(moment)
    for ahead in range(DAYS_AHEAD):
        for begin, end in calendar.spans(day + timedelta(days=ahead)):
            opening, closing = moment_of(begin), moment_of(end)
            if opening <= moment < closing:
                return moment
            if moment < opening:
                return min(opening + timedelta(minutes=rng.uniform(2, 70), seconds=rng.uniform(0, 59)), closing)
    return moment


def on_duty(since: datetime, until: datetime, calendar: Calendar, rng: Random) -> datetime:
    """A moment between the two, in waking hours if there are any."""
    for _ in range(12):
        moment = since + (until - since) * rng.uniform(0.3, 0.97)
        if DUTY[0] <= calendar.local(moment).hour < DUTY[1]:
            return moment
    return since + (until - since) * rng.uniform(0.6, 0.97)
