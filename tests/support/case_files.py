"""Case files for tests: a house that gives them out, and how they are opened and put together again."""

from __future__ import annotations

import json
import sys
import zipfile
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.office import Office
from workflow.audit.exports.archive import json_of, lines_of
from workflow.audit.exports.casefile import export_case, statement
from workflow.audit.exports.sealed import seal_of, sign_by
from workflow.audit.log.proofs import Proofs
from workflow.audit.log.sealer import Sealer
from workflow.core import chain
from workflow.settings import Seal

PROGRAM = Path(__file__).parents[2] / "tools" / "verify_case_file.py"
ZONE = ZoneInfo("Asia/Shanghai")
Files = dict[str, bytes]


@cache
def verifier() -> ModuleType:
    spec = spec_from_file_location("verify_case_file", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@dataclass
class House:
    """An office whose log is sealed, and what outsiders know of it."""

    office: Office
    settings: Seal
    ids: list[int]
    key: str = ""
    outside: list[Any] = field(default_factory=list)

    def seal(self) -> None:
        Sealer(self.office.database, self.settings, clock=lambda: self.office.now).sign()
        self.key = Proofs(self.office.database, clock=lambda: self.office.now).standing().key
        self.outside = [verifier().Key.read(self.key)]

    def file(self, case: int, path: Path, login: str = "anna", *, personal: bool = True) -> bytes:
        database = self.office.database
        export_case(
            self.office.workflow, case, self.office.actor(login), path, zone=ZONE, seal=seal_of(database, case),
            sign=sign_by(database, self.settings), personal=personal,
        )  # fmt: skip
        return path.read_bytes()

    def sign(self, text: str) -> str:
        """What an insider with the key can do."""
        sign = sign_by(self.office.database, self.settings)
        assert sign is not None
        return sign(text)


def packed(files: Files) -> bytes:
    """An archive written as ours are."""
    out = BytesIO()
    with zipfile.ZipFile(out, "x", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 0, 0o600 << 16
            archive.writestr(info, content)
    return out.getvalue()


def unpacked(raw: bytes) -> Files:
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def recounted(files: Files) -> Files:
    """With a manifest that is right for what is there."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"bytes": len(content), "sha256": sha256(content).hexdigest()}
        for name, content in files.items()
        if not name.startswith("manifest.")
    }
    return {**files, "manifest.json": json_of(manifest)}


def signed(house: House, files: Files) -> Files:
    """With a manifest that is right, and signed with the house's own key: an insider's work."""
    made = recounted(files)
    number = json.loads(made["manifest.json"])["case"]
    return {**made, "manifest.note": house.sign(statement(number, made["manifest.json"])).encode()}


def rejected(raw: bytes, keys: list[Any]) -> str:
    """Why; fails when it is accepted."""
    module = verifier()
    with pytest.raises(module.Rejected) as caught:
        module.verify(raw, keys)
    return str(caught.value)


def steps_of(files: Files) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files["steps.jsonl"].splitlines()]


def with_steps(files: Files, steps: list[dict[str, Any]]) -> Files:
    return {**files, "steps.jsonl": lines_of(steps)}


def chained(files: Files, steps: list[dict[str, Any]]) -> Files:
    """The history somebody wrote anew, numbered and with hashes that follow, as far as anything in the file can say."""
    previous = chain.GENESIS
    for number, step in enumerate(steps, start=1):
        step["seq"] = number
        columns = [step[name] for name in verifier().COLUMNS]
        step["previous"] = previous.hex()
        previous = chain.link(previous, columns)
        step["hash"] = previous.hex()
    facts = json.loads(files["case.json"])
    facts |= {"head": previous.hex(), "steps": len(steps), "sealed": min(facts["sealed"], len(steps))}
    proofs = files["proofs.jsonl"].splitlines(keepends=True)[: facts["sealed"]]
    return {**with_steps(files, steps), "case.json": json_of(facts), "proofs.jsonl": b"".join(proofs)}
