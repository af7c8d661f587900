"""Scenes of a customer that changes hands: its open cases hear of it, and their tasks go along."""

from __future__ import annotations

from bench.storm.scene import Scene
from bench.storm.stage import House
from workflow.core.step import SYSTEM


def _kept(house: House) -> None:
    """Anna has the customer, and its open work."""
    house.opened()
    house.door.change_customer(house.customer, {"stage": "maintained"}, actor=SYSTEM, key="kept")
    case = house.case("round")
    for task in case.tasks:
        house.door.claim(case.id, task.no, actor=house.actor("anna"), key=f"claim {task.no}")


def _change(house: House) -> None:
    house.door.change_customer(house.customer, {"a": house.person("ben"), "b": None}, actor=SYSTEM, key="once")


SCENES = {"change hands with open work": Scene(prepare=_kept, act=_change)}
