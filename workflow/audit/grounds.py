"""What a clean verdict rests on; and whether all of that is still exactly as it was, so that the verdict stands.

A verdict comes from the history, from what was known beside it, and from the rules. Where the history's chain, worked
out anew over what is stored, ends as it did, where every history that was looked at is whole and begins as it did, and
where the rules are the same to the byte, deciding again would say the same. What a verdict rests on is kept with it,
under a mark made with a key that lies outside the database: who can write into the database cannot write a verdict that
stands. What differs, was erased or could not be checked never stands: that is decided again each night.
"""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workflow.audit.archive import History, StoredArchive
from workflow.audit.beside import GRACE
from workflow.audit.known import Asked
from workflow.audit.salts import Secrets
from workflow.core.calendar_text import text_of
from workflow.core.moments import MICRO, micros
from workflow.core.personal import keeps
from workflow.definitions.library import Library
from workflow.service.organisation import BOOK
from workflow.storage.verdicts import Kept

MOST_BESIDE = 400
"""Histories a verdict may rest on beside its own; one that rests on more is found again each night."""

ENGINE = ("cel-expr-python", "transitions", "marshmallow", "tzdata")
"""What of others the rules run on."""

SETTLED = GRACE // MICRO
NEVER = 2**62
"""Moments in microseconds: how long after its last step nothing beside a history counts for it; and never."""


class Grounds:
    """Says what verdicts of a run rest on, and which earlier ones stand."""

    def __init__(self, archive: StoredArchive, *, secret: bytes) -> None:
        """`secret`: known to nobody who can only write into the database."""
        self.archive = archive
        self.rules = rules(archive)
        self._key = sha256(b"baton verdict 1\x00" + secret).digest()

    def laid(self, verdict: Kept, *, secrets: Secrets, asked: Asked) -> Kept:
        """The verdict with its ground, where it may stand on one. `asked`: what was looked at to come to it."""
        own = self.archive.history(verdict.case)
        if not _clean(verdict) or asked.unsettled or not own.hashes:
            return verdict
        # An imported step may have been judged by the organisation as it is now.
        until = NEVER if _imported(own) else own.recorded(verdict.steps) + SETTLED
        if NEVER > until > micros(verdict.at):
            return verdict
        about = {customer: list(self.archive.cases_of(customer)) for customer in sorted(asked.customers)}
        beside = {BOOK, *asked.histories, *about, *(case for cases in about.values() for case in cases)} - {
            verdict.case
        }
        if len(beside) > MOST_BESIDE:
            return verdict
        lengths = {one: len(self.archive.history(one).hashes or ()) for one in sorted(beside)}
        ends = self._ends(lengths)
        values = _values(secrets)
        if ends is None or values is None:
            return verdict
        ground = {
            "head": own.hashes[-1].hex(), "values": values, "until": until, "about": [[*one] for one in about.items()],
            "beside": [[*one] for one in lengths.items()], "ends": ends, "rules": self.rules,
        }  # fmt: skip
        ground["mark"] = self._mark(verdict, ground)
        return replace(verdict, detail={**verdict.detail, "ground": ground})

    def stands(self, verdict: Kept, *, head: bytes, secrets: Secrets) -> bool:
        """Whether an earlier verdict needs not be found again. `head`: how the case says its chain ends."""
        ground = verdict.detail.get("ground")
        if not isinstance(ground, dict) or not _clean(verdict):
            return False
        mark = ground.get("mark")
        if not isinstance(mark, str) or not hmac.compare_digest(mark.encode(), self._mark(verdict, ground).encode()):
            return False
        own = self.archive.history(verdict.case).hashes
        if not own or len(own) != verdict.steps or own[-1] != head or own[-1].hex() != ground["head"]:
            return False
        if ground["rules"] != self.rules or ground["values"] != _values(secrets):
            return False
        lengths: dict[int, int] = dict(ground["beside"])
        if self._ends(lengths) != ground["ends"]:
            return False
        until: int = ground["until"]
        return all(self._silent(one, seq, until) for one, seq in lengths.items()) and all(
            self._as_many(customer, cases, until) for customer, cases in ground["about"]
        )

    def _ends(self, lengths: Mapping[int, int]) -> str | None:
        """Where histories stood after so many steps, in one digest; None where one is not whole or not as long."""
        digest = sha256()
        for one, seq in lengths.items():
            hashes = self.archive.history(one).hashes
            if hashes is None or len(hashes) < seq:
                return None
            digest.update(b"%d %d " % (one, seq) + (hashes[seq - 1] if seq else b""))
        return digest.hexdigest()

    def _silent(self, case: int, seq: int, until: int) -> bool:
        """Whether a history says nothing more up to a moment."""
        history = self.archive.history(case)
        return len(history.rows) == seq or history.recorded(seq + 1) > until

    def _as_many(self, customer: int, cases: list[int], until: int) -> bool:
        """Whether the customer had these cases up to a moment, and no others."""
        there = self.archive.cases_of(customer)
        fresh = [case for case in there if case not in cases]
        return len(there) - len(fresh) == len(cases) and all(self._silent(case, 0, until) for case in fresh)

    def _mark(self, verdict: Kept, ground: Mapping[str, Any]) -> str:
        said = {name: value for name, value in ground.items() if name != "mark"}
        row = [verdict.case, micros(verdict.at), verdict.steps, verdict.reproduced, said]
        return hmac.digest(self._key, _written(row).encode(), "sha256").hex()


_written = json.JSONEncoder(sort_keys=True).encode


def _clean(verdict: Kept) -> bool:
    beside = verdict.erased or verdict.unchecked or verdict.differs is not None
    return not beside and verdict.reproduced == verdict.steps > 0


def _values(secrets: Secrets) -> str | None:
    """The personal values of a history by their commitments; None where one is gone or is not what was committed to."""
    for digest, (salt, value) in secrets.items():
        if not keeps(digest, salt, value):
            return None
    return sha256(" ".join(sorted(secrets)).encode()).hexdigest()


def rules(archive: StoredArchive) -> str:
    """All that decides beside what was recorded, in one digest: this program, its lifecycles and calendars."""
    library: Library = archive.library
    lifecycles = sorted((name, number, one.hash) for (name, number), one in library.versions.items())
    latest = sorted((name, one.version) for name, one in library.latest.items())
    kept = [(micros(at), text_of(one)) for at, one in archive.calendars()]
    own = sorted((name, text_of(one)) for name, one in archive.own_calendars().items())
    return sha256(json.dumps([engine(), lifecycles, latest, kept, own]).encode()).hexdigest()


@cache
def engine() -> str:
    """This program, to the byte, and what it runs on."""
    digest = sha256(json.dumps([sys.version, *((name, version(name)) for name in ENGINE)]).encode())
    folder = Path(__file__).parents[1]
    for file in sorted(folder.rglob("*.py")):
        digest.update(str(file.relative_to(folder)).encode() + sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _imported(history: History) -> bool:
    return any(op == "imported" for op, _ in history.steps[0].ops) if history.rows else False
