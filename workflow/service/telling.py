"""The door's part about what the last cases about a customer say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.core.codec import case_from
from workflow.core.step import Actor
from workflow.service.case_reads import CaseReads
from workflow.service.shown import unveiled
from workflow.service.views.names import Masked
from workflow.storage.queries import cases, lookers

EACH = 3
"""Open cases of a lifecycle that are told of, and closed ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one case says. `at`: when it was closed, else written last; `values`: what is filled in, by field."""

    definition: str
    version: int
    number: str
    state: str
    at: datetime
    values: Mapping[str, Any]


class Telling(CaseReads):
    """What cases say, beside one another."""

    def said_of(self, customer: int, wanted: Mapping[str, Collection[str]], reader: Actor, *, but: int) -> list[Said]:
        """What the last cases about a customer say in fields: the open ones first, then the newest.

        `wanted`: lifecycle → fields; `but`: the case that is not told of. What is masked for the reader and what is
        empty is left out, and a case that then says nothing.
        """
        with self._read(reader) as (connection, shown):
            rows = lookers.last(connection, customer, wanted, shown.reader, but=but, each=EACH)
            found = [case_from(row.body) for row in rows]
            secrets = cases.secrets_of(connection, [one.id for one in found if shown.involved(one)])
            told = []
            for one in found:
                held = {name: unveiled(one.data.get(name), secrets) for name in wanted[one.definition]}
                values = {name: said for name, said in held.items() if said not in (None, "", []) and _whole(said)}
                if values:
                    told.append(
                        Said(
                            definition=one.definition, version=one.version, number=one.number, state=one.state,
                            at=one.closed or one.written or one.opened, values=values,
                        )
                    )  # fmt: skip
            return told


def _whole(said: Any) -> bool:
    """Whether nothing of a value is masked."""
    if isinstance(said, list):
        return all(_whole(one) for one in said)
    if isinstance(said, Mapping):
        return all(map(_whole, said.values()))
    return not isinstance(said, Masked)
