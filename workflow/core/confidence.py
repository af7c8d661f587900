"""Who may read a customer's file, by its confidentiality level (001 §4, 003 §3.1: the files are kept confidential).

The sources ask for a level and do not say which there are; these three are ours. At every level the two managers of the
customer read, and whoever has taken part in a case about it but for the highest level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from workflow.core.directory import OVERSEERS, READERS_BELOW, WORKERS, Directory

LEVELS = ("internal", "confidential", "restricted")
"""The lowest first. Stored as its place here."""

READERS: Mapping[str, frozenset[str]] = {
    "internal": READERS_BELOW | WORKERS,
    "confidential": READERS_BELOW,
    "restricted": frozenset({"director", "account_administrator", "auditor"}),
}
"""Level → the roles that read a file by their unit: workers in the customer's own, others from above too."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The units whose files somebody reads at each level."""

    internal: frozenset[int] = frozenset()
    confidential: frozenset[int] = frozenset()
    restricted: frozenset[int] = frozenset()

    def __or__(self, other: Reach) -> Reach:
        return replace(
            self,
            internal=self.internal | other.internal,
            confidential=self.confidential | other.confidential,
            restricted=self.restricted | other.restricted,
        )

    def of(self, level: str) -> frozenset[int]:
        found: frozenset[int] = getattr(self, level)
        return found


NOWHERE = Reach()


def reach(directory: Directory, person: int | None, at: datetime, *, writing: bool = False) -> Reach:
    """What a person's roles let them read; `writing`: what of it they may change, to which auditing adds nothing."""
    scope = directory.scope(person, at, writing=writing)
    trusted = READERS["restricted"] & OVERSEERS if writing else READERS["restricted"]
    most = [directory.below(unit) for unit, names in directory.roles_of(person, at).items() if names & trusted]
    return Reach(scope.units, scope.below, frozenset().union(*most))


def level_of(record: Mapping[str, object]) -> str:
    """The level of a customer's record; one that says nothing is internal."""
    found = record.get("confidentiality")
    return found if isinstance(found, str) and found in LEVELS else "internal"
