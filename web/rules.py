"""The definition by which what somebody sent is read."""

from __future__ import annotations

from flask import g

from web import titles
from web.context import reader, workflow
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import CaseNotFound


def rules_of(case: int, no: int | None = None) -> Definition:
    """The definition of a case of the reader's. Raises `CaseNotFound`.

    `no`: of the task that was sent; when somebody else of its queue has finished it, that is what is said.
    """
    try:
        found = titles.definition(workflow().case(case, reader()).row)
    except CaseNotFound:
        if no is None:
            raise
        found = titles.definition(workflow().task(case, no, reader()).case.row)
    if found is None:
        raise CaseNotFound(case=case)
    g.definition = found
    return found
