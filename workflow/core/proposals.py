"""What the system proposes: the first row of a table that holds fills its fields in, for a person to confirm."""

from __future__ import annotations

from workflow.core import forms, roles
from workflow.core.case import Case
from workflow.core.definition.fields import FormField
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.limits import Proposal, ProposalRow
from workflow.core.work import Work


def propose(work: Work, proposal: Proposal) -> None:
    """Fill in what the first row that holds says, and its name. Raises `FormInvalid`."""
    facts = work.situation()
    row = next((one for one in proposal.rows if one.when is None or one.when.holds(facts)), None)
    if row is None:
        return
    values = {proposal.into: row.name, **{name: value.value(facts) for name, value in row.values.items()}}
    for name, of in row.units.items():
        values[name] = roles.unit_of(of, work.definition, work.case, work.world, at=work.at)
    asked = tuple(FormField(name) for name in values)
    work.add("set", forms.check(work.definition, asked, values))


def made(definition: Definition, case: Case) -> list[tuple[Proposal, ProposalRow]]:
    """What was proposed in a case, each with the row it comes from."""
    found = []
    for proposal in definition.proposals.values():
        row = next((one for one in proposal.rows if one.name == case.data.get(proposal.into)), None)
        if row is not None:
            found.append((proposal, row))
    return found
