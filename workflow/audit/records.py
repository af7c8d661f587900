"""The verdict on a customer's record and on the organisation's: who might change it, and whether the change is said so.

Neither has a lifecycle; what may be done to them is what the door lets people do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workflow.audit import compare, erasures
from workflow.audit.figures import said_again
from workflow.audit.known import Known
from workflow.audit.organisation import Book
from workflow.audit.salts import Secrets, gone, salts_of
from workflow.audit.verdict import Difference, plain
from workflow.core import book, merging, standing
from workflow.core.case import Case
from workflow.core.directory import BUSINESS_ROLES, Directory
from workflow.core.errors import (
    UNFIT,
    CodeTaken,
    LoginTaken,
    MergeUnfit,
    NotPermitted,
    PersonNotFound,
    Refused,
    RoleUnknown,
    UnitNotFound,
)
from workflow.core.moments import micros
from workflow.core.personal import reveal
from workflow.core.plans import PLANS, check_planner
from workflow.core.step import Actor, Step
from workflow.service import damage
from workflow.service.findings import AUDITING
from workflow.service.groups import check_keeper
from workflow.service.registry import KEEPERS, OWNED
from workflow.service.uploads import BRINGERS

if TYPE_CHECKING:
    from workflow.audit.judge import Sheet

GROUPS = frozenset({"add_group", "change_group", "add_group_member", "change_group_member"})
"""What the overseers of a unit do with its linked groups."""


def judge(sheet: Sheet, secrets: Secrets, known: Known) -> None:
    """Decide every step of a record again."""
    keep = Book()
    for place, step in enumerate(sheet.steps):
        before = len(sheet.differences)
        try:
            erased = gone(step, secrets)
            if erased:
                sheet.erased.append(step.seq)
            elif sheet.folded is not None and erasures.is_erasure(step):
                so_far = sheet.steps[:place]
                sheet.differ(erasures.judged(sheet.folded, step, before=so_far, secrets=secrets, known=known))
            else:
                sheet.differ(_judged(sheet, step, place, secrets, known, keep))
            sheet.fold(1)
            if sheet.folded is not None and sheet.folded.kind == "organisation":
                keep.read(step)
        except (*UNFIT, Refused) as unfit:
            sheet.differences.append(Difference(step.seq, "fold", recorded=type(unfit).__name__))
            return
        sheet.reproduced += not erased and len(sheet.differences) == before


def _judged(sheet: Sheet, step: Step, place: int, secrets: Secrets, known: Known, keep: Book) -> Iterator[Difference]:
    record = sheet.folded
    kind = record.kind if record is not None else _kind_of(step)
    values = {name: reveal(value, sheet.values) for name, value in _values(kind, step).items()}
    cause = next((body["cause"] for op, body in step.ops if op == "record"), None)
    try:
        if kind == "organisation":
            _administered(step, values, place, known, keep)
        elif cause is not None:
            yield from _caused(step, values, cause, known)
        else:
            _kept(record, step, values, known)
    except Refused as refused:
        yield Difference(step.seq, "refused", step.trigger, code=refused.code, facts=plain(refused.facts))
    notice = damage.told(values, keep.directory(place), step.effective) if step.trigger == damage.REPORTED else None
    reason = reveal(step.form.get("reason", ""), sheet.values) if kind == "customer" else ""
    salt = salts_of(sheet.steps, place, secrets)
    try:
        said = said_again(step, sheet.steps[:place])
    except (ValueError, KeyError, TypeError) as unfit:
        yield Difference(step.seq, "fold", recorded=type(unfit).__name__)
        return
    computed = _again(record, kind, step, values, salt, said=said, cause=cause, reason=reason, notice=notice)
    if computed != step:
        yield from compare.differences(step, computed)
    for what in ("effective", "recorded"):
        last = None if record is None else (record.moment if what == "effective" else record.written)
        if last is not None and getattr(step, what) < last:
            yield Difference(step.seq, what, recorded=micros(getattr(step, what)), computed=micros(last), moment=True)


def _kind_of(step: Step) -> str:
    return str(next((body["kind"] for op, body in step.ops if op == "case"), ""))


def _values(kind: str, step: Step) -> Mapping[str, Any]:
    """What a step of a record changes: a customer's are set in it, the organisation's are its form."""
    if kind == "customer" or step.seq == 1:
        found: Mapping[str, Any] = next((body for op, body in step.ops if op == "set"), {})
        order = next((body for op, body in step.ops if op == "split"), None)
        return found if order is None else {**found, "split": order}
    return step.form


def _again(
    record: Case | None,
    kind: str,
    step: Step,
    values: Mapping[str, Any],
    salt: Callable[[], bytes],
    *,
    said: list[Any],
    cause: Any,
    reason: str,
    notice: Mapping[str, Any] | None,
) -> Step:
    """The step as the book writes it. `said`: of revenue; `reason`: what was given with a change of a record."""
    if record is None:
        decision = book.begin(
            "organisation" if kind == "organisation" else "customer",
            case_id=step.case,
            number=str(values.get("number", "")) if kind == "customer" else "BATON",
            values=values,
            actor=step.actor,
            at=step.effective,
            salt=salt,
            trigger="register" if kind == "customer" else "found",
        )
    elif said:
        decision = book.enter(
            record,
            step.trigger,
            ops=said,
            actor=step.actor,
            at=step.effective,
            recorded=step.recorded,
            salt=salt,
        )
    else:
        decision = book.note(
            record,
            step.trigger,
            values=values,
            actor=step.actor,
            at=step.effective,
            recorded=step.recorded,
            salt=salt,
            cause=None if cause is None else (cause[0], cause[1]),
            reason=reason,
            notice=notice,
        )
    return decision.steps[0]


def _kept(record: Case | None, step: Step, values: Mapping[str, Any], known: Known) -> None:
    """Who may keep customers' records, and what of it only a lifecycle changes."""
    actor, at = step.actor, step.effective
    against = _said_by if any(op == "revenue" for op, _ in step.ops) else _against
    refused = known.organisations.against(step.recorded, lambda one: against(one, record, actor, values, at))
    if refused is not None:
        raise refused


def _against(
    directory: Directory, record: Case | None, actor: Actor, values: Mapping[str, Any], at: Any
) -> Refused | None:
    try:
        standing.check_actor(directory, actor, at)
    except Refused as refused:
        return refused
    if actor.person is None:
        return None
    held = directory.role_names(actor.principal, at)
    if not held & KEEPERS:
        return NotPermitted(action="change_customer")
    if record is None:
        begun = values.get("a") or values.get("b") or values.get("until")
        if begun or values.get("stage") != "potential" or values.get("lead") != "a":
            return NotPermitted(action="change_owner")
        unit = values.get("unit")
        placed = unit is None or standing.works_in(directory, unit, actor, at)
        if not placed and "administrator" not in held:
            return NotPermitted(action="change_customer")
        return None
    if OWNED & values.keys():
        return NotPermitted(action="change_owner")
    unit = record.data.get("unit")
    if merging.MARKS & values.keys() and not merging.may(directory, actor, (unit, unit), at):
        return MergeUnfit(why="apart")
    scope = directory.scope(actor.principal, at, writing=True)
    mine = actor.principal in (record.data.get("a"), record.data.get("b"))
    if not mine and not scope.organisation and record.data.get("unit") not in scope.units:
        return NotPermitted(action="change_customer")
    return None


def _said_by(
    directory: Directory, record: Case | None, actor: Actor, values: Mapping[str, Any], at: Any
) -> Refused | None:
    """Who may say what a customer brought in."""
    refused = _against(directory, record, actor, values, at)
    if refused is None and actor.person is not None and not directory.role_names(actor.principal, at) & BRINGERS:
        return NotPermitted(action="import")
    return refused


def _caused(step: Step, values: Mapping[str, Any], cause: Any, known: Known) -> Iterator[Difference]:
    """What a case did to its customer stands in the case's own history."""
    case, seq = cause
    found = next((one for one in known.archive.steps(case) if one.seq == seq), None)
    if found is None:
        yield Difference(step.seq, "cause", recorded=[case, seq])
        return
    changes: dict[str, Any] = {}
    for one in known.archive.steps(case)[:seq]:
        if (one.recorded, one.effective) == (found.recorded, found.effective):
            for op, body in one.ops:
                if op == "customer":
                    changes |= body
    for name, value in values.items():
        if name not in changes or changes[name] != value:
            yield Difference(step.seq, "cause", name, recorded=value, computed=changes.get(name))
    if (step.actor, step.trigger) != (found.actor, found.trigger):
        yield Difference(step.seq, "cause", recorded=step.trigger, computed=found.trigger)


def _administered(step: Step, values: Mapping[str, Any], place: int, known: Known, keep: Book) -> None:
    """Administrators change the organisation; some of it is people's own. Raises `Refused`."""
    actor, at = step.actor, step.effective
    _there(step.trigger, values, keep)
    if actor.person is None:
        return
    directory = keep.directory(place)
    auditing = AUDITING.get(step.trigger)
    if auditing is not None:
        standing.check_actor(directory, actor, at, own=True)
        if not directory.role_names(actor.principal, at) & auditing:
            raise NotPermitted(action=step.trigger)
        return
    if step.trigger in PLANS:
        standing.check_actor(directory, actor, at)
        person = values.get("person_id")
        unit = values.get("unit_id") if person is None else directory.home(person, at)
        check_planner(directory, actor, unit, at, of=person)
        return
    own = step.trigger == "change_person" and values.get("id") == actor.person
    settings = own and not values.keys() - {"id", "language", "theme", "mail", "mail_hours"}
    standing.check_actor(directory, actor, at, own=settings)
    if "administrator" in directory.role_names(actor.principal, at) or settings:
        return
    absent = values.get("absent_id")
    if step.trigger == "change_substitution":
        absent = keep.substitutions[values["id"]].absent
    if step.trigger == "change_absence":
        absent = keep.absences[values["id"]].absent
    if step.trigger in GROUPS:
        check_keeper(directory, actor, _groups_unit(values, keep), at)
        return
    if absent is not None and (
        actor.person == absent or directory.oversees(actor.person, directory.home(absent, at), at)
    ):
        return
    raise NotPermitted(action="administer")


def _groups_unit(values: Mapping[str, Any], keep: Book) -> int | None:
    """The unit of the group a change is about: a new one's, its own, or that of the group of a membership."""
    if "unit_id" in values:
        return int(values["unit_id"])
    member = keep.members.get(values["id"]) if values.keys() == {"id", "until"} else None
    group = keep.groups.get(values.get("group_id", member.group if member else values["id"]))
    return None if group is None else group.unit


def _there(trigger: str, values: Mapping[str, Any], keep: Book) -> None:
    """Whoever and whatever a change names is there, and what is new is new. Raises `Refused`."""
    for name in ("person_id", "absent_id", "substitute_id"):
        if name in values and values[name] not in keep.persons:
            raise PersonNotFound(person=values[name])
    unit = values.get("unit_id", values.get("parent_id"))
    if unit is not None and unit not in keep.units:
        raise UnitNotFound(unit=unit)
    if trigger == "add_person" and (values["id"] in keep.persons or values["login"] in keep.logins):
        raise LoginTaken(login=values["login"])
    if trigger == "add_unit" and any(u.code == values["code"] for u in _all(keep.units, values["id"])):
        raise CodeTaken(code=values["code"])
    if trigger in ("add_membership", "revoke") and values["role"] not in BUSINESS_ROLES:
        raise RoleUnknown(role=values["role"])
    if trigger == "change_unit" and values["id"] not in keep.units:
        raise UnitNotFound(unit=values["id"])
    if trigger == "change_person" and values["id"] not in keep.persons:
        raise PersonNotFound(person=values["id"])


def _all(rows: Mapping[int, Any], new: int) -> Iterator[Any]:
    """The rows there are; one that is added a second time is not new."""
    if new in rows:
        raise LoginTaken(login=new)
    return iter(rows.values())
