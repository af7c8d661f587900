"""What something is called reads as it is: nothing in a name turns the direction of writing round unseen."""

import pytest
from sqlalchemy import update

from tests.support.office import Office
from workflow.core.errors import TextEmpty, TextUnfit
from workflow.customers import contacts
from workflow.messages import sentence
from workflow.service.views.lists import Filters
from workflow.storage import tables

RLO, LRM, ISOLATE, POP = "\u202e", "\u200e", "\u2066", "\u2069"


def test_names_are_kept_without_them(sqlite_office: Office) -> None:
    door, root, clerk, anna = (sqlite_office.workflow, *map(sqlite_office.actor, ("root", "clerk", "anna")))
    case = sqlite_office.complaint()

    file = door.attach(case.id, f"invoice{RLO}fdp.exe", b"MZ", actor=anna)
    person = door.add_person("lin", name_zh=f"{LRM}林小雨", name_en=f"Lin{RLO} Xiaoyu", actor=root)
    unit = door.add_unit("n1", name_zh=f"{ISOLATE}东县{POP}", name_en="East", kind="county", parent=None, actor=root)
    people = [{"name": f"赵{LRM}主任", "phone": "13800001111"}]
    found = door.register_customer(
        {"name_zh": f"\u202a江海{RLO}货运", "division": "440106", "contacts": people}, actor=clerk
    )

    assert door.file(case.id, file, anna).row.name == "invoicefdp.exe"
    kept = door.directory().persons[person]
    assert (kept.name.zh, kept.name.en) == ("林小雨", "Lin Xiaoyu")
    assert door.directory().units[unit].name.zh == "东县"
    assert sqlite_office.stored(found).data["name_zh"] == "江海货运"
    assert contacts.checked(people) == [{"name": "赵主任", "phone": "13800001111"}]
    pasted = door.customers(clerk, filters=Filters(text=f"{LRM}江海{RLO}货运")).rows
    assert [one.id for one in pasted] == [found]
    with pytest.raises(TextEmpty):
        door.attach(case.id, RLO, b"MZ", actor=anna)
    with pytest.raises(TextUnfit) as caught:
        door.attach(case.id, "report\nsecond line.pdf", b"MZ", actor=anna)
    assert "控制字符" in sentence(caught.value, "zh")


def test_in_the_name_of_an_older_file_each_is_made_visible(sqlite_office: Office) -> None:
    case, anna = sqlite_office.complaint(), sqlite_office.actor("anna")
    file = sqlite_office.workflow.attach(case.id, "invoice.exe", b"MZ", actor=anna)
    with sqlite_office.database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS files_append_only_update")
        connection.execute(update(tables.files).where(tables.files.c.id == file).values(name=f"invoice{RLO}fdp.exe"))

    assert sqlite_office.workflow.file(case.id, file, anna).row.name == "invoice\N{REPLACEMENT CHARACTER}fdp.exe"
