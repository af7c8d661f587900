"""Cases that a person begins out of another one, by filling in their start form: which, and what stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.core import authority, forms
from workflow.core.codec import case_from
from workflow.core.definition.fields import FormField
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import Transition
from workflow.core.errors import CaseNotFound, NotInThisState, Refused
from workflow.core.step import Actor
from workflow.core.world import Situation
from workflow.service.case_reads import begins
from workflow.service.reads import Reads
from workflow.service.views.cases import CaseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A case to be begun out of the case `of`, by its transition `way`.

    `definition`: of which lifecycle; `customer`: whom it will be about, None: who begins it chooses. `proposed`: what
    stands in its start form beforehand. `against`: why it would be refused as things are.
    """

    of: CaseRow
    name: str | None
    way: Transition
    definition: Definition
    customer: int | None
    proposed: Mapping[str, Any]
    against: Refused | None


class Beginnings(Reads):
    def beginning(self, case: int, trigger: str, actor: Actor) -> Beginning:
        """What an actor begins by pulling a trigger of a case. Raises CaseNotFound, NotInThisState."""
        with self._read(Actor(actor.person)) as (connection, shown):
            row = self._seen(connection, shown, case)
            found = case_from(row.body)
            if actor.principal not in shown.reader.persons or found.kind != "case":
                raise CaseNotFound(case=case)
            rules = self.library.get(found.definition, found.version)
            world, at = self._world(connection, shown, found), shown.reader.at
            possible = authority.possible(rules, found, world, actor=actor, at=at)
            ways = [(way, against) for way, against in possible if way.trigger == trigger]
            way, against = ways[0] if ways else (None, None)
            order = None if way is None else begins(way)
            if way is None or order is None or order.form is None:
                raise NotInThisState(trigger=trigger, state=found.state)
            definition = self.library.get(rules.links[order.link].definition)
            facts = Situation(rules, found, world, actor, at)
            asked = tuple(FormField(name) for name in order.form)
            values = {name: value.value(facts) for name, value in order.form.items()}
            [line] = self._case_rows(connection, shown, [row])
            return Beginning(
                of=line,
                name=None if rules.named_by is None else found.data.get(rules.named_by),
                way=way,
                definition=definition,
                customer=found.customer,
                proposed={name: one for name, one in forms.right(definition, asked, values).items() if one is not None},
                against=against,
            )
