"""Scenes of what happens by itself: timers, what is computed again, signs of life, and what is swept out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

from bench.storm.scene import Scene
from bench.storm.scenes_of_house import brought, signed_in
from bench.storm.scenes_of_work import asked, opened
from bench.storm.stage import House
from workflow.core import unasked
from workflow.scheduler.broom import sweep_out
from workflow.storage import due, housekeeping

SCHEDULER = "one"


def _fire(house: House) -> None:
    house.door.fire_due()


def _waiting(house: House) -> None:
    house.opened()
    house.pull("wait")


def _three(house: House) -> None:
    for _ in range(3):
        house.opened()


def _poisoned(house: House) -> None:
    """A sweep during which no timer will work."""

    def fails(*_: Any, **__: Any) -> Any:
        raise ValueError("poison")

    with patch.object(unasked, "fire", fails):
        house.door.fire_due()


def _failed(house: House) -> None:
    house.opened()
    house.later(hours=6)
    _poisoned(house)


def _left_behind(house: House) -> None:
    """What would not work is no longer needed: somebody moved the case on."""
    _failed(house)
    with house.database.writing() as connection:
        connection.exec_driver_sql("UPDATE timers SET attempts = 0")


def _retry(house: House) -> None:
    incident = int(house.one("SELECT max(id) FROM incidents"))
    house.door.retry(incident, actor=house.actor("sue"))


def _word(house: House) -> None:
    """The linked case has ended, and who ended it died before anybody was told."""
    asked(house)
    with patch.object(type(house.door), "_follow", lambda *_, **__: None):
        house.door.perform(house.case("question").id, "say", actor=house.actor("sue"))


def _recount(house: House) -> None:
    """A case at a time, so that the place is noted in between."""
    while house.one("SELECT count(*) FROM recounts"):
        house.door.recount(limit=1)


def _announced(house: House) -> None:
    """Two open cases, and then tomorrow becomes a day off."""
    house.opened()
    house.opened()
    brought(house, date(2026, 3, 2), date(2026, 3, 3))


def _unfit(house: House) -> None:
    """A case that will not be computed again becomes an incident."""

    def fails(*_: Any, **__: Any) -> Any:
        raise ValueError("poison")

    with patch.object(unasked, "recount", fails):
        _recount(house)


def _again(house: House) -> None:
    """The case is computed after all, and the incident is settled."""
    case = house.case().id
    house.door.recount_again(case, house.now)


def _incident(house: House) -> None:
    _announced(house)
    _unfit(house)


def _beat(house: House) -> None:
    with house.database.writing() as connection:
        housekeeping.beat(connection, SCHEDULER, started=house.now, at=house.now, gap=timedelta(minutes=1))


def _clean(house: House) -> None:
    sweep_out(house.database, house.now)


def _old(house: House) -> None:
    """An old session, an old key, and two signs of life, of which the last one stays."""
    signed_in(house)
    house.opened()
    house.door.comment(house.case().id, "一条", actor=house.actor("anna"), key="old")
    for hours, name in ((0, "one"), (1, "two")):
        at = house.now + timedelta(hours=hours)
        with house.database.writing() as connection:
            housekeeping.beat(connection, name, started=at, at=at, gap=timedelta(days=1))


def _fail_by_hand(house: House) -> None:
    """A timer that fails a second time: its incident is renewed."""
    with house.database.writing() as connection:
        due.failed(connection, house.case().id, house.now, kind="timer", detail="again")


SCENES = {
    "remind": Scene(prepare=opened, act=_fire, after=timedelta(hours=3)),
    "climb": Scene(prepare=opened, act=_fire, after=timedelta(days=1, hours=3)),
    "climb to the end": Scene(prepare=opened, act=_fire, after=timedelta(days=12)),
    "climb three": Scene(prepare=_three, act=_fire, after=timedelta(days=4)),
    "move by time": Scene(prepare=_waiting, act=_fire, after=timedelta(days=1, hours=1)),
    "recur": Scene(prepare=opened, act=_fire, after=timedelta(days=35)),
    "hear of a linked case": Scene(prepare=_word, act=_fire, after=timedelta(hours=1)),
    "fail to fire": Scene(prepare=opened, act=_poisoned, after=timedelta(hours=6)),
    "fail again": Scene(prepare=_failed, act=_fail_by_hand, after=timedelta(hours=6), again=False),
    "fire after all": Scene(prepare=_failed, act=_fire, after=timedelta(hours=8)),
    "settle what is over": Scene(prepare=_left_behind, act=_fire, after=timedelta(hours=6)),
    "retry": Scene(prepare=_failed, act=_retry, after=timedelta(hours=6), again=False),
    "recount": Scene(prepare=_announced, act=_recount, after=timedelta(hours=1)),
    "fail to recount": Scene(prepare=_announced, act=_unfit, after=timedelta(hours=1), again=False),
    "recount after all": Scene(prepare=_incident, act=_again, after=timedelta(hours=1)),
    "beat": Scene(act=_beat),
    "beat after an outage": Scene(prepare=_beat, act=_beat, after=timedelta(hours=1)),
    "sweep out": Scene(prepare=_old, act=_clean, after=timedelta(days=90)),
}
