"""A believable small organisation for the browser: everything in it was done through the door."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.office import library
from workflow.core.step import SYSTEM, Actor
from workflow.people.accounts import Accounts
from workflow.service.door import Workflow
from workflow.storage.database import Database

PASSWORD = "tulip-harbour-1907"
NOW = datetime(2026, 3, 6, 2, 30, tzinfo=UTC)
"""Friday 10:30 in Shanghai, when the browser looks."""

UNITS = (
    ("GD", "province", None, "广东省大客户中心", "Guangdong Key Accounts"),
    ("DG", "city", "GD", "东莞市大客户中心", "Dongguan Key Accounts"),
    ("DG-CA", "county", "DG", "长安镇大客户中心", "Chang’an Key Accounts"),
    ("DG-EX", "bureau", "DG", "东莞市速递物流局", "Dongguan Express and Logistics"),
)
PEOPLE = (
    ("lin", "林晓岚", "Lin Xiaolan", "account_manager", "DG"),
    ("zhou", "周文博", "Zhou Wenbo", "account_manager", "DG"),
    ("he", "何立群", "He Liqun", "supervisor", "DG"),
    ("fang", "方敏", "Fang Min", "director", "DG"),
    ("tan", "谭雅静", "Tan Yajing", "account_administrator", "DG"),
    ("xu", "许志强", "Xu Zhiqiang", "department", "DG-EX"),
    ("gao", "高远", "Gao Yuan", "auditor", "GD"),
    ("admin", "罗平", "Luo Ping", "administrator", "GD"),
)
CUSTOMERS = (
    ("东莞市海砺机电有限公司", "Haili Electromechanics", "diamond"),
    ("岭南云帆纺织集团有限公司", "Lingnan Yunfan Textiles", "gold"),
    ("虎门晨曦服饰有限公司", "Humen Chenxi Apparel", "gold"),
    ("松湖智联电子股份有限公司", "Songhu Zhilian Electronics", "silver"),
    ("石龙百味食品有限公司", "Shilong Baiwei Foods", "ordinary"),
)


class House:
    def __init__(self, database: Database) -> None:
        self.now = NOW - timedelta(days=9)
        self.workflow = Workflow(database, library(), clock=lambda: self.now)
        self.accounts = Accounts(database)
        door = self.workflow
        door.found()
        self.units: dict[str, int] = {}
        for code, kind, parent, zh, en in UNITS:
            above = self.units[parent] if parent else None
            self.units[code] = door.add_unit(
                code, name_zh=zh, name_en=en, kind=kind, parent=above, division="441900", actor=SYSTEM
            )
        self.people: dict[str, int] = {}
        for login, zh, en, role, unit in PEOPLE:
            self.people[login] = door.add_person(login, name_zh=zh, name_en=en, actor=SYSTEM)
            door.grant(self.people[login], self.units[unit], role, actor=SYSTEM)
            self.accounts.set_password(self.people[login], PASSWORD, at=self.now, must_change=False)
        self.customers = [
            door.register_customer(
                {
                    "name_zh": zh,
                    "name_en": en,
                    "division": "441900",
                    "tier": tier,
                    "unit": self.units["DG"],
                    "a": self.people["lin"],
                    "b": self.people["zhou"],
                },
                actor=SYSTEM,
            )
            for zh, en, tier in CUSTOMERS
        ]
        self.cases: dict[str, int] = {}
        self._live()

    def actor(self, login: str) -> Actor:
        return Actor(self.people[login])

    def complain(self, name: str, customer: int, text: str, **data: Any) -> int:
        form = {"kind": "complaint", "channel": "phone", "text": text, "severity": "normal", **data}
        case = self.workflow.open("complaint", customer=self.customers[customer], actor=self.actor("lin"), data=form)
        self.cases[name] = case.id
        return case.id

    def on(self, days_before: float) -> None:
        """Let time pass until so many days before the browser looks, and what is due happen."""
        self.now = NOW - timedelta(days=days_before)
        while self.workflow.fire_due().timers:
            pass

    def _live(self) -> None:
        door = self.workflow
        self.on(5.2)
        late = self.complain(
            "late", 0, "2月27日寄往苏州的12件样机外箱破损，客户要求说明原因并赔偿。", category="包装破损"
        )
        self.on(4.9)
        form = {"department": self.units["DG-EX"], "question": "请查明分拣环节的装卸记录。", "told": "phone"}
        door.perform(late, "dispatch", actor=self.actor("lin"), form=form)
        door.comment(late, "客户中午来电催问，已请速递物流局当天回复。", actor=self.actor("lin"))
        self.on(4.1)
        self.complain("late too", 1, "月结账单与对账单相差3笔，财务无法付款。", channel="counter")
        self.on(3)
        closed = self.complain("closed", 2, "上门揽收晚到两小时。")
        form = {"reply": "已向客户致歉，调整揽收班次为15:30。", "satisfaction": "satisfied"}
        door.perform(closed, "settle", actor=self.actor("lin"), form=form)
        answered = self.complain("answered", 3, "国际件清关资料反复补交。", channel="web")
        form = {
            "reply": "已与海关确认所需资料清单，附上模板。",
            "cause": "coordination",
            "cause_note": "资料清单未更新",
        }
        door.perform(answered, "answer", actor=self.actor("lin"), form=form)
        door.attach(answered, "清关资料模板.txt", "发票、装箱单、报关委托书".encode(), actor=self.actor("lin"))
        self.on(1.4)
        self.complain("soon", 2, "三月起包裹面单打印模糊，门店拒收。", channel="visit")
        self.on(0.1)
        self.complain("new", 4, "周末揽收电话无人接听。", channel="hotline")
        unit = self.units["DG"]
        registration = {
            "services": ["express", "logistics"],
            "expected_revenue": "860000",
            "kind": "regular",
            "project_plan": "承接其华南仓配一体化，首期覆盖三个工厂。",
            "a": self.people["lin"],
            "b": self.people["zhou"],
            "developing_unit": unit,
            "signed_in": unit,
            "arises_in": unit,
            "contact": "陈经理",
            "phone": "0769-22000000",
        }
        case = door.open("account", customer=self.customers[4], actor=self.actor("lin"), data=registration)
        self.cases["registration"] = case.id
        self.on(0)
