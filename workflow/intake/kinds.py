"""What kinds of files are brought in: checked, kept, applied a portion at a time, and taken back whole.

The pages and the command line are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workflow.core.step import Actor
from workflow.intake import customer_file, customer_table, revenue
from workflow.intake.customer_table import CHANGED, NEW, SAME
from workflow.intake.sheet import Fault, Sheet
from workflow.service.door import Workflow
from workflow.service.revenue import KIND as REVENUE
from workflow.storage.uploads import Upload


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file says now. `does`: how many rows do what, where the kind tells them apart."""

    sheet: Sheet
    faults: list[Fault]
    does: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Kind:
    """`look`: at a file that is not kept, in one of the `modes`; `found`: what was found in one that is, by an actor.

    `keep`: → its id; `apply`: portions, as many as are named, None: all; `undo`: one portion, → how much is left;
    `template`: writes an empty file in a language. `as_sent`: the copy with the reasons is of the form the file has;
    `page`: the title of its page in a workbook.
    """

    name: str
    look: Callable[[Workflow, bytes, str, Actor], Looked]
    found: Callable[[Workflow, Upload, Actor], tuple[Sheet, list[Fault]]]
    keep: Callable[[Workflow, str, bytes, Actor, str], int]
    apply: Callable[[Workflow, int, Actor, int | None], None]
    undo: Callable[[Workflow, int, Actor], int]
    template: Callable[[Workflow, Path, str], None]
    modes: tuple[str, ...] = ()
    as_sent: bool = False
    page: str = "sheet"


def _look_at_revenue(door: Workflow, content: bytes, _: str, actor: Actor) -> Looked:
    found = revenue.check(door, content, actor=actor, at=door.clock())
    return Looked(found.sheet, found.faults, {})


def _revenue(door: Workflow, one: Upload, reader: Actor) -> tuple[Sheet, list[Fault]]:
    """Found again in the file as it was checked."""
    who = Actor(one.person) if one.person is not None else reader
    found = revenue.check(door, door.upload_content(one.id, reader), actor=who, at=one.created)
    return found.sheet, found.faults


def _look_at_customers(door: Workflow, content: bytes, mode: str, actor: Actor) -> Looked:
    found = customer_table.check(door, content, mode=mode, actor=actor)
    return Looked(found.sheet, found.faults, {does: found.count(does) for does in (NEW, CHANGED, SAME)})


def _customers(door: Workflow, one: Upload, reader: Actor) -> tuple[Sheet, list[Fault]]:
    return customer_table.read_table(door.upload_content(one.id, reader)), customer_file.faults_of(one)


KINDS: dict[str, Kind] = {
    REVENUE: Kind(
        name=REVENUE,
        look=_look_at_revenue,
        found=_revenue,
        keep=lambda door, name, content, who, _: revenue.keep(door, name, content, actor=who),
        apply=lambda door, upload, who, most: revenue.apply(door, upload, actor=who, most=most),
        undo=lambda door, upload, who: door.take_back(upload, actor=who),
        template=lambda door, path, language: revenue.template(door, path, language=language),
    ),
    customer_file.KIND: Kind(
        name=customer_file.KIND,
        look=_look_at_customers,
        found=_customers,
        keep=lambda door, name, content, who, mode: customer_file.keep(door, name, content, mode=mode, actor=who),
        apply=lambda door, upload, who, most: customer_file.apply(door, upload, actor=who, most=most),
        undo=lambda door, upload, who: customer_file.take_back(door, upload, actor=who),
        template=lambda _, path, language: customer_file.template(path, language=language),
        modes=customer_table.MODES,
        as_sent=True,
        page="sheet_customers",
    ),
}
