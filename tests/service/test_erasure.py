"""Personal data can be erased: it is gone from the file, and every chain still verifies."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.office import Office, library
from tests.support.proof import prove
from tests.support.sealed import Sealed
from workflow.audit.log.verify import verify
from workflow.audit.rounds import Rounds
from workflow.core.errors import CaseNotFound, NotPermitted, PersonNotFound, TextEmpty
from workflow.core.step import SYSTEM
from workflow.service.verification import verify as replayed
from workflow.storage import tables as t
from workflow.storage.queries import history

SECRET = "投诉人王小明住在玫瑰街17号"
OTHER = "此事与王小明无关"
PHONE = "13912345678"


def in_file(office: Office, text: str) -> bool:
    """Whether the bytes are anywhere in the database's file or beside it."""
    path = office.database.path
    assert path is not None
    return any(text.encode() in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def in_table(office: Office, text: str, table: str = "vault") -> bool:
    with office.database.reading() as connection:
        return text in str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())


def test_what_is_erased_is_gone_and_every_chain_holds(office: Office, tmp_path: Path) -> None:
    sealed = Sealed(office, tmp_path, steps=5)
    case = office.complaint(text=SECRET)
    office.workflow.comment(case.id, OTHER, actor=office.actor("anna"))
    sealed.sealer.sign()
    outside = sealed.outside
    assert in_table(office, SECRET)

    gone = office.workflow.erase(case.id, actor=office.actor("root"), reason="本人要求")

    assert gone == 2
    assert not in_table(office, SECRET)
    assert not in_table(office, OTHER)
    with office.database.reading() as connection:
        rows = connection.exec_driver_sql(f"SELECT value, salt, erased FROM vault WHERE case_id = {case.id}").all()
        assert [(row[0], bytes(row[1])) for row in rows] == [(None, b"")] * 2
        assert all(row[2] is not None for row in rows)
        last = history.step(history.rows(connection, case.id)[-1])
        prove(connection, office.workflow.library)
    assert (last.kind, last.trigger, last.actor.person) == ("admin", "erase", office.people["root"])
    assert len(last.ops[0][1]["erased"]) == 2
    sealed.sealer.sign()
    assert verify(office.database, outside=[outside, sealed.outside]).damages == []
    assert replayed(office.database, case.id).holds
    # The case goes on, and what others said elsewhere is still there.
    office.workflow.comment(case.id, "继续办理", actor=office.actor("anna"))
    assert office.workflow.case(case.id, office.actor("anna")).row.state == "received"
    assert in_table(office, "继续办理")


def test_the_bytes_are_gone_from_the_file_and_its_log(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint(text=SECRET * 300)
    small = office.complaint(text=OTHER)
    office.workflow.comment(case.id, f"电话 {PHONE}", actor=office.actor("anna"))
    assert office.workflow.settle()
    assert in_file(office, SECRET)
    assert in_file(office, PHONE)

    office.workflow.erase(case.id, actor=SYSTEM, reason="本人要求")
    office.workflow.erase(small.id, actor=SYSTEM, reason="本人要求")
    assert office.workflow.settle()

    for text in (SECRET, OTHER, PHONE):
        assert not in_file(office, text), text
    assert verify(office.database).damages == []


def test_settling_says_when_a_reader_keeps_it_from_the_file(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint(text=SECRET)
    with office.database.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM vault").scalar_one()
        office.workflow.erase(case.id, actor=SYSTEM, reason="本人要求")
        assert not office.workflow.settle()
    assert office.workflow.settle()
    assert not in_file(office, SECRET)


def test_settling_writes_the_table_anew(office: Office) -> None:
    case = office.complaint(text=SECRET)
    office.workflow.erase(case.id, actor=SYSTEM, reason="本人要求")

    assert office.workflow.settle()
    assert office.workflow.comment(case.id, "x", actor=office.actor("anna")).seq == case.seq + 2


def test_only_the_fields_named_are_erased(office: Office) -> None:
    contacts = f"王小明 {PHONE}"
    office.workflow.change_customer(office.customer, {"contacts": contacts}, actor=SYSTEM)
    case = office.complaint(text=SECRET)
    office.workflow.comment(case.id, OTHER, actor=office.actor("anna"))

    assert office.workflow.erase(office.customer, actor=SYSTEM, reason="离职", fields=["contacts"]) == 1
    assert office.workflow.erase(case.id, actor=SYSTEM, reason="x", fields=["text"]) in (1, 2)

    assert not in_table(office, PHONE)
    assert not in_table(office, SECRET)
    assert verify(office.database).damages == []


def test_attachments_and_drafts_go_with_a_case_and_everything_still_verifies(office: Office, tmp_path: Path) -> None:
    door, root = office.workflow, office.actor("root")
    sealed = Sealed(office, tmp_path, steps=5)
    case, other = office.complaint(text=SECRET), office.complaint(text=OTHER)
    content = SECRET.encode() * 2000
    file = door.attach(case.id, "证件.txt", content, actor=office.actor("anna"))
    kept = door.attach(other.id, "合同.txt", PHONE.encode(), actor=office.actor("anna"))
    door.keep_draft(case.id, "1:answer", seq=1, form={"reply": PHONE}, actor=office.actor("anna"))
    sealed.sealer.sign()
    outside = sealed.outside
    assert door.settle()
    path = office.database.path
    assert path is None or in_file(office, SECRET)

    shown = door.erasable(case.number, actor=root)
    assert (shown.record, dict(shown.values), shown.files, shown.drafts) == (case.id, {"text": 1}, (len(content),), 1)
    # Some fields alone leave the attachments.
    assert door.erase(case.id, actor=root, reason="x", fields=["nothing"]) == 0
    assert door.file(case.id, file, office.actor("anna")).content == content
    assert door.erase(case.id, actor=root, reason="本人要求") == 2

    assert door.settle()
    if path is not None:
        assert not in_file(office, SECRET)
        assert in_file(office, PHONE), "of the other case"
    assert door.file(case.id, file, office.actor("anna")).content is None
    assert door.file(other.id, kept, office.actor("anna")).content == PHONE.encode()
    assert office.count("drafts") == 0
    after = door.erasable(str(case.id), actor=root)
    assert (dict(after.values), after.files, after.drafts, after.erased) == ({}, (), 0, 1)
    sealed.sealer.sign()
    assert verify(office.database, outside=[outside, sealed.outside]).damages == []
    assert Rounds(office.database, library()).one(case.id).holds
    with office.database.reading() as connection:
        said = history.step(history.rows(connection, case.id)[-1]).ops[0][1]
    assert (len(said["erased"]), said["files"]) == (1, [file])
    # Content that is taken away, and none said so, is damage; so is content that came back.
    with office.database.writing() as connection:
        connection.execute(t.files.update().where(t.files.c.id == kept).values(content=None))
        connection.execute(t.files.update().where(t.files.c.id == file).values(content=content))
    assert [(one.kind, one.facts["file"]) for one in verify(office.database).damages] == [
        ("file", file),
        ("file", kept),
    ]


def test_a_customer_is_shown_with_the_cases_that_hold_something_and_no_words_of_theirs(office: Office) -> None:
    door, root = office.workflow, office.actor("root")
    door.change_customer(office.customer, {"contacts": PHONE}, actor=SYSTEM)
    case = office.complaint(text=SECRET)
    shown = door.erasable(str(office.customer), actor=root)
    assert (shown.kind, shown.cases) == ("customer", ((case.id, case.number),))
    assert shown.values["contacts"] == 1
    person = door.erasable_person("BEN", actor=root)
    assert (person.person, person.beside) == (office.people["ben"], ())
    assert PHONE not in repr(shown)
    assert SECRET not in repr(shown)
    for look in (
        lambda actor: door.erasable(case.number, actor=actor),
        lambda actor: door.erasable_person("ben", actor=actor),
    ):
        before = office.count("refusals")
        with pytest.raises(NotPermitted):
            look(office.actor("auditor"))
        assert office.count("refusals") == before + 1
    for unknown in ("1", "BATON", "nobody", "9" * 30):
        with pytest.raises(CaseNotFound):
            door.erasable(unknown, actor=root)
    with pytest.raises(PersonNotFound):
        door.erasable_person("nobody", actor=root)


def test_a_person_of_the_house_is_erased_beside_the_name(office: Office) -> None:
    door = office.workflow
    person = door.add_person(
        "leaver", name_zh="离职员", name_en="Leaver", phone=PHONE, email="leaver@example.org", actor=SYSTEM
    )
    door.change_person(person, {"phone": "13900000000"}, actor=SYSTEM)
    door.change_person(office.people["ben"], {"phone": "13811111111"}, actor=SYSTEM)

    until = office.now + timedelta(days=3)
    door.grant(person, office.units["city"], "account_manager", actor=SYSTEM)
    door.substitute(person, office.people["ben"], since=office.now, until=until, reason="住院手术", actor=SYSTEM)
    door.report_absence(person, since=until, until=until + timedelta(days=2), reason="化疗", actor=SYSTEM)

    assert door.erase_person(person, actor=office.actor("root"), reason="离职") == 5

    for text in (PHONE, "leaver@example.org", "13900000000", "住院手术", "化疗"):
        for table in ("vault", "persons", "substitutions", "absences"):
            assert not in_table(office, text, table), text
    assert in_table(office, "13811111111")
    with office.database.reading() as connection:
        kept = connection.exec_driver_sql(f"SELECT email, phone, name_en FROM persons WHERE id = {person}").one()
    assert tuple(kept) == (None, None, "Leaver")
    assert verify(office.database).damages == []


def test_only_administrators_erase_and_say_why(office: Office) -> None:
    case = office.complaint(text=SECRET)
    steps = office.count("steps")
    for login in ("anna", "director", "auditor", "supervisor"):
        with pytest.raises(NotPermitted):
            office.workflow.erase(case.id, actor=office.actor(login), reason="x")
    with pytest.raises(TextEmpty):
        office.workflow.erase(case.id, actor=SYSTEM, reason=" ")
    with pytest.raises(CaseNotFound):
        office.workflow.erase(1, actor=SYSTEM, reason="x")
    with pytest.raises(CaseNotFound):
        office.workflow.erase(10**12, actor=SYSTEM, reason="x")

    assert in_table(office, SECRET)
    assert office.count("steps") == steps
    assert office.count("refusals") == 7
