"""Scenes of what is on offer: asked for under seal, taken within a limit, given back; another case hears of it."""

from __future__ import annotations

from bench.storm.scene import Scene
from bench.storm.stage import House
from workflow.core.case import Case


def _offer(house: House) -> Case:
    return house.door.open("offer", customer=house.customer, actor=house.actor("dora"), key="offer")


def _open(house: House) -> Case:
    return house.door.open("offer", customer=house.customer, actor=house.actor("dora"), key="once")


def _apply(house: House, key: str = "once") -> Case:
    form = {"plan": "先行试用"}
    return house.door.perform(house.case("offer").id, "apply", actor=house.actor("anna"), form=form, key=key)


def _give(house: House, key: str = "once") -> Case:
    form = {"who": house.person("ben")}
    return house.door.perform(house.case("offer").id, "give", actor=house.actor("dora"), form=form, key=key)


def _asked(house: House) -> None:
    house.opened()
    _offer(house)
    _apply(house, "asked")


def _given(house: House) -> None:
    _asked(house)
    _give(house, "given")
    house.drain()


def _give_back(house: House) -> Case:
    return house.door.perform(house.case("offer").id, "give_back", actor=house.actor("dora"), key="once")


SCENES = {
    "open an offer": Scene(act=_open),
    "apply under seal": Scene(prepare=_offer, act=_apply),
    "take what is limited": Scene(prepare=_asked, act=_give),
    "give back what is limited": Scene(prepare=_given, act=_give_back),
}
