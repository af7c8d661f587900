"""A verdict stands only while deciding again would give it: whatever is touched, it is found again that very night."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.crowd import Crowd
from tests.support.office import Office, library
from workflow.audit import grounds, rounds
from workflow.audit.log import keyfile
from workflow.audit.rounds import Looked, Rounds, nightly
from workflow.core import chain
from workflow.core.moments import micros
from workflow.core.step import SYSTEM
from workflow.service.organisation import BOOK
from workflow.settings import Settings
from workflow.storage import tables as t
from workflow.storage import verdicts as kept
from workflow.storage.queries import past
from workflow.storage.verdict_tables import verdicts

ZONE = Settings().display.zone
SECRET = bytes(range(32))
Row = dict[str, Any]


def lived(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some days of work, all of it judged long after; and no history's turn."""
    Crowd(office, seed=5).live(40)
    # One that asks for the customer's other cases.
    form = {
        "a": office.people["carl"],
        "b": office.people["dana"],
        "why": next(iter(library().get("handover").fields["why"].of)),
    }
    office.workflow.open("handover", customer=office.customer, actor=SYSTEM, data=form)
    office.later(days=2)
    office.fire()
    office.later(hours=2)
    monkeypatch.setattr(rounds, "turn", lambda *_: False)
    looked(office, anew=True)
    office.later(days=1)
    with office.database.writing() as connection:
        if office.database.dialect == "sqlite":
            there = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'steps'"
            for name in connection.exec_driver_sql(there).scalars().all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("ALTER TABLE steps DISABLE TRIGGER USER")


def looked(office: Office, *, anew: bool = False, secret: bytes = SECRET) -> Looked:
    return Rounds(office.database, library(), secret=secret).judge(scope="all", at=office.now, anew=anew)


def stored(office: Office) -> dict[int, tuple[int, ...]]:
    with office.database.reading() as connection:
        c = verdicts.c
        rows = connection.execute(select(c.case_id, c.steps, c.reproduced, c.erased, c.unchecked, c.differs)).all()
    return {row[0]: tuple(row[1:]) for row in rows}


def anew(office: Office) -> dict[int, tuple[int, ...]]:
    """What every history is found to be by who has seen none of it before."""
    with office.database.reading() as connection:
        heads = past.heads(connection)
    found = [rounds.kept(one, office.now) for one in Rounds(office.database, library()).portion(heads)]
    return {one.case: (one.steps, one.reproduced, one.erased, one.unchecked, one.differs) for one in found}  # type: ignore[misc]


def found_now(office: Office) -> set[int]:
    """The histories whose verdict was found in the last run."""
    with office.database.reading() as connection:
        return set(connection.scalars(select(verdicts.c.case_id).where(verdicts.c.at == office.now)))


def rewritten(office: Office, case: int, change: Callable[[Row], object]) -> None:
    """Change what is stored of a history's steps, and work out every hash of it again; False drops a step."""
    with office.database.writing() as connection:
        rows = [dict(row._mapping) for row in connection.execute(
            select(t.steps).where(t.steps.c.case_id == case).order_by(t.steps.c.seq))]  # fmt: skip
        connection.execute(t.steps.delete().where(t.steps.c.case_id == case))
        head = chain.GENESIS
        for row in rows:
            if change(row) is False:
                continue
            plain = [micros(value) if name in ("effective", "recorded") else value for name, value in row.items()][:14]
            row["previous"], head = head, chain.link(head, plain)
            row["hash"] = head
            connection.execute(t.steps.insert().values(row))
        connection.execute(t.cases.update().where(t.cases.c.id == case).values(head=head))


def test_what_stands_is_what_would_be_found_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    lived(office, monkeypatch)
    with office.database.reading() as connection:
        cases = [head.case for head in past.heads(connection) if head.kind == "case"]
        value = connection.execute(select(t.vault.c.case_id, t.vault.c.commitment, t.vault.c.value)).first()
    assert value is not None
    assert looked(office) == Looked(anew=0, stood=sum(steps for steps, *_ in stored(office).values()))
    assert stored(office) == anew(office)

    case = max(cases, key=lambda one: stored(office)[one][0])
    customer = office.stored(case).customer
    others = {one for one in cases if office.stored(one).customer == customer}

    def later_due(row: Row) -> None:
        ops = json.loads(row["ops"])
        for op, body in ops:
            if op in ("clock", "task+") and body.get("due"):
                body["due"] += 3_600_000_000
        row["ops"] = json.dumps(ops, ensure_ascii=False, separators=(",", ":"))

    def somebody_else(row: Row) -> None:
        if row["trigger"] == "add_membership":
            form = json.loads(row["form"])
            form["role"] = "auditor" if form["role"] != "auditor" else "reporter"
            row["form"] = json.dumps(form, ensure_ascii=False, separators=(",", ":"))

    def another_tier(row: Row) -> None:
        ops = json.loads(row["ops"])
        for op, body in ops:
            if op == "set":
                body["tier"] = "gold" if body.get("tier") != "gold" else "silver"
        row["ops"] = json.dumps(ops, ensure_ascii=False, separators=(",", ":"))

    length = stored(office)[case][0]
    # What is written anew with every hash right, and which histories' verdicts it must bring down.
    for where, change, falls, differ in (
        (case, later_due, {case}, True),
        (case, lambda row: row["seq"] < length, {case}, False),
        (BOOK, somebody_else, {*cases, BOOK}, True),
        (customer, another_tier, {customer, *others}, False),
    ):
        before = steps_of(office, where)
        rewritten(office, where, change)
        office.later(minutes=1)
        looked(office)
        assert falls <= found_now(office), change
        assert stored(office) == anew(office)
        assert any(differs is not None for *_, differs in stored(office).values()) == differ
        put_back(office, where, before)
        office.later(minutes=1)
        looked(office)
        assert stored(office) == anew(office)
        assert all(differs is None for *_, differs in stored(office).values())
    # A value that is not what was committed to.
    owner, commitment, text = value
    for forged in ('"另一段话"', None):
        put_value(office, commitment, forged)
        office.later(minutes=1)
        looked(office)
        assert found_now(office) == {owner}
        assert stored(office) == anew(office)
        assert stored(office)[owner][1] < stored(office)[owner][0]
    put_value(office, commitment, text)
    looked(office)

    # A case of the customer that somebody says was there all along.
    office.later(hours=2)
    looked(office, anew=True)
    office.later(hours=2)
    new = office.workflow.open(
        "complaint", customer=office.customer, actor=office.actor("anna"),
        data={"kind": "complaint", "channel": "phone", "text": "邮件延误", "severity": "normal"},
    )  # fmt: skip
    asking = resting_on(office, office.customer)
    office.workflow.change_person(office.people["teller"], {"active": False}, actor=SYSTEM)
    looked(office)
    assert found_now(office) == {new.id, BOOK}, "what came later changes nothing"
    rewritten(office, new.id, month_ago)
    office.later(minutes=1)
    looked(office)
    assert found_now(office) >= asking > set()
    assert not set(cases) <= found_now(office)

    # And the like of the organisation.
    last = max(row["seq"] for row in steps_of(office, BOOK)[0])
    rewritten(office, BOOK, lambda row: month_ago(row) if row["seq"] == last else None)
    office.later(minutes=1)
    looked(office)
    assert found_now(office) >= {*cases, BOOK}


def month_ago(row: Row) -> None:
    for name in ("effective", "recorded"):
        row[name] -= timedelta(days=30)


def steps_of(office: Office, case: int) -> tuple[list[Row], bytes]:
    with office.database.reading() as connection:
        rows = connection.execute(select(t.steps).where(t.steps.c.case_id == case).order_by(t.steps.c.seq)).all()
        return [dict(row._mapping) for row in rows], rows[-1].hash


def put_back(office: Office, case: int, before: tuple[list[Row], bytes]) -> None:
    with office.database.writing() as connection:
        connection.execute(t.steps.delete().where(t.steps.c.case_id == case))
        connection.execute(t.steps.insert(), before[0])
        connection.execute(t.cases.update().where(t.cases.c.id == case).values(head=before[1]))


def put_value(office: Office, commitment: str, value: str | None) -> None:
    with office.database.writing() as connection:
        connection.execute(t.vault.update().where(t.vault.c.commitment == commitment).values(value=value))


def resting_on(office: Office, customer: int) -> set[int]:
    """Histories whose verdict rests on which cases the customer had."""
    with office.database.reading() as connection:
        heads = past.heads(connection)
        found = kept.of_cases(connection, [head.case for head in heads])
    grounds_ = {case: one.detail.get("ground") for case, one in found.items()}
    return {case for case, one in grounds_.items() if one and customer in {about for about, _ in one["about"]}}


def test_nobody_without_the_key_can_write_a_verdict_that_stands(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sqlite_office
    lived(office, monkeypatch)
    with office.database.reading() as connection:
        heads = past.heads(connection)
        found = kept.of_cases(connection, [head.case for head in heads])
    one, other = sorted(case for case, verdict in found.items() if verdict.detail.get("ground"))[-2:]
    ground = found[one].detail["ground"]
    forgeries: tuple[dict[str, Any], ...] = (
        {"detail": json.dumps({**found[one].detail, "ground": found[other].detail["ground"]})},
        {"detail": json.dumps({"ground": {**ground, "until": ground["until"] + 1}})},
        {"detail": json.dumps({"ground": {**ground, "mark": None}})},
        {"detail": json.dumps({"ground": []})},
        {"detail": "{"},
        {"detail": "[]"},
        {"at": office.now + timedelta(days=5)},
        {"steps": found[one].steps - 1, "reproduced": found[one].steps - 1},
    )
    for forged in forgeries:
        with office.database.writing() as connection:
            connection.execute(verdicts.update().where(verdicts.c.case_id == one).values(forged))
        office.later(minutes=1)
        looked(office)
        assert found_now(office) == {one}, forged
    office.later(minutes=1)
    assert looked(office, secret=bytes(32)).stood == 0, "another key"
    office.later(minutes=1)
    assert looked(office, secret=bytes(32)).anew == 0
    monkeypatch.setattr(grounds, "engine", lambda: "another program")
    assert looked(office, secret=bytes(32)).stood == 0


def test_each_night_all_is_looked_at_and_each_week_all_is_found_anew(sqlite_office: Office, tmp_path: Path) -> None:
    office = sqlite_office
    key = tmp_path / "seal.key"
    keyfile.make(key)
    for n in range(12):
        office.workflow.register_customer(
            {"name_zh": f"客户{n}号", "division": "440106", "unit": office.units["city"], "a": office.people["anna"]},
            actor=SYSTEM,
        )  # fmt: skip
    office.complaint()
    nights = []
    for _ in range(9):
        office.later(days=1)
        office.fire()
        night = nightly(office.database, library(), now=lambda: office.now, zone=ZONE, key=key)
        assert night is not None
        assert night.looked.anew + night.looked.stood == night.totals.steps == night.totals.reproduced
        nights.append(night.looked)
        with office.database.reading() as connection:
            run = kept.last_run(connection)
            assert run is not None
            assert (run.scope, run.looked) == ("all", night.totals.steps)
            assert kept.found_since(connection, run.started) == night.looked.anew
            oldest = min(connection.scalars(select(verdicts.c.at)))
        assert office.now - oldest < timedelta(days=7, minutes=1)
    assert nights[0].stood == 0
    assert all(one.anew and one.stood for one in nights[2:])
