"""Everything meant for people can be done by them: tasks, triggers, four eyes."""

from __future__ import annotations

from workflow.core.definition.states import RoleExpr, State, TaskRule, Transition
from workflow.definitions.faults import Path
from workflow.definitions.soundness.graph import Graph
from workflow.definitions.source import Source
from workflow.definitions.vocabulary import PERSON_WAYS


def check(source: Source, graph: Graph) -> None:
    for state in graph.definition.states.values():
        for task in state.tasks:
            _check_task(source, graph, state, task)
        names = [timer.name for timer in state.timers]
        for number, name in enumerate(names):
            if name in names[:number]:
                path: Path = ("states", state.name, "timers", number, "name")
                source.fault(path, f"'{name}' is the name of another timer of '{state.name}'", "duplicate")
    linked = {trigger for link in graph.definition.links.values() for trigger in link.on_closed.values()}
    pulled = {pull.trigger for pull in graph.pulls} | linked | set(graph.definition.hears)
    for number, move in enumerate(graph.definition.transitions):
        path = ("transitions", number)
        if not move.by and not move.auto and move.trigger not in pulled:
            message = f"nobody can pull '{move.trigger}': give it `by`, `auto`, a timer, a clock, a link or `hears`"
            source.fault(path, message, "nobody")
        if move.trigger in graph.definition.hears and graph.needs_answers(move):
            message = f"another case pulls '{move.trigger}', whose form only a person can fill"
            source.fault((*path, "form"), message, "pull")
        _check_first(source, graph, number, move)
        _check_four_eyes(source, graph, number, move)


def _check_task(source: Source, graph: Graph, state: State, task: TaskRule) -> None:
    path: Path = ("states", state.name, "tasks", task.name)
    if not task.triggers and task.done is None:
        source.fault(path, "nothing finishes this task: give it `triggers` or `done`", "task", at=source.key(path))
    for number, trigger in enumerate(task.triggers):
        where = (*path, "triggers", number)
        where = where if where in source.values else (*path, "triggers")
        moves = [move for _, move in graph.moves(state.name, trigger)]
        if not moves:
            source.fault(where, f"'{trigger}' cannot be pulled in '{state.name}'", "task")
        elif not any(task.role in move.by for move in moves):
            allowed = ", ".join(sorted({role for move in moves for role in move.by})) or "the system only"
            message = f"'{task.role}' may not pull '{trigger}' in '{state.name}', it is for {allowed}"
            source.fault(where, message, "task")


def _check_first(source: Source, graph: Graph, number: int, move: Transition) -> None:
    """A move behind one of the same trigger that always goes is never made."""
    for state in move.sources:
        for earlier, other in graph.moves(state, move.trigger):
            if earlier < number and not other.when and set(move.by) <= set(other.by):
                message = f"never taken in '{state}': transitions.{earlier} goes first, without a condition"
                source.fault(("transitions", number), message, "never")
                return


def _check_four_eyes(source: Source, graph: Graph, number: int, move: Transition) -> None:
    for place, trigger in enumerate(move.not_by):
        path: Path = ("transitions", number, "not_by", place)
        path = path if path in source.values else path[:-1]
        before = [other for other in graph.definition.transitions if other.trigger == trigger]
        if not move.by:
            source.fault(path, f"nobody pulls '{move.trigger}', so four eyes mean nothing here", "four-eyes")
            return
        if not any(other.by for other in before):
            message = f"'{trigger}' is never pulled by a person, so four eyes mean nothing here"
            source.fault(path, message, "four-eyes")
            continue
        roles = [graph.definition.roles[role] for role in move.by]
        if all(_is_whoever_did(role, trigger, before, graph) for role in roles):
            message = f"four eyes cannot be had: whoever may pull '{move.trigger}' is who pulled '{trigger}'"
            source.fault(path, message, "four-eyes")


def _is_whoever_did(role: RoleExpr, trigger: str, before: list[Transition], graph: Graph) -> bool:
    """Whether a role is one person, who alone may have pulled the trigger."""
    if role.of == f"did.{trigger}":
        return True
    if not _one_person(role, graph):
        return False
    earlier = {graph.definition.roles[name].of for other in before for name in other.by}
    return earlier == {role.of}


def _one_person(role: RoleExpr, graph: Graph) -> bool:
    root, name, *_ = (*role.of.split("."), "")
    if root == "data":
        return graph.definition.fields[name].type == "person"
    return root == "did" or role.of in PERSON_WAYS
