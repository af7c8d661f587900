"""Does a history hold, and does it give the case as stored?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from workflow.core.case import Case
from workflow.core.chain import broken_at
from workflow.core.codec import case_body, case_from
from workflow.core.errors import UNFIT, CaseNotFound
from workflow.core.replay import apply
from workflow.core.step import Step
from workflow.storage import proof
from workflow.storage.database import Database
from workflow.storage.proof import Kept
from workflow.storage.queries import exports, past

TOGETHER = 5_000
"""Steps read and folded at a time; of a history that has more, all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a replay found. `steps`: how many the history has.

    `differs`: parts of the case that the history gives otherwise, and lists in which it stands otherwise.

    `broken`: the step (from 1) whose hash does not follow, None for a whole chain. `stuck`: the step that
    cannot be folded, None if all can.
    """

    case: int
    number: str
    kind: str
    steps: int
    broken: int | None
    stuck: int | None
    differs: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.broken is None and self.stuck is None and not self.differs


def verify(database: Database, case: int) -> Verdict:
    """Check the chain over the exact stored columns, fold the history, compare. Raises `CaseNotFound`."""
    found = _together(database, [case])
    if not found:
        raise CaseNotFound(case=case)
    return found[0]


def several(database: Database, cases: Sequence[int]) -> Iterator[Verdict]:
    """The same of those of some cases that there are, by id. None keeps others from being looked at."""
    with database.reading() as connection:
        lengths = proof.lengths(connection, cases)
    for portion in exports.portions(list(lengths.items()), most=TOGETHER):
        yield from _together(database, portion)


def _together(database: Database, cases: Sequence[int]) -> list[Verdict]:
    """In one reading unit: each case is seen as of the same moment as its history, whoever writes meanwhile."""
    with database.reading() as connection:
        kept = proof.several(connection, cases)
        rows = past.rows(connection, list(kept))
        steps = {case: [past.step(row) for row in history] for case, history in rows.items()}
        folded = {case: _folded(history) for case, history in steps.items()}
        whole = [made for made, stuck in folded.values() if made is not None and stuck is None]
        told = [case for case, (_, stuck) in folded.items() if stuck is None]
        records = {case: steps[case] for case in told if kept[case].kind == "customer"}
        lists, recorded = proof.otherwise(connection, whole), proof.otherwise_recorded(connection, records)
    return [
        _verdict(one, rows[one.id], folded[one.id], (*lists.get(one.id, ()), *recorded.get(one.id, ())))
        for one in kept.values()
    ]


def _verdict(
    kept: Kept, rows: Sequence[Sequence[Any]], folded: tuple[Case | None, int | None], lists: tuple[str, ...]
) -> Verdict:
    made, stuck = folded
    links = ((row[:-2], bytes(row[-2]), bytes(row[-1])) for row in rows)
    return Verdict(
        case=kept.id,
        number=kept.number,
        kind=kept.kind,
        steps=len(rows),
        broken=broken_at(links, kept.head),
        stuck=stuck,
        differs=() if stuck is not None else (*_differences(made, kept.body), *lists),
    )


def _folded(steps: Sequence[Step]) -> tuple[Case | None, int | None]:
    """The case its history gives; or the step at which nothing more can be made of it."""
    made: Case | None = None
    for place, step in enumerate(steps, start=1):
        try:
            made = apply(made, step)
        except UNFIT:
            return made, place
    return made, None


def _differences(made: Case | None, body: str) -> tuple[str, ...]:
    """The parts of a case in which the history and what is stored do not agree."""
    if made is None:
        return ("history",)
    try:
        if case_body(made) == body:
            return ()
        stored = case_from(body)
    except UNFIT:
        return ("body",)
    parts = tuple(one.name for one in fields(Case) if getattr(made, one.name) != getattr(stored, one.name))
    return parts or ("body",)
