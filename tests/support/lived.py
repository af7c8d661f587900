"""Cases that have seen something: answered, commented, attached to, overdue, with texts nobody would like to parse."""

from __future__ import annotations

from tests.support.office import Office

NASTY = (
    "=SUM(A1:A9)", "+86 20 8888", "-1", "@import", "\t=1+1", "＝HYPERLINK(1)", "邮件延误三天", "<b>&\"'</b> ]]>",
    "line one\nline two", "emoji 📦 end",
)  # fmt: skip


def live(office: Office, count: int = 6) -> list[int]:
    """Open so many complaints and let them go different ways; gives their ids."""
    door = office.workflow
    ids = []
    for n in range(count):
        case = office.complaint(text=NASTY[n % len(NASTY)]).id
        ids.append(case)
        office.later(hours=2)
        if n % 3 == 0:
            door.comment(case, f"已致电客户 {NASTY[n % len(NASTY)]}", actor=office.actor("anna"))
            door.attach(case, f"信 {n}.txt", b"\x00content \xff" + bytes([n]), actor=office.actor("anna"))
        if n % 2 == 0:
            door.perform(case, "answer", form={"reply": f"已答复 {n}"}, actor=office.actor("anna"))
    office.later(days=4)
    office.fire()
    return ids
