"""Scenes of revenue: files that come in and are taken back, shares, and what figures call for."""

from __future__ import annotations

from bench.storm.scene import Scene
from bench.storm.stage import House
from workflow.core.step import SYSTEM

REPORT = {"good": 1, "bad": 0}


def _say(house: House, **months: int) -> int:
    figures = [(month[1:].replace("_", "-"), "express", cents) for month, cents in months.items()]
    return house.door.say_revenue({house.customer: figures}, actor=SYSTEM)


def _bring(house: House) -> int:
    return house.door.keep_upload(
        "revenue", "一月.csv", b"x", rows=1, whole=1, report=REPORT, actor=house.actor("dora")
    )


def _brought(house: House) -> None:
    _say(house, m2026_01=7_00)
    _bring(house)


def _upload(house: House) -> int:
    return int(house.one("SELECT max(id) FROM uploads"))


def _apply(house: House) -> None:
    """What was said of the month is corrected."""
    figures = {house.customer: [("2026-01", "express", 9_00)]}
    house.door.say_revenue(figures, actor=house.actor("dora"), upload=_upload(house))


def _applied(house: House) -> None:
    _brought(house)
    _apply(house)


def _take_back(house: House) -> None:
    if house.one("SELECT state FROM uploads") != "undone":
        house.door.take_back(_upload(house), actor=house.actor("dora"))


def _fallen(house: House) -> None:
    house.door.change_customer(house.customer, {"stage": "maintained"}, actor=SYSTEM)
    _say(house, m2026_01=100_00, m2026_02=9_00)


def _swap(house: House) -> None:
    if house.one("SELECT lead FROM customers") == "a":
        house.door.change_customer(house.customer, {"lead": "b"}, actor=SYSTEM)


SCENES = {
    "change an owner": Scene(act=_swap),
    "share revenue": Scene(prepare=House.opened, act=lambda house: house.pull("share", key="once")),
    "bring a file": Scene(act=_bring, again=False),
    "apply a file": Scene(prepare=_brought, act=_apply),
    "take a file back": Scene(prepare=_applied, act=_take_back),
    "open an alert": Scene(prepare=_fallen, act=lambda house: house.door.alert("2026-02") and None),
}
