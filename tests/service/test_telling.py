"""What the last cases about a customer say, to who may read it."""

from tests.support.office import Office

ASKED = {"complaint": ("text", "channel", "reply")}


def test_the_last_open_and_closed_cases_say_what_their_reader_may_read(office: Office) -> None:
    """004 §2.2 E(2)①: what is drafted from what was said before; personal values are for those involved."""
    told = []
    for number in range(1, 9):
        case = office.complaint(kind="query", text=f"查询{number}")
        office.later(minutes=1)
        if number <= 4:
            office.workflow.perform(case.id, "settle", actor=office.actor("anna"), form={"reply": f"答复{number}"})
        told.append(case)
    anna, *others = (office.actor(login) for login in ("anna", "auditor", "carl"))

    said = office.workflow.said_of(office.customer, ASKED, anna, but=told[7].id)
    expected = [
        {"text": f"查询{number}", "channel": "phone", **({"reply": f"答复{number}"} if number <= 4 else {})}
        for number in (7, 6, 5, 4, 3, 2)
    ]
    assert [one.values for one in said] == expected
    assert [one.number for one in said] == [told[at].number for at in (6, 5, 4, 3, 2, 1)]
    assert [one.at for one in said[2:4]] == [told[4].opened, told[4].opened]  # written last; closed a minute after
    assert [
        {name for one in office.workflow.said_of(office.customer, ASKED, reader, but=0) for name in one.values}
        for reader in others
    ] == [{"channel"}, set()]
    assert office.workflow.said_of(office.customer, {"complaint": ("reply", "contact")}, others[0], but=0) == []
