"""The rules, run again over what was recorded, give it; and where somebody wrote something else, they do not."""

from __future__ import annotations

import gc
import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random
from weakref import ref

import pytest
from sqlalchemy import select

from tests.support.crowd import Crowd
from tests.support.histories import Histories
from tests.support.mutations import MUTATIONS, changed, places
from tests.support.office import Office, library
from workflow.audit import organisation
from workflow.audit.rounds import Rounds, at_once, last_night, nightly
from workflow.core import chain
from workflow.core.directory import Directory
from workflow.core.step import SYSTEM, Actor
from workflow.messages import Names, verdicts
from workflow.service.organisation import BOOK
from workflow.service.verification import verify
from workflow.settings import Settings
from workflow.storage import tables as t
from workflow.storage import verdicts as kept

ZONE = Settings().display.zone

NOT_ALWAYS = {
    # What a person may do once, a person may do twice; and nothing in the rules says when a person does it.
    "a command twice": 0.8,
    "a command left out": 0.5,
    "written earlier": 0.8,
}
"""The share that is found at least, of what the rules alone cannot always tell: the chain and the log do."""


def test_whatever_a_crowd_did_is_reproduced(office: Office) -> None:
    crowd = Crowd(office, seed=7)
    crowd.live(140)
    office.workflow.revoke(office.people["ben"], office.units["city"], "account_manager", actor=SYSTEM)
    office.workflow.change_person(office.people["carl"], {"active": False}, actor=office.actor("root"))
    office.workflow.substitute(
        office.people["anna"], office.people["dana"], since=office.now, until=office.now + timedelta(days=9),
        reason="休假", actor=office.actor("supervisor"),
    )  # fmt: skip
    office.workflow.change_customer(office.customer, {"address": "新桥路8号"}, actor=SYSTEM, reason="客户来函")
    crowd.live(60)

    found = Histories(office).verdicts()

    assert [one for one in found if not one.holds or one.unchecked] == []
    assert sum(one.reproduced for one in found) == sum(one.steps for one in found) > 150


def test_what_an_insider_writes_is_found_where_the_rules_disagree(sqlite_office: Office) -> None:
    Crowd(sqlite_office, seed=7).live(400)
    histories, rng = Histories(sqlite_office), Random(1)
    tried: Counter[str] = Counter()
    found: Counter[str] = Counter()

    for _ in range(25):
        for name, mutate in MUTATIONS.items():
            case = rng.choice(histories.cases)
            steps = list(histories.steps[case])
            mutated = mutate(steps, library().get(steps[0].ops[0][1]["definition"]), rng)
            if mutated is not None and mutated != steps:
                tried[name] += 1
                found[name] += not histories.verdict(case, mutated).holds

    assert tried.keys() == MUTATIONS.keys()
    assert {name: found[name] / tried[name] for name in tried.keys() - NOT_ALWAYS.keys()} == dict.fromkeys(
        tried.keys() - NOT_ALWAYS.keys(), 1.0
    )
    assert all(found[name] >= share * tried[name] for name, share in NOT_ALWAYS.items())
    assert found.total() >= 0.97 * tried.total() > 400


def test_an_insider_who_makes_the_chain_anew_is_found_by_the_rules(office: Office) -> None:
    case = office.complaint()
    office.later(hours=60)
    office.fire()
    office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "已查明"})
    forge(office, case.id)

    verdict = Rounds(office.database, library()).one(case.id)

    # Bytes, hashes and stored case agree with each other, so nothing but the rules can tell.
    assert verify(office.database, case.id).broken is None
    first = verdict.differences[0]
    assert (first.seq, first.what, first.name) == (1, "due", "answer")
    assert first.recorded - first.computed == 24 * 3_600_000_000
    names = Names(definition=library().get("complaint"), zone=ZONE)
    assert "4 Mar 2026, 09:00 computed" in verdicts.difference(first, "en", names=names)
    assert "计算为 2026年3月4日 09:00" in verdicts.difference(first, "zh", names=names)
    assert verdict.reproduced < verdict.steps


def forge(office: Office, case: int) -> None:
    """Give the answer clock a day more at its start, and compute every hash again."""
    office.database.dispose()
    with office.database.writing() as connection:
        for trigger in ("update", "delete") if office.database.dialect == "sqlite" else ():
            connection.exec_driver_sql(f"DROP TRIGGER steps_{trigger}")
        if office.database.dialect == "postgresql":
            connection.exec_driver_sql("ALTER TABLE steps DISABLE TRIGGER USER")
        head = chain.GENESIS
        for row in connection.execute(select(t.steps).where(t.steps.c.case_id == case).order_by(t.steps.c.seq)).all():
            ops = json.loads(row.ops)
            if row.seq == 1:
                for op, body in ops:
                    if op == "clock":
                        body["due"] += 24 * 3_600_000_000
            text = json.dumps(ops, ensure_ascii=False, separators=(",", ":"))
            raw = connection.exec_driver_sql(
                f"SELECT case_id, seq, kind, trigger, actor_id, behalf_id, effective, recorded, from_state, to_state,"
                f" version, task, form FROM steps WHERE case_id = {case} AND seq = {row.seq}"
            ).one()
            own = chain.link(head, (*raw, text))
            connection.execute(
                t.steps.update()
                .where(t.steps.c.case_id == case, t.steps.c.seq == row.seq)
                .values(ops=text, previous=head, hash=own)
            )
            head = own
        connection.execute(t.cases.update().where(t.cases.c.id == case).values(head=head))


def test_a_step_whose_values_are_gone_is_not_called_wrong(office: Office) -> None:
    case = office.complaint()
    office.workflow.comment(case.id, "已电话联系客户", actor=office.actor("anna"))
    office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "已查明"})
    with office.database.writing() as connection:
        connection.execute(t.vault.update().where(t.vault.c.case_id == case.id).values(value=None))

    verdict = Rounds(office.database, library()).one(case.id)

    assert verdict.holds
    assert verdict.erased == (1, 2, 3)
    assert verdict.reproduced == verdict.steps - 3


def test_a_value_somebody_put_into_the_vault_is_found(office: Office) -> None:
    case = office.complaint()
    with office.database.writing() as connection:
        connection.execute(t.vault.update().where(t.vault.c.case_id == case.id).values(value='"另一段话"'))

    assert Rounds(office.database, library()).one(case.id).differences[0].what == "answer"


def test_who_may_act_is_asked_of_the_organisation_as_it_was(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    office.later(hours=1)
    office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "已查明"})
    office.later(hours=1)
    office.workflow.change_person(office.people["anna"], {"active": False}, actor=SYSTEM)
    office.later(hours=1)
    office.workflow.comment(case.id, "转给同事", actor=office.actor("ben"))
    histories = Histories(office)
    steps = list(histories.steps[case.id])

    assert histories.verdict(case.id).holds
    late = [*steps[:-1], replace(steps[-1], actor=Actor(office.people["anna"]))]
    [found] = histories.verdict(case.id, late).differences
    assert (found.what, found.code) == ("refused", "PersonNotFound")


def test_the_organisation_is_judged_in_the_time_its_steps_take_however_many_people_there_are(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an administrator adds is added to the organisation that was known, which is not made anew for each step."""
    office, made = sqlite_office, []
    door, root = office.workflow, office.actor("root")
    for n in range(10):
        person = door.add_person(f"p{n}", name_zh="新", name_en="New", actor=root)
        door.grant(person, office.units["city"], "account_manager", actor=root)
        door.change_person(person, {"theme": "dark"}, actor=Actor(person))
    monkeypatch.setattr(organisation, "Directory", lambda *given: made.append(given) or Directory(*given))

    verdict = Rounds(office.database, library()).one(BOOK)

    assert (verdict.differences, verdict.reproduced) == ((), verdict.steps)
    assert len(made) == 1


def test_a_rung_that_never_came_is_missed_before_the_next_command(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    office.later(hours=60)
    office.fire()
    office.workflow.comment(case.id, "仍未答复", actor=office.actor("anna"))
    histories = Histories(office)
    steps = list(histories.steps[case.id])
    rungs = [step for step in steps if step.kind == "rung"]
    cut = [replace(s, seq=n) for n, s in enumerate((s for s in steps if s is not rungs[-1]), start=1)]

    found = histories.verdict(case.id, cut).differences

    assert found[0].what == "missing"
    assert "rung answer" in found[0].name
    assert histories.verdict(case.id).holds


def test_a_difference_is_told_once(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    for _ in range(5):
        office.workflow.comment(case.id, "好", actor=office.actor("anna"))
    histories = Histories(office)
    steps = list(histories.steps[case.id])
    place, at, body = next(places(steps, "task+"))

    verdict = histories.verdict(case.id, changed(steps, place, at, {**body, "role": "reporter"}))

    assert [(one.seq, one.what) for one in verdict.differences] == [(1, "role")]
    assert verdict.reproduced == verdict.steps - 1


def test_each_night_looks_at_what_is_new_and_each_week_at_everything(office: Office) -> None:
    case = office.complaint()

    def night() -> kept.Totals | None:
        found = nightly(office.database, library(), now=lambda: office.now, zone=ZONE)
        return None if found is None else found.totals

    first = night()
    assert first is not None
    assert (first.differ, first.histories, first.reproduced) == (0, 3, first.steps)
    assert night() is None, "once a night, however many ask"
    office.later(days=1)
    office.fire()
    office.workflow.comment(case.id, "好", actor=office.actor("anna"))
    forge(office, office.customer)
    second = night()
    assert second is not None
    with office.database.reading() as connection:
        run = kept.last_run(connection)
        assert run is not None
        assert (run.scope, run.looked) == ("new", office.stored(case.id).seq)
    office.later(days=7)
    office.fire()
    assert night() is not None
    with office.database.reading() as connection:
        run = kept.last_run(connection)
    assert run is not None
    assert run.scope == "all"
    assert run.looked == run.totals.steps


def test_everything_again_on_demand(sqlite_office: Office) -> None:
    case = sqlite_office.complaint()
    forge(sqlite_office, case.id)

    totals = at_once(sqlite_office.database, library(), now=lambda: sqlite_office.now)

    assert (totals.histories, totals.differ) == (3, 1)
    with sqlite_office.database.reading() as connection:
        stored = kept.of_case(connection, case.id)
    assert stored is not None
    assert stored.differs == 1
    assert stored.detail["differences"][0]["what"] == "due"


@pytest.mark.parametrize(("hour", "night"), [(1, "2026-03-01"), (3, "2026-03-02")])
def test_a_night_begins_at_two(hour: int, night: str) -> None:
    from datetime import datetime

    at = datetime(2026, 3, 2, hour, tzinfo=ZONE)
    assert last_night(at, ZONE).astimezone(ZONE).isoformat() == f"{night}T02:00:00+08:00"


def test_what_judging_leaves_behind_is_cleared_with_each_portion(sqlite_office: Office) -> None:
    """A refusal holds the frames it came through, and they hold it: of a hundred thousand histories, gigabytes."""

    class Circle:
        def __init__(self) -> None:
            self.itself = self

    Crowd(sqlite_office, seed=7).live(10)
    left: list[ref[Circle]] = []
    gc.collect()
    gc.disable()
    try:
        at_once(
            sqlite_office.database, library(), now=lambda: sqlite_office.now, each=lambda _: left.append(ref(Circle()))
        )
        alive = [one for one in left if one() is not None]
    finally:
        gc.enable()

    assert left
    assert alive == []
