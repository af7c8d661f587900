"""Roles given and taken at the very microsecond of a step: the order in which they were written is a possible one."""

from __future__ import annotations

from tests.support.histories import Histories
from tests.support.office import Office


def test_a_role_taken_at_the_moment_of_a_step_was_held_by_it(sqlite_office: Office) -> None:
    office, door, root = sqlite_office, sqlite_office.workflow, sqlite_office.actor("root")
    city, ben, chief = office.units["city"], office.people["ben"], office.people["root"]
    office.later(hours=1)
    first = office.complaint("ben")
    door.comment(first.id, "已联系", actor=office.actor("ben"))
    door.revoke(ben, city, "account_manager", actor=root)
    office.complaint("anna")
    door.grant(ben, city, "account_manager", actor=root)
    office.complaint("ben")
    door.grant(chief, city, "account_manager", actor=root)
    office.complaint("root")
    door.revoke(chief, city, "account_manager", actor=root)

    assert [one.number for one in Histories(office).verdicts() if not one.holds] == []


def test_a_step_by_somebody_whose_role_was_taken_before_is_found(sqlite_office: Office) -> None:
    """A microsecond later it is no question of order any more."""
    office = sqlite_office
    office.later(hours=1)
    case = office.complaint("ben")
    office.later(hours=1)
    door = office.workflow
    door.revoke(office.people["ben"], office.units["city"], "account_manager", actor=office.actor("root"))
    with office.database.writing() as connection:
        at = connection.exec_driver_sql("SELECT max(recorded) FROM steps WHERE case_id = 1").scalar_one()
        for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(
            f"UPDATE steps SET recorded = {at + 1}, effective = {at + 1} WHERE case_id = {case.id}"
        )

    found = next(one for one in Histories(office).verdicts() if one.case == case.id)

    assert not found.holds
