"""What can be done with a task, and the task itself as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workflow.core.case import Case
from workflow.core.definition.expressions import Text
from workflow.core.definition.fields import Field
from workflow.core.errors import Refused
from workflow.core.step import Op
from workflow.service.views.cases import CaseView
from workflow.service.views.tasks import TaskRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionField:
    """A field an action asks for; `value` is what the case holds now."""

    field: Field
    required: bool
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What would follow on one way of an action. `target`: the state, None when the case stays in `before`'s.

    `ops`: the facts of all its steps. `open`: names of tasks whose receiver the form has still to say.
    """

    before: Case
    target: str | None
    ops: tuple[Op, ...]
    open: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A form as it stands, judged and not sent: `faults` by field as in `FormInvalid`; `against`: what else it would
    be refused for; `ways`: what would follow."""

    faults: Mapping[str, Any]
    against: Refused | None
    ways: tuple[Foreseen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something the reader may do now. `task`: the task it finishes, None without one.

    `kind` `trigger`: pull it; `done`: finish this one of several tasks. `targets`: the states it may lead to,
    empty when the case stays. `against`: why it would be refused as things are, None if it would not.
    `ways`: what would follow, where a task was asked for. `begins`: the lifecycle of the case that is begun with it by
    filling in its start form, None for none.
    """

    kind: Literal["trigger", "done"]
    trigger: str
    title: Text
    about: Text | None
    task: int | None
    fields: tuple[ActionField, ...]
    targets: tuple[str, ...]
    source: str | None = None
    against: Refused | None = None
    ways: tuple[Foreseen, ...] = ()
    begins: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One task with the case around it and what can be done.

    `mine`: it is the reader's, or of one the reader stands in for; `claimable`: it is in a queue of theirs.
    """

    row: TaskRow
    case: CaseView
    actions: tuple[Action, ...]
    mine: bool
    claimable: bool
