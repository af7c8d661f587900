"""The door's figures about itself: how late what happens by itself was, and how often people were."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from workflow.core.directory import OVERSEERS
from workflow.core.errors import NotPermitted
from workflow.core.lateness import CAUSES, STAGES, Counts, Spread, merged, spread, upper
from workflow.core.step import Actor
from workflow.service.reading import Reading
from workflow.service.shown import Shown
from workflow.storage import lateness
from workflow.storage.errors import StorageUnavailable
from workflow.storage.lateness import Histograms
from workflow.storage.queries import oversight

log = logging.getLogger(__name__)

WAITS = timedelta(seconds=10)
"""A scheduler writes what has gathered with its next sign of life; without one in the program, a command does."""

LONGEST = 92
"""Days that figures are given for at most."""

READERS = OVERSEERS | {"auditor", "administrator"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LatenessRow:
    """How late, from one point to another. `kind` "": all kinds of timers, or all channels.

    What the stages and causes are: `workflow.core.lateness`.
    """

    stage: str
    kind: str
    cause: str
    spread: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class LatenessDay:
    """A day of the zone that was asked for."""

    day: date
    rows: tuple[LatenessRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LatenessView:
    """`days`: every one of the period, the earliest first. `total`: the whole period.

    `distribution`: by stage, how many were at most so late and later than the one before, where nothing but work
    was the cause.
    """

    days: tuple[LatenessDay, ...]
    total: tuple[LatenessRow, ...]
    distribution: Mapping[str, tuple[tuple[timedelta, int], ...]]


@dataclass(frozen=True, slots=True)
class Breaches:
    """Clocks that ran past due in a period. `outage`: noticed late, because no scheduler was alive."""

    count: int
    outage: int

    @property
    def people(self) -> int:
        return self.count - self.outage


class Punctuality(Reading):
    def lateness(self, reader: Actor, *, days: int = 7, zone: tzinfo = UTC) -> LatenessView:
        """The last days, today among them, of the whole house: no case is told of.

        Raises `NotPermitted` for those who neither oversee, audit nor administer.
        """
        with self._read(reader) as (connection, shown):
            self._insist_reader(shown)
            today = shown.reader.at.astimezone(zone).date()
            asked = [today - timedelta(days=back) for back in reversed(range(max(1, min(days, LONGEST))))]
            found = [lateness.counted(connection, _begin(day, zone), _begin(_next(day), zone)) for day in asked]
        whole = _together(found)
        busy = {stage: merged(_all(whole, stage, "busy")) for stage in STAGES}
        return LatenessView(
            days=tuple(LatenessDay(day=day, rows=_rows(one)) for day, one in zip(asked, found, strict=True)),
            total=_rows(whole),
            distribution={stage: _steps(counts) for stage, counts in busy.items()},
        )

    def breaches(self, reader: Actor, *, days: int = 30) -> Breaches:
        """How often clocks of cases the reader may see ran past due in the last days, and what for.

        As it was half a minute ago at most: it stands above a list that is looked at again and again.
        """
        with self._read(reader) as (connection, shown):
            at = shown.reader.at
            found: Breaches = self.remembered.get(
                ("breaches", days, shown.reader.scope),
                at,
                lambda: Breaches(*oversight.breaches(connection, shown.reader, at - timedelta(days=days))),
            )
            return found

    def keep_lateness(self, at: datetime) -> None:
        """Write what has waited for long: there is no scheduler in this program that would."""
        oldest = self.tally.oldest()
        if oldest is None or at - oldest < WAITS:
            return
        try:
            with self.tally.taken() as measured, self.database.writing() as connection:
                lateness.add(connection, measured)
        except StorageUnavailable:
            # The command is kept; the figures come with the next one.
            log.warning("Figures of lateness are left to the next command", exc_info=True)

    def _insist_reader(self, shown: Shown) -> None:
        reader = shown.reader
        roles = (role for person in reader.persons for role in reader.directory.role_names(person, reader.at))
        if not reader.everything and READERS.isdisjoint(roles):
            raise NotPermitted(action="administer")


def _begin(day: date, zone: tzinfo) -> datetime:
    """The first moment of a day, as whole hours are kept."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _next(day: date) -> date:
    return day + timedelta(days=1)


def _together(several: Iterable[Histograms]) -> Histograms:
    parts: dict[tuple[str, str, str], list[Counts]] = {}
    for one in several:
        for key, counts in one.items():
            parts.setdefault(key, []).append(counts)
    return {key: merged(counts) for key, counts in parts.items()}


def _all(found: Histograms, stage: str, cause: str) -> list[Counts]:
    return [counts for (at, _, why), counts in found.items() if (at, why) == (stage, cause)]


def _rows(found: Histograms) -> tuple[LatenessRow, ...]:
    """By stage, cause and kind; all kinds together first."""
    rows: list[LatenessRow] = []
    for stage in STAGES:
        for cause in CAUSES:
            kinds = sorted(kind for at, kind, why in found if (at, why) == (stage, cause))
            figures = {"": merged(_all(found, stage, cause)), **{kind: found[stage, kind, cause] for kind in kinds}}
            rows.extend(
                LatenessRow(stage=stage, kind=kind, cause=cause, spread=figure)
                for kind, counts in figures.items()
                if (figure := spread(counts)) is not None
            )
    return tuple(rows)


def _steps(counts: Counts) -> tuple[tuple[timedelta, int], ...]:
    return tuple((timedelta(microseconds=upper(number)), counts[number][0]) for number in sorted(counts))
