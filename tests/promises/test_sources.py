"""Every rule can say where it comes from: a document and its article, or that it is ours."""

import re
from collections.abc import Iterator

import pytest

from tests.promises.conftest import DEFINITIONS
from workflow.core.definition.lifecycle import Definition
from workflow.definitions.library import Library

SOURCE = re.compile(r"\b00[0-4] §|\bdomain §\d|\bours\b|\b00[0-4] annex")


def rules(one: Definition) -> Iterator[tuple[str, str | None]]:
    for move in one.transitions:
        yield f"transition {move.trigger}", move.source
    for clock in one.clocks.values():
        yield f"clock {clock.name}", clock.source
    for schedule in one.recurring.values():
        yield f"schedule {schedule.name}", schedule.source
    for state in one.states.values():
        if not state.final:
            yield f"state {state.name}", state.source
        for timer in state.timers:
            yield f"timer {state.name}.{timer.name}", timer.source
        for task in state.tasks:
            if task.within is not None:
                yield f"limit of {state.name}.{task.name}", task.source


@pytest.mark.parametrize("file", sorted(path.stem for path in DEFINITIONS.glob("*.yaml")))
def test_every_rule_names_its_source(library: Library, file: str) -> None:
    unnamed = [rule for rule, source in rules(library.get(file)) if not SOURCE.search(source or "")]
    assert unnamed == []
