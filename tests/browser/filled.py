"""The house with something of everything in it that a page may show, and the address of every page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.browser.house import House
from tests.support.office import library
from web.access import allowed, is_public
from workflow.audit.controls.runs import nightly
from workflow.audit.log.sealer import Sealer
from workflow.core.errors import CaseNotFound
from workflow.core.step import SYSTEM
from workflow.intake import revenue
from workflow.settings import Seal, Settings
from workflow.storage import dispatches, due

ROLES = {
    "lin": "account_manager", "he": "supervisor", "gao": "auditor", "admin": "administrator",
    "tan": "account_administrator",
}  # fmt: skip
"""Each page is looked at by the first of them who may come to it."""

KEPT = ("admin.", "calendars.", "wording.")
"""Pages that many read and an administrator changes: looked at with their forms."""

NO_PAGE = {
    "static", "health.show", "home.show", "cases.download", "cases.mentionable", "day.feed", "imports.copy",
    "imports.template", "inbox.counts",
    "measures.table", "proofs.note", "proofs.step_json", "proofs.checkpoints_json", "proofs.consistency_json",
    "plan_files.table", "replay.begin", "result_books.centre", "result_books.figures", "result_books.one",
    "result_books.scores", "result_books.service", "revenue.table", "search.everywhere", "search.palette",
    "received.table", "waiting.table",
}  # fmt: skip
"""What answers with a file, with data, or leads on."""


class Filled:
    """What was done, by whom, so that no list of the product is empty. `given`: what stands in addresses."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        door, lin, he = house.workflow, house.actor("lin"), house.actor("he")
        house.now -= timedelta(hours=2)
        late, soon = house.cases["late"], house.cases["soon"]
        given = house.complain("given away", 1, "请核对三月账单。")
        door.delegate(given, 1, to=house.people["zhou"], note="我在外地", actor=lin)
        door.snooze(house.cases["new"], 1, until=house.now + timedelta(days=3), actor=lin)
        door.watch(late, actor=lin)
        door.save_view("我的金牌客户", of="mine", query="tier=gold", actor=lin, pinned=True)
        door.keep_draft(soon, "1-trigger-answer", seq=1, form={"f.reply": ["写到一半"]}, actor=lin)
        door.comment(late, "@lin 请今天回电。", actor=he)
        feed = door.open_feed(actor=lin)
        for since, until in ((-1, 1), (5, 9)):
            door.substitute(
                house.people["zhou"], house.people["lin"], since=house.now + timedelta(days=since),
                until=house.now + timedelta(days=until), reason="培训", actor=he,
            )  # fmt: skip
        door.substitute(
            house.people["lin"], house.people["zhou"], since=house.now + timedelta(days=20),
            until=house.now + timedelta(days=22), reason="休假", actor=lin,
        )  # fmt: skip
        self._refused()
        self._audited(late)
        self._delivered(soon)
        seal = Seal(key=folder / "seal.key", folder=folder / "checkpoints", origin="log.example")
        sealer = Sealer(house.workflow.database, seal, clock=lambda: house.now)
        sealer.sign()
        house.now += timedelta(hours=1)
        door.comment(late, "客户已回电。", actor=lin)
        sealer.sign()
        house.now += timedelta(hours=1)
        table = b"number,month,product,revenue\nKH-1,2026-02,express,12.5\n"
        upload = revenue.keep(door, "二月收入.csv", table, actor=house.actor("tan"))
        due_task = next(
            task for case in house.cases.values() for task in door.case(case, lin).tasks if task.due is not None
        )
        attached = door.case(house.cases["answered"], lin).files[0]
        group = door.add_group(name_zh="连锁一组", name_en="Chain group one", unit=house.units["DG"], actor=SYSTEM)
        for login in ("lin", "zhou"):
            door.join_group(group, house.people[login], actor=SYSTEM)
        plan = door.open(
            "departure", customer=None, unit=house.units["DG"],
            data={
                "person": house.people["lin"], "why": "moves", "last_day": f"{house.now + timedelta(days=30):%Y-%m-%d}",
                "customers": [{"customer": "KH-1", "receiver": house.people["zhou"]}],
            },
            actor=he,
        )  # fmt: skip
        self.given: dict[str, Any] = {
            "case": late, "no": 1, "customer": house.customers[0], "definition": "complaint", "version": 3, "seq": 2,
            "trigger": "propose_compensation", "calendar": "working", "person": house.people["lin"], "table": "clock",
            "unit": house.units["DG"], "token": feed, "first": 1, "second": 2, "filename": "tokens.css",
            "kind": revenue.KIND, "upload": upload, "wording": "letter", "group": group,
        }  # fmt: skip
        self.otherwise: dict[str, dict[str, Any]] = {
            "tasks.show": {"case": soon},
            "dues.show": {"case": due_task.case, "no": due_task.no},
            "clocks.show": {"name": "answer"},
            "received.behind": {"no": 0},
            "received.table": {"no": 0},
            "plans.show": {"case": plan.id},
            "calendars.version": {"version": 1},
            "controls.show": {"name": "answered_in_time"},
            "cases.download": {"case": house.cases["answered"], "file": attached.id},
        }

    def _refused(self) -> None:
        with pytest.raises(CaseNotFound):
            self.house.workflow.comment(self.house.cases["registration"], "外单位留言", actor=self.house.actor("xu"))

    def _audited(self, case: int) -> None:
        door, gao = self.house.workflow, self.house.actor("gao")
        nightly(door.database, library(), now=lambda: self.house.now, zone=Settings().display.zone)
        for text, severity in (("逾期未答复", "high"), ("附件缺失", "low")):
            door.add_finding(text, severity=severity, case=case, seq=1, control=None, actor=gao)
        first, second = door.findings(gao)
        door.answer_finding(first.no, "已补办", actor=self.house.actor("fang"))
        door.close_finding(second.no, "认可", actor=gao)
        door.draw_sample(2, seed=42, of="cases", definition="complaint", since=None, until=None, actor=gao)
        day = self.house.now.date().isoformat()
        door.sign_off(day, day, "已核查", actor=gao)

    def _delivered(self, case: int) -> None:
        with self.house.workflow.database.writing() as connection:
            due.failed(connection, case, self.house.now, kind="timer", detail="ConditionFault('x')")
            dispatches.incident(connection, "mail", "the mail server is away", self.house.now)
        new = self.house.workflow.add_person("wen", name_zh="文静", name_en="Wen Jing", actor=SYSTEM)
        self.house.workflow.change_person(new, {"active": False}, actor=SYSTEM)

    def pages(self, app: Flask) -> dict[str | None, list[tuple[str, int]]]:
        """The address of every page, and what it answers, by the login that looks at it (None: nobody signed in).
        Raises KeyError for a route with something in its address that is not known here."""
        found: dict[str | None, list[tuple[str, int]]] = {login: [] for login in (None, *ROLES)}
        for rule in self._read(app):
            if rule.endpoint not in NO_PAGE:
                found[self._visitor(rule)].append((self.address(app, rule), 200))
        for login, paths in self._also().items():
            found[login] += paths
        return found

    def others(self, app: Flask) -> dict[str | None, list[str]]:
        """The addresses of what is read and is no page."""
        found: dict[str | None, list[str]] = {}
        for rule in self._read(app):
            if rule.endpoint in NO_PAGE:
                found.setdefault(self._visitor(rule), []).append(self.address(app, rule))
        return found

    def _read(self, app: Flask) -> list[Rule]:
        return [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]

    def _visitor(self, rule: Rule) -> str | None:
        if is_public(rule.endpoint):
            return None
        logins = sorted(ROLES, key="admin".__ne__) if rule.endpoint.startswith(KEPT) else ROLES
        return next(login for login in logins if allowed(rule.endpoint, frozenset({ROLES[login]})))

    def address(self, app: Flask, rule: Rule) -> str:
        known = self.given | self.otherwise.get(rule.endpoint, {})
        values = {name: known[name] for name in rule.arguments}
        newest = known["version"]
        query = f"?first={newest}&second={newest}" if rule.endpoint == "lifecycles.compare" else ""
        return app.url_map.bind("localhost").build(rule.endpoint, values) + query

    def _also(self) -> dict[str | None, list[tuple[str, int]]]:
        """Pages that another person, another question or a fault makes different ones."""
        house = self.house
        cases = {name: f"/cases/{no}/" for name, no in house.cases.items()}
        return {
            None: [("/nowhere", 404)],
            "lin": [
                ("/cases/?q=zzzz", 200), (cases["registration"], 200), (f"{cases['soon']}tasks/1/?from=mine", 200),
                (f"/cases/new/account?customer={house.customers[0]}", 200), ("/search/?q=海砺", 200),
                ("/organisation/sessions", 403), (f"/customers/{house.customers[4]}/", 200),
            ],
            "he": [
                ("/supervision/?by=manager", 200), ("/supervision/soon?pick=all", 200),
                (f"{cases['late']}tasks/3/", 200), ("/supervision/performance/runs?verdict=late", 200),
            ],
            "gao": [
                (f"/audit/findings/?case={self.given['case']}&seq=2", 200), ("/audit/then/?list=load", 200),
                ("/mining/?definition=complaint", 200),
            ],
            "admin": [("/day", 403), ("/nowhere", 404)],
        }  # fmt: skip
