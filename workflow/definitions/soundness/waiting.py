"""Nothing waits unseen: in every state something is open that can move the case, and it cannot fail."""

from __future__ import annotations

from workflow.core.definition.effects import Effect, Open
from workflow.core.definition.states import State
from workflow.definitions.faults import Path
from workflow.definitions.soundness.graph import Graph, Pull
from workflow.definitions.source import Source


def check(source: Source, graph: Graph) -> None:
    told: set[tuple[Path, str]] = set()
    for pull in graph.pulls:
        wrong = _could_fail(graph, pull)
        if wrong and (pull.path, wrong) not in told:
            told.add((pull.path, wrong))
            source.fault(pull.path, wrong, "pull")
    ending = graph.to_end()
    for state in graph.definition.states.values():
        if not state.final and state.name in ending:
            _check_moved(source, graph, state)
    for name, rule in graph.definition.recurring.items():
        for state_name in rule.states:
            if graph.definition.states[state_name].final:
                message = f"'{state_name}' is final, nothing comes back in it"
                source.fault(("recurring", name, "while"), message, "final")


def _could_fail(graph: Graph, pull: Pull) -> str | None:
    moves = [move for _, move in graph.moves(pull.state, pull.trigger)]
    if not moves:
        return f"{pull.what} pulls '{pull.trigger}', which does not leave from '{pull.state}'"
    if all(graph.needs_answers(move) for move in moves):
        return f"{pull.what} pulls '{pull.trigger}', whose form only a person can fill"
    if all(move.when or move.limits or graph.needs_answers(move) for move in moves):
        return f"{pull.what} pulls '{pull.trigger}', whose condition in '{pull.state}' could fail"
    return None


def _check_moved(source: Source, graph: Graph, state: State) -> None:
    path: Path = ("states", state.name)
    if _by_task(graph, state) or _by_itself(graph, state):
        return
    if any(_goes_when_all_closed(graph, state, name) for name in state.waits_for):
        return
    links = [name for name in state.waits_for if _moves_when_closed(graph, state, name)]
    unopened = [_enters_without(graph, state, link) for link in links]
    if links and None in unopened:
        return
    if links:
        message = f"'{state.name}' waits for '{links[0]}', but {unopened[0]} enters it without opening one"
        source.fault((*path, "waits_for"), message, "waiting")
        return
    message = f"nothing can move a case out of '{state.name}': no task, timer, clock or linked case does"
    if state.tasks and all(task.when is not None for task in state.tasks):
        message = f"nothing may be open in '{state.name}': each of its tasks opens under a condition"
    source.fault(path, message, "waiting", at=source.key(path))


def _by_task(graph: Graph, state: State) -> bool:
    autos = [move for move in graph.definition.transitions if move.auto and state.name in move.sources]
    moving = [
        task
        for task in state.tasks
        if any(graph.moves_on(state.name, trigger) for trigger in task.triggers) or (task.done is not None and autos)
    ]
    guards = [_bare(task.when.source) for task in moving if task.when is not None]
    if len(guards) < len(moving) or any(_opposite(one) in guards for one in guards):
        return True
    goes_when_empty = any([_bare(condition.source) for condition in move.when] == ["tasks.open==0"] for move in autos)
    return bool(moving) and goes_when_empty


def _bare(source: str) -> str:
    return "".join(source.split())


def _opposite(guard: str) -> str:
    """What holds exactly when a simple comparison does not."""
    if guard.count("==") + guard.count("!=") == 1 and not any(word in guard for word in ("&&", "||", "?")):
        return guard.replace("==", "!=") if "==" in guard else guard.replace("!=", "==")
    return guard[2:-1] if guard.startswith("!(") and guard.endswith(")") else f"!({guard})"


def _by_itself(graph: Graph, state: State) -> bool:
    definition = graph.definition
    if any(
        pull.state == state.name and pull.sure and pull.path[0] != "links" and graph.moves_on(state.name, pull.trigger)
        for pull in graph.pulls
    ):
        return True
    if any(move.auto and not move.when and state.name in move.sources for move in definition.transitions):
        return True
    return any(rule.automatic and state.name in rule.states for rule in definition.recurring.values())


def _goes_when_all_closed(graph: Graph, state: State, link: str) -> bool:
    """Whether the case goes on by itself as soon as none of its linked cases is open, be it that none was opened."""
    return any(
        move.auto
        and state.name in move.sources
        and move.target not in (None, state.name)
        and [_bare(condition.source) for condition in move.when] == [f"links.{link}.open==0"]
        for move in graph.definition.transitions
    )


def _moves_when_closed(graph: Graph, state: State, link: str) -> bool:
    triggers = graph.definition.links[link].on_closed.values()
    return any(graph.moves_on(state.name, trigger) for trigger in triggers)


def _opens(effect: Effect, link: str) -> bool:
    """One for each of several may be none."""
    return isinstance(effect, Open) and effect.link == link and effect.each is None


def _enters_without(graph: Graph, state: State, link: str) -> str | None:
    """What enters the state without opening the link it waits for; None when nothing does."""
    definition = graph.definition
    opened = any(_opens(effect, link) for effect in definition.opening)
    if state.name == definition.initial and not opened:
        return "a new case"
    for number, move in enumerate(definition.transitions):
        if move.target != state.name:
            continue
        opens = any(_opens(effect, link) for effect in move.effects)
        waited = all(link in definition.states[source].waits_for for source in move.sources)
        if not opens and not waited:
            return f"'{move.trigger}' (transitions.{number})"
    return None
