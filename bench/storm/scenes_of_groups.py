"""Scenes of linked groups, and of absences for which nobody was named."""

from __future__ import annotations

from datetime import timedelta

from bench.storm.scene import Scene
from bench.storm.stage import House


def grouped(house: House) -> int:
    return house.door.add_group(name_zh="金融组", name_en="Banking", unit=house.unit, actor=house.actor("root"))


def joined(house: House) -> int:
    return house.door.join_group(grouped(house), house.person("anna"), actor=house.actor("root"))


def away(house: House) -> int:
    return house.door.report_absence(
        house.person("anna"),
        since=house.now,
        until=house.now + timedelta(days=7),
        reason="休假",
        actor=house.actor("sue"),
    )


def _change(house: House) -> None:
    house.door.change_group(_last(house, "linked_groups"), {"industry": "金融"}, actor=house.actor("root"))


def _join(house: House) -> int:
    return house.door.join_group(_last(house, "linked_groups"), house.person("anna"), actor=house.actor("root"))


def _leave(house: House) -> None:
    house.door.leave_group(_last(house, "group_members"), actor=house.actor("root"))


def _back(house: House) -> None:
    house.door.end_absence(_last(house, "absences"), actor=house.actor("sue"))


def _erase(house: House) -> None:
    """Of a person also why they were away."""
    house.door.erase_person(house.person("anna"), actor=house.actor("root"), reason="离职")


def _last(house: House, table: str) -> int:
    return int(house.one(f"SELECT max(id) FROM {table}"))


SOON = timedelta(hours=1)
SCENES = {
    "add a linked group": Scene(act=grouped, again=False),
    "change a linked group": Scene(prepare=grouped, act=_change, again=False),
    "join a linked group": Scene(prepare=grouped, act=_join, again=False),
    "leave a linked group": Scene(prepare=joined, act=_leave, after=SOON, again=False),
    "report an absence": Scene(act=away, again=False),
    "erase a person": Scene(prepare=away, act=_erase, again=False),
    "end an absence": Scene(prepare=away, act=_back, after=SOON, again=False),
}
