"""Golden histories: played once, kept for ever, and decided again by every later version to the same verdict.

    python -m tests.support.golden crowd NAME --seed 7 --commands 400     everybody does things at random
    python -m tests.support.golden case NAME --database URL NUMBER …      cases of a database, with what they stand on

makes `tests/golden/NAME.jsonl`: a line with the calendars and the lifecycles used, then a line for each history with
its personal values and the verdict. The texts of the lifecycles lie beside, by their hash.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.support.crowd import Crowd
from tests.support.mutations import MUTATIONS
from tests.support.office import Office, library
from workflow.audit.judge import Judge
from workflow.audit.known import Known
from workflow.audit.salts import Secrets
from workflow.audit.verdict import Verdict
from workflow.core.calendar import Calendar
from workflow.core.calendar_text import calendar_of, text_of
from workflow.core.codec import dumps
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import DefinitionUnknown
from workflow.core.moments import micros, moment_of
from workflow.core.step import Actor, Step
from workflow.definitions.library import Library
from workflow.definitions.load import loads
from workflow.service.organisation import BOOK
from workflow.storage.database import Database
from workflow.storage.queries import past
from workflow.storage.schema import upgrade

FOLDER = Path(__file__).parents[1] / "golden"
TEXTS = FOLDER / "definitions"
FORGED = 12
"""Histories somebody wrote into, kept beside the whole ones."""


class Golden:
    """One file of histories, and an archive of them for the judge."""

    def __init__(self, file: Path) -> None:
        head, *lines = file.read_text(encoding="utf-8").splitlines()
        said = json.loads(head)
        self.name = file.stem
        self.lifecycles: Mapping[str, Mapping[str, str]] = said["definitions"]
        self._calendars = [(moment_of(at), calendar_of(text)) for at, text in said["calendars"]]
        self._own = {one.name: one for one in (calendar_of(text) for text in said["own"])}
        self.entries = [json.loads(line) for line in lines]
        whole = [one for one in self.entries if not one.get("forged")]
        self._steps = {one["case"]: [step_of(one["case"], row) for row in one["steps"]] for one in whole}
        self.customers = {one["case"]: one.get("customer") for one in whole}

    def steps(self, case: int) -> Sequence[Step]:
        return self._steps.get(case, ())

    def first(self, case: int) -> Step | None:
        found = self._steps.get(case)
        return found[0] if found else None

    def failed(self, case: int, at: datetime) -> bool:
        return False

    def cases_of(self, customer: int) -> Sequence[int]:
        return [case for case, about in self.customers.items() if about == customer]

    def calendars(self) -> Iterable[tuple[datetime, Calendar]]:
        return self._calendars

    def own_calendars(self) -> Mapping[str, Calendar]:
        return self._own

    def definition(self, name: str, version: int | None) -> Definition:
        versions = self.lifecycles.get(name)
        if versions is None:
            raise DefinitionUnknown(definition=name)
        wanted = str(version) if version is not None else max(versions, key=int)
        if wanted not in versions:
            raise DefinitionUnknown(definition=f"{name} {wanted}")
        return definition_of(versions[wanted])

    def verdicts(self) -> Iterable[tuple[Mapping[str, Any], Verdict]]:
        """Each entry with the verdict of this version of Baton."""
        judge = Judge(Known(self, book=BOOK), self.definition)
        for one in self.entries:
            steps = [step_of(one["case"], row) for row in one["steps"]]
            secrets = {name: (bytes.fromhex(salt), value) for name, (salt, value) in one["secrets"].items()}
            yield one, judge.verdict(one["case"], one["number"], one["kind"], steps, secrets)


def files() -> list[Path]:
    return sorted(FOLDER.glob("*.jsonl"))


@cache
def definition_of(digest: str) -> Definition:
    """A lifecycle by the hash of its text."""
    text = (TEXTS / f"{digest[:16]}.yaml").read_text(encoding="utf-8")
    found = loads(text, file="golden.yaml", calendars=library().calendars, sound=False)
    assert found.hash == digest, "the text of a golden lifecycle was changed"
    return found


def step_of(case: int, row: Sequence[Any]) -> Step:
    seq, kind, trigger, person, behalf, effective, recorded, old, new, version, task, form, ops = row
    return Step(case, seq, kind, trigger, Actor(person, behalf), moment_of(effective), moment_of(recorded), old, new,
                version, task, form, ops)  # fmt: skip


def row_of(step: Step) -> list[Any]:
    moments = micros(step.effective), micros(step.recorded)
    who = step.actor.person, step.actor.behalf
    states = step.from_state, step.to_state
    return [step.seq, step.kind, step.trigger, *who, *moments, *states, step.version, step.task, step.form, step.ops]


def outcome(verdict: Verdict) -> dict[str, Any]:
    """What of a verdict must never change."""
    return {
        "reproduced": verdict.reproduced,
        "erased": list(verdict.erased),
        "unchecked": [[one.seq, one.what] for one in verdict.unchecked],
        "differences": [[one.seq, one.what, one.name] for one in verdict.differences],
    }


def write(name: str, database: Database, known: Library, ids: Sequence[int]) -> Path:
    """Keep these histories and what they stand on as golden; gives the file."""
    from workflow.audit.archive import StoredArchive

    archive = StoredArchive(database, known)
    with database.reading() as connection:
        heads = [head for head in past.kept(connection, after=0, limit=1_000_000) if head[0] in set(ids)]
        histories, secrets = past.many(connection, ids), past.secrets(connection, ids)
        kept = list(past.calendars(connection))
    judge = Judge(Known(archive, book=BOOK), known.get)
    lifecycles: dict[str, dict[str, str]] = {}
    lines = []
    for case, number, kind, _ in heads:
        steps = histories[case]
        entry = _entry(judge, case, number, kind, steps, secrets[case])
        if kind == "case":
            opened = steps[0].ops[0][1]
            entry["customer"] = opened.get("customer")
            used = known.get(opened["definition"], steps[0].version)
            lifecycles.setdefault(used.name, {})[str(used.version)] = used.hash
            _keep_text(used)
        lines.append(entry)
    lines += _forged(judge, heads, histories, secrets, known)
    head = {
        "definitions": lifecycles,
        "calendars": [[micros(at), text_of(one)] for at, one in kept],
        "own": [text_of(one) for one in known.calendars.values()],
    }
    file = FOLDER / f"{name}.jsonl"
    file.write_text("\n".join([dumps(head), *map(dumps, lines)]) + "\n", encoding="utf-8")
    return file


def _entry(judge: Judge, case: int, number: str, kind: str, steps: Sequence[Step], secrets: Secrets) -> dict[str, Any]:
    verdict = judge.verdict(case, number, kind, steps, secrets)
    return {
        "case": case, "number": number, "kind": kind, "verdict": outcome(verdict),
        "secrets": {name: [salt.hex(), value] for name, (salt, value) in secrets.items()},
        "steps": [row_of(step) for step in steps],
    }  # fmt: skip


def _forged(judge: Judge, heads: Any, histories: Any, secrets: Any, known: Library) -> list[dict[str, Any]]:
    """A few of the histories as somebody might have written them."""
    rng, made = Random(5), []
    cases = [head for head in heads if head[2] == "case"]
    for name in rng.sample(sorted(MUTATIONS), len(MUTATIONS)):
        case, number, kind, _ = rng.choice(cases)
        steps = list(histories[case])
        mutated = MUTATIONS[name](steps, known.get(steps[0].ops[0][1]["definition"]), rng)
        if mutated is not None and len(made) < FORGED:
            made.append({**_entry(judge, case, number, kind, mutated, secrets[case]), "forged": name})
    return made


def _keep_text(definition: Definition) -> None:
    TEXTS.mkdir(parents=True, exist_ok=True)
    (TEXTS / f"{definition.hash[:16]}.yaml").write_text(definition.text, encoding="utf-8")


def closure(database: Database, known: Library, numbers: Sequence[str]) -> list[int]:
    """The cases of these numbers, and all they stand on: organisation, customers, the cases linked and beside them."""
    from workflow.audit.archive import StoredArchive
    from workflow.storage import proof

    archive = StoredArchive(database, known)
    with database.reading() as connection:
        waiting = [found for number in numbers if (found := proof.find(connection, number)) is not None]
    found = {BOOK}
    while waiting:
        case = waiting.pop()
        if case in found:
            continue
        found.add(case)
        for step in archive.steps(case):
            for op, body in step.ops:
                if op == "link":
                    waiting.append(body["case"])
                elif op == "case":
                    about = body.get("customer")
                    waiting += [one for one in (about, body.get("parent")) if one is not None]
                    waiting += archive.cases_of(about) if about is not None else []
    return sorted(found)


def crowd(seed: int, commands: int, folder: Path) -> tuple[Database, Library]:
    """A database in which everybody did things at random, in all lifecycles."""
    database = Database(f"sqlite:///{folder / 'golden.db'}")
    upgrade(database)
    office = Office(database)
    people = Crowd(office, seed, by_hand=tuple(sorted(library().latest)))
    people.live(commands)
    return database, library()


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.support.golden", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    played = kinds.add_parser("crowd")
    played.add_argument("name")
    played.add_argument("--seed", type=int, required=True)
    played.add_argument("--commands", type=int, default=400)
    stored = kinds.add_parser("case")
    stored.add_argument("name")
    stored.add_argument("--database", required=True)
    stored.add_argument("number", nargs="+")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        if given.kind == "crowd":
            database, known = crowd(given.seed, given.commands, Path(folder))
            with database.reading() as connection:
                ids = [head[0] for head in past.kept(connection, after=0, limit=1_000_000)]
        else:
            database, known = Database(given.database), library()
            ids = closure(database, known, given.number)
        file = write(given.name, database, known, ids)
        database.dispose()
    golden = Golden(file)
    for one, verdict in golden.verdicts():
        if one["verdict"] != outcome(verdict):
            sys.exit(f"{one['number']} does not come to the same verdict: {asdict(verdict)}")
    print(f"{file.name}: {len(golden.entries)} histories, {', '.join(sorted(golden.lifecycles))}")


if __name__ == "__main__":
    main(sys.argv[1:])
