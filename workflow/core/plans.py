"""What is planned for a manager or a centre for a year, and told about it later: the inputs of scores and pay.

Amounts are cents, percentages hundredths of a percent, satisfaction hundredths of a point of 100.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from workflow.core.directory import Directory
from workflow.core.errors import FormInvalid, NotPermitted
from workflow.core.pay import BONUS, MONTHS
from workflow.core.step import Actor

PLANNERS = frozenset({"director", "account_administrator"})
"""Who plans for a unit and those below, and sees what is paid there."""

MONEY = 10**13
FIRST, LAST = 2000, 2099

Bounds = Mapping[str, tuple[int, int]]

PERSON: Bounds = {
    "planned": (1, MONEY),
    "base": (0, MONEY),
    "months": (1, MONTHS),
    "all_staff": (0, MONEY),
    "margin": (-100_00, 100_00),
    "rate": BONUS,
    "allowed": (0, MONEY),
    "spent": (0, MONEY),
    "forecast": (1, MONEY),
    "products": (1, 100_000),
    "receivables": (0, MONEY),
    "satisfaction": (0, 100_00),
}
"""What is said of a manager's year, and between what bounds."""

UNIT: Bounds = {"customers": (1, 1_000_000), "planned": (1, MONEY), "satisfaction": (0, 100_00)}
"""What is said of a centre's year."""

COUNTED = frozenset({"months", "products", "customers"})
"""What is said in whole numbers; everything else in hundredths."""

PLANS: Mapping[str, tuple[str, str, Bounds]] = {
    "plan_person": ("person_id", "pay", PERSON),
    "plan_unit": ("unit_id", "goal", UNIT),
}
"""The step that says it → the value that says of whom, the one that holds the rest, and what may stand there.

What is said of a person is personal: the history has only its commitment.
"""


def fit(values: Mapping[str, int | None], bounds: Bounds) -> dict[str, int]:
    """What is said, without what is not. Raises `FormInvalid` with all that cannot be."""
    wrong: dict[str, list[tuple[str, dict[str, object]]]] = {}
    for name, value in values.items():
        if name not in bounds:
            wrong[name] = [("unknown", {})]
        elif value is not None and value < bounds[name][0]:
            wrong[name] = [("smaller", {"least": bounds[name][0]})]
        elif value is not None and value > bounds[name][1]:
            wrong[name] = [("larger", {"most": bounds[name][1]})]
    if wrong:
        raise FormInvalid(fields=wrong)
    return {name: value for name, value in values.items() if value is not None}


def check_planner(directory: Directory, actor: Actor, unit: int | None, at: datetime, *, of: int | None = None) -> None:
    """Raises `NotPermitted` unless the actor plans for a unit; nobody does for themselves (`of`)."""
    if actor.person is None:
        return
    if of in (actor.person, actor.principal) or not plans(directory, actor.principal, unit, at):
        raise NotPermitted(action="plan")


def plans(directory: Directory, person: int | None, unit: int | None, at: datetime) -> bool:
    """Whether somebody holds a planner's role in a unit or one above it."""
    roles = directory.roles_of(person, at)
    return unit is not None and any(names & PLANNERS and unit in directory.below(one) for one, names in roles.items())
