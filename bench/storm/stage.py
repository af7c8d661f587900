"""A small organisation with one lifecycle in which everything can come due, for what is cut short at every point."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from bench import office
from workflow import Actor, Workflow
from workflow.core.case import Case
from workflow.core.codec import case_from
from workflow.core.definition.expressions import Text
from workflow.core.step import SYSTEM
from workflow.definitions.controls import load_controls
from workflow.definitions.library import Library
from workflow.definitions.load import loads
from workflow.definitions.revenue import Alerts, Revenue
from workflow.storage.database import Database

BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday, 09:00 in Shanghai."""

ROUND = """\
# Every kind of timer: rungs, a task's limit, a state's trigger, work that comes back, and a linked case's word.
definition: round
version: 1
title: {zh: 轮次, en: Round}
prefix: LC
opened_by: [account_manager]
start: [priority, note]
data:
  priority: {type: choice, title: {zh: 优先级, en: Priority}, of: {high: {zh: 高, en: High}, low: {zh: 低, en: Low}}}
  note: {type: text, title: {zh: 说明, en: Note}, personal: true}
phases: {all: {zh: 全部, en: All}}
roles:
  worker: {role: account_manager, of: unit}
  boss: {role: supervisor, of: unit}
  chief: {role: director, of: unit.parent}
initial: open
states:
  open:
    phase: all
    title: {zh: 进行, en: Open}
    tasks:
      work: {title: {zh: 办理, en: Work}, role: worker, triggers: [finish, wait, rate], within: 3d}
      check: {title: {zh: 核对, en: Check}, role: worker, done: [note]}
    timers: [{name: nudge, after: 2h, remind: worker}]
  waiting:
    phase: all
    title: {zh: 等待, en: Waiting}
    tasks: {back: {title: {zh: 恢复, en: Go on}, role: worker, triggers: [go_on]}}
    timers: [{name: long, after: 1d, trigger: go_on}]
  over: {phase: all, title: {zh: 办结, en: Over}, final: true}
transitions:
  - {trigger: rate, title: {zh: 定级, en: Rate}, from: [open, waiting], by: worker, form: [priority!]}
  - {trigger: wait, title: {zh: 等待, en: Wait}, from: open, to: waiting, by: worker}
  - {trigger: go_on, title: {zh: 恢复, en: Go on}, from: waiting, to: open, by: worker}
  - {trigger: finish, title: {zh: 办结, en: Finish}, from: open, to: over, by: worker}
  - trigger: share
    title: {zh: 分成, en: Share}
    from: open
    by: worker
    effects: [{split: years, years: [60, 0], unit: unit, person: customer.a}]
  - {trigger: marked, title: {zh: 标记, en: Marked}, from: open}
  - trigger: ask
    title: {zh: 请示, en: Ask}
    from: open
    by: worker
    effects: [{open: question}]
  - {trigger: heard, title: {zh: 已批复, en: Heard}, from: [open, waiting]}
  - {trigger: noted, title: {zh: 知悉, en: Noted}, from: [open, waiting]}
hears: noted
clocks:
  office:
    title: {zh: 时限, en: Time limit}
    runs_in: [open]
    pauses_in: [waiting]
    met_on: over
    target: {by: data.priority, high: 8h, low: 16h, "*": 12h}
    calendar: working
    pausable: {by: worker, reason: required, most: 8h}
    ladder:
      - {at: 50%, remind: worker}
      - {at: 100%, escalate: boss, level: 1, again: 24h}
      - {at: +4wh, trigger: marked}
      - {at: +1wd, escalate: chief, level: 2}
      - {at: 300%, assign: boss}
  tier:
    title: {zh: 等级时限, en: Tier time}
    runs_in: [open, waiting]
    met_on: over
    target: {by: customer.tier, gold: 10d, silver: 20d, "*": 30d}
links:
  question: {definition: question, title: {zh: 请示, en: Question}, on_closed: {said: heard}}
  meeting: {definition: question, title: {zh: 例会, en: Meeting}}
recurring:
  meeting: {title: {zh: 例会, en: Meeting}, while: open, every: 1mo, opens: meeting}
"""
QUESTION = """\
# Something another case waits for.
definition: question
version: 1
title: {zh: 请示, en: Question}
prefix: QS
opened_by: [account_manager]
phases: {all: {zh: 全部, en: All}}
roles: {boss: {role: supervisor, of: unit}}
initial: asked
states:
  asked:
    phase: all
    title: {zh: 待批复, en: Asked}
    tasks: {say: {title: {zh: 批复, en: Say}, role: boss, triggers: [say]}}
  said: {phase: all, title: {zh: 已批复, en: Said}, final: true}
transitions:
  - {trigger: say, title: {zh: 批复, en: Say}, from: asked, to: said, by: boss}
"""
OFFER = """\
# What everybody may ask for under seal, and few may have; another case of the customer hears of it.
definition: offer
version: 1
title: {zh: 公告, en: Offer}
prefix: GG
opened_by: [director]
data:
  plan: {type: line, title: {zh: 方案, en: Plan}}
  who: {type: person, title: {zh: 接收人, en: Receiver}}
phases: {all: {zh: 全部, en: All}}
roles:
  everybody: {role: account_manager, of: unit.below}
  head: {role: director, of: unit}
initial: open
states:
  open:
    phase: all
    title: {zh: 公告中, en: Open}
    offered_to: everybody
    tasks: {give: {title: {zh: 授权, en: Give}, role: head, triggers: [give]}}
  given:
    phase: all
    title: {zh: 已授权, en: Given}
    tasks: {give_back: {title: {zh: 交回, en: Give back}, role: head, triggers: [give_back]}}
  over: {phase: all, title: {zh: 结束, en: Over}, final: true}
transitions:
  - {trigger: apply, title: {zh: 申请, en: Apply}, from: open, by: everybody, form: [plan!]}
  - trigger: give
    title: {zh: 授权, en: Give}
    from: open
    to: given
    by: head
    form: [who!]
    limits: held
    effects: [{signal: noted, to: round}]
  - {trigger: give_back, title: {zh: 交回, en: Give back}, from: given, to: over, by: head}
limits:
  held:
    title: {zh: 持有, en: Held}
    of: data.who
    most: 1
    while: given
    zh: "上限{most}个。"
    en: "{most} is the most."
sealed: {fields: plan, in: open}
"""
UNITS = (("province", "province", None), ("city", "city", "province"))
STAFF = (
    ("anna", "account_manager", "city"),
    ("ben", "account_manager", "city"),
    ("sue", "supervisor", "city"),
    ("dora", "director", "city"),
    ("chief", "director", "province"),
    ("root", "administrator", "province"),
)


@cache
def library() -> Library:
    """The lifecycles with the product's calendars, a control, and a product that can be sold."""
    calendars = office.library().calendars
    known = {
        name: loads(text, calendars=calendars)
        for name, text in (("round", ROUND), ("question", QUESTION), ("offer", OFFER))
    }
    revenue = Revenue(
        products={"express": Text("特快专递", "Express")},
        alerts=Alerts(Decimal(30), Decimal(30), 1, opens="round", values={"priority": "high"}, about="note"),
    )
    controls = load_controls(Path(__file__).with_name("controls"), known)
    return Library(known, calendars, controls=controls, revenue=revenue)


class House:
    """The organisation in one database. `now`: what its clock says; `outside`: the keys of what has left the house."""

    def __init__(self, url: str, outside: Path, *, now: datetime = BEGIN) -> None:
        self.now = now
        self.outside = outside
        self.database = Database(url)
        self.door = Workflow(self.database, library(), clock=lambda: self.now)

    def note(self, key: str) -> None:
        """Somebody outside has got this."""
        with self.outside.open("ab", buffering=0) as file:
            file.write(f"{key}\n".encode())

    def one(self, query: str) -> Any:
        """The first value a query gives."""
        with self.database.reading() as connection:
            return connection.exec_driver_sql(query).scalar()

    def person(self, login: str) -> int:
        return int(self.one(f"SELECT id FROM persons WHERE login = '{login}'"))

    def actor(self, login: str) -> Actor:
        return Actor(self.person(login))

    @property
    def unit(self) -> int:
        return int(self.one("SELECT id FROM units WHERE code = 'city'"))

    @property
    def customer(self) -> int:
        return int(self.one("SELECT min(id) FROM customers"))

    def case(self, definition: str = "round") -> Case:
        """The newest case of a lifecycle, as its row says."""
        return case_from(self.one(f"SELECT body FROM cases WHERE definition = '{definition}' ORDER BY id DESC LIMIT 1"))

    def opened(self, **data: Any) -> Case:
        given = {"priority": "high", "note": "客户要求尽快办理。", **data}
        return self.door.open("round", customer=self.customer, actor=self.actor("anna"), data=given)

    def pull(self, trigger: str, *, key: str | None = None, **form: Any) -> Case:
        return self.door.perform(self.case().id, trigger, actor=self.actor("anna"), form=form, key=key)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def drain(self) -> None:
        """What a scheduler would do now, until there is nothing left. Raises `RuntimeError` when that has no end."""
        for _ in range(MOST_ROUNDS):
            before = self.one("SELECT count(*) FROM recounts")
            fired = self.door.fire_due()
            if not fired.timers and not fired.failed and not before:
                return
        raise RuntimeError(f"after {MOST_ROUNDS} sweeps there is still something due")


MOST_ROUNDS = 30


def furnish(database: Database) -> None:
    """The organisation and one customer."""
    door = Workflow(database, library(), clock=lambda: BEGIN)
    door.found()
    units: dict[str, int] = {}
    for code, kind, parent in UNITS:
        units[code] = door.add_unit(
            code, name_zh=f"{code}局", name_en=code.title(), kind=kind, parent=units.get(parent or ""),
            division="440100", actor=SYSTEM,
        )  # fmt: skip
    people: dict[str, int] = {}
    for login, role, unit in STAFF:
        people[login] = door.add_person(login, name_zh=f"{login}员", name_en=login.title(), actor=SYSTEM)
        door.grant(people[login], units[unit], role, actor=SYSTEM)
    door.register_customer(
        {"name_zh": "青云数据有限公司", "division": "440106", "unit": units["city"], "a": people["anna"],
         "b": people["ben"], "tier": "gold"},
        actor=SYSTEM,
    )  # fmt: skip
