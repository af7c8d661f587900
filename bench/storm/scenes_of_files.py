"""Scenes of a table of customers: a portion a transaction, cut off between them and within, and taken back."""

from __future__ import annotations

from unittest.mock import patch

from bench.storm.scene import Scene
from bench.storm.stage import House
from workflow.intake import customer_file

ROWS = "客户编号,客户名称,行政区划代码,地址\n{number},,,新址\n,甲来公司,440106,\n,乙来公司,440106,\n"


TWO = patch.object(customer_file, "PORTION", 2)
"""A portion so small that three rows are two of them."""


def _keep(house: House) -> int:
    content = ROWS.format(number=house.one("SELECT number FROM customers")).encode("gb18030")
    with TWO:
        return customer_file.keep(house.door, "名单.csv", content, mode="both", actor=house.actor("dora"))


def _apply(house: House) -> None:
    with TWO:
        customer_file.apply(house.door, int(house.one("SELECT id FROM uploads")), actor=house.actor("dora"))


def _applied(house: House) -> None:
    _keep(house)
    _apply(house)


def _take_back(house: House) -> None:
    upload = int(house.one("SELECT id FROM uploads"))
    with TWO:
        while house.one("SELECT state FROM uploads") != "undone":
            customer_file.take_back(house.door, upload, actor=house.actor("dora"))


SCENES = {
    "bring customers": Scene(prepare=_keep, act=_apply),
    "take customers back": Scene(prepare=_applied, act=_take_back),
}
