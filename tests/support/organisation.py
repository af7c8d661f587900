"""A small organisation for tests: a province, two cities, a county, and who works there.

Alice manages accounts in the east, Bob beside her, Carol in the west. Sue supervises the east, Dora directs the
province, Ann audits it, Adam looks after the system. Rita reports from the county.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from workflow.storage import organisation
from workflow.storage.database import Database

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
UNITS = {
    "province": (None, "province", "省中心", "Province"),
    "east": ("province", "city", "东市", "East"),
    "west": ("province", "city", "西市", "West"),
    "county": ("east", "county", "东县", "County"),
}
PEOPLE = {
    "alice": ("east", "account_manager", "林爱丽", "Alice"),
    "bob": ("east", "account_manager", "鲍勃", "Bob"),
    "carol": ("west", "account_manager", "卡罗", "Carol"),
    "sue": ("east", "supervisor", "苏主管", "Sue"),
    "dora": ("province", "director", "多主任", "Dora"),
    "ann": ("province", "auditor", "安审计", "Ann"),
    "adam": ("province", "administrator", "亚当", "Adam"),
    "rita": ("county", "reporter", "丽塔", "Rita"),
}


@dataclass
class Organisation:
    """Ids by name."""

    units: dict[str, int] = field(default_factory=dict)
    persons: dict[str, int] = field(default_factory=dict)


def build(database: Database) -> Organisation:
    """Write the organisation; every role is held since a year before NOW."""
    made = Organisation()
    with database.writing() as connection:
        for code, (parent, kind, zh, en) in UNITS.items():
            values = {"code": code, "name_zh": zh, "name_en": en, "kind": kind, "active": True}
            parent_id = made.units[parent] if parent else None
            made.units[code] = organisation.add(connection, "unit", {**values, "parent_id": parent_id})
        for login, (unit, role, zh, en) in PEOPLE.items():
            values = {"login": login, "name_zh": zh, "name_en": en, "active": True}
            made.persons[login] = organisation.add(connection, "person", values)
            since = NOW - timedelta(days=365)
            member = {"person_id": made.persons[login], "unit_id": made.units[unit], "role": role, "since": since}
            organisation.add(connection, "membership", member)
    return made


def absent(database: Database, made: Organisation, who: str, substitute: str, *, days: int = 7) -> None:
    """Let one person stand in for another, from NOW on."""
    with database.writing() as connection:
        organisation.add(
            connection,
            "substitution",
            {
                "absent_id": made.persons[who],
                "substitute_id": made.persons[substitute],
                "since": NOW,
                "until": NOW + timedelta(days=days),
                "reason": "休假",
            },
        )
