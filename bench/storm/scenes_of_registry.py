"""Scenes of the registry: people of a customer, branches, and two records that turn out to be one."""

from __future__ import annotations

from bench.storm.scene import Scene
from bench.storm.stage import House
from workflow.core.step import SYSTEM

PEOPLE = [{"name": "赵敏", "phone": "13800001111"}]
OTHERS = [{"name": "李响", "phone": "13900002222"}]


def _double(house: House) -> int:
    values = {"name_zh": "晴云数据公司", "division": "440106", "unit": house.unit, "contacts": PEOPLE}
    return house.door.register_customer(values, actor=SYSTEM, key="double")


def _branch(house: House) -> int:
    values = {"name_zh": "青云数据东区分公司", "division": "440106", "unit": house.unit}
    return house.door.register_customer(values, head=house.customer, actor=house.actor("anna"), key="once")


def _people(house: House) -> None:
    house.door.change_customer(house.customer, {"contacts": PEOPLE}, actor=house.actor("anna"), key="first")


def _other_people(house: House) -> None:
    house.door.change_customer(house.customer, {"contacts": OTHERS}, actor=house.actor("anna"), key="once")


def _gone(house: House) -> int:
    return int(house.one("SELECT max(id) FROM customers"))


def _merge(house: House) -> None:
    house.door.merge_customers(_gone(house), house.customer, actor=house.actor("dora"), reason="同一家", key="once")


def _merged(house: House) -> None:
    _double(house)
    _merge(house)


def _unmerge(house: House) -> None:
    house.door.unmerge_customer(_gone(house), actor=house.actor("dora"), reason="两家", key="apart")


def _erase(house: House) -> None:
    house.door.erase(house.customer, actor=house.actor("root"), reason="本人要求", fields=["contacts"])


SCENES = {
    "register with people": Scene(act=_double),
    "register a branch": Scene(act=_branch),
    "change people": Scene(prepare=_people, act=_other_people),
    "erase people": Scene(prepare=_people, act=_erase, again=False),
    "merge": Scene(prepare=_double, act=_merge),
    "unmerge": Scene(prepare=_merged, act=_unmerge),
}
