"""Scenes of people at work on cases."""

from __future__ import annotations

from datetime import timedelta

from bench.storm.scene import Scene
from bench.storm.stage import House
from workflow.core.case import Case
from workflow.core.errors import Refused
from workflow.core.step import SYSTEM

LATE = timedelta(hours=6)
"""The state's reminder and the first rung have come due by then."""


def opened(house: House) -> Case:
    return house.opened()


def claimed(house: House) -> Case:
    house.opened()
    return house.door.claim(house.case().id, _task(house), actor=house.actor("anna"))


def held(house: House) -> Case:
    house.opened()
    return house.door.pause(house.case().id, "office", actor=house.actor("anna"), reason="等客户回复")


def asked(house: House) -> Case:
    house.opened()
    return house.pull("ask")


def escalated(house: House) -> None:
    house.opened()
    house.later(hours=26)
    house.drain()


def told(house: House) -> Case:
    house.opened()
    return house.door.comment(house.case().id, "@ben 请看", actor=house.actor("anna"))


def _task(house: House, name: str = "work") -> int:
    return next(task.no for task in house.case().tasks if task.name == name)


def _open(house: House) -> Case:
    data = {"priority": "low", "note": "新的一轮。"}
    return house.door.open("round", customer=house.customer, actor=house.actor("anna"), data=data, key="once")


def _done(house: House) -> Case:
    case, task = house.case().id, house.case().task(2)
    return house.door.done(case, task.no if task else 2, actor=house.actor("anna"), form={"note": "已核对"}, key="once")


def _say(house: House) -> Case:
    return house.door.perform(house.case("question").id, "say", actor=house.actor("sue"), key="once")


def _claim(house: House) -> Case:
    return house.door.claim(house.case().id, 1, actor=house.actor("anna"), key="once")


def _release(house: House) -> Case:
    return house.door.release(house.case().id, 1, actor=house.actor("anna"), key="once")


def _delegate(house: House) -> Case:
    to = house.person("ben")
    return house.door.delegate(house.case().id, 1, to=to, actor=house.actor("anna"), note="请代办", key="once")


def _reassign(house: House) -> Case:
    to = house.person("ben")
    return house.door.reassign(house.case().id, 1, to=to, actor=house.actor("sue"), reason="休假", key="once")


def _comment(house: House) -> Case:
    return house.door.comment(house.case().id, "@ben 客户再次来电", actor=house.actor("anna"), key="once")


def _attach(house: House) -> int:
    return house.door.attach(house.case().id, "回单.txt", b"signed", actor=house.actor("anna"), key="once")


def _acknowledge(house: House) -> Case:
    escalation = house.case().escalations[0].no if house.case().escalations else 0
    return house.door.acknowledge(house.case().id, escalation or 1, actor=house.actor("sue"), key="once")


def _pause(house: House) -> Case:
    return house.door.pause(house.case().id, "office", actor=house.actor("anna"), reason="等客户回复", key="once")


def _resume(house: House) -> Case:
    return house.door.resume(house.case().id, "office", actor=house.actor("anna"), key="once")


def _refused(house: House) -> None:
    """What the rules say no to leaves its own record. Asked again, it is refused again, and that is on record too."""
    try:
        house.door.perform(house.case().id, "finish", actor=house.actor("dora"))
    except Refused:
        return
    raise AssertionError("a director may not finish somebody else's work")


def _read(house: House) -> None:
    notice = house.one(f"SELECT min(id) FROM outbox WHERE person_id = {house.person('ben')}")
    house.door.read_notice(int(notice), house.actor("ben"))


def _batch(house: House) -> None:
    """An import of two rows: what was done and how far it has come are one."""
    from workflow.storage.imports import Imported

    with house.door.batch(every=1) as batch:
        known = batch.imported("old")
        for row in ("R1", "R2"):
            if row in known:
                continue
            made = batch.open("round", customer=house.customer, actor=house.actor("anna"), data={"priority": "low"})
            batch.note("old", Imported(row, made.id, 1, house.now))
            batch.rest()


def _batch_of_system(house: House) -> None:
    """A unit that is brought in, and a customer of it."""
    with house.door.batch() as batch:
        unit = batch.unit_of("county") or batch.add_unit(
            "county", name_zh="东县", name_en="County", kind="county", parent=house.unit, actor=SYSTEM
        )
        if batch.customer_of(name="东县客户", division="440106") is None:
            values = {"name_zh": "东县客户", "division": "440106", "unit": unit, "tier": "silver"}
            batch.register_customer(values, actor=SYSTEM)


SCENES = {
    "open": Scene(act=_open),
    "perform": Scene(prepare=opened, act=lambda house: house.pull("wait", key="once")),
    "perform late": Scene(prepare=opened, act=lambda house: house.pull("wait", key="once"), after=LATE),
    "perform with data": Scene(prepare=opened, act=lambda house: house.pull("rate", key="once", priority="low")),
    "finish": Scene(prepare=escalated, act=lambda house: house.pull("finish", key="once"), after=timedelta(hours=27)),
    "open a linked case": Scene(prepare=opened, act=lambda house: house.pull("ask", key="once")),
    "end a linked case": Scene(prepare=asked, act=_say, after=timedelta(hours=1)),
    "done": Scene(prepare=opened, act=_done),
    "claim": Scene(prepare=opened, act=_claim),
    "release": Scene(prepare=claimed, act=_release),
    "delegate": Scene(prepare=claimed, act=_delegate),
    "reassign": Scene(prepare=claimed, act=_reassign),
    "comment": Scene(prepare=opened, act=_comment),
    "attach": Scene(prepare=opened, act=_attach),
    "acknowledge": Scene(prepare=escalated, act=_acknowledge, after=timedelta(hours=27)),
    "pause": Scene(prepare=opened, act=_pause, after=timedelta(hours=1)),
    "resume": Scene(prepare=held, act=_resume, after=timedelta(hours=1)),
    "refuse": Scene(prepare=opened, act=_refused, again=False),
    "read a notice": Scene(prepare=told, act=_read),
    "import": Scene(act=_batch),
    "import an organisation": Scene(act=_batch_of_system),
}
