"""The file of one case: everything that is needed to read it, and to check it without us.

manifest.json      every other file with its size and SHA-256; manifest.note: a signed note over it
case.json          the case in facts: number, state, hash of its last step, how many steps are sealed, linked cases
steps.jsonl        the history: every column as it is stored, a line each
vault.jsonl        every commitment of the history, with salt and value, or `erased`, or `withheld`
files.json         the attachments; files/ID: their content
definitions/       the lifecycle's text, every version the history used; calendars/: likewise
proofs.jsonl       for each sealed step where it is in the log, and the path to the root; checkpoint.note: that root
consistency.jsonl  for checkpoints before it that somebody may have kept: the proof that this log begins with theirs
report.*           for people, in both languages
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from hashlib import sha256
from pathlib import Path
from typing import Any

from workflow import Actor, Workflow
from workflow.audit.exports import paper, pdf, web_page
from workflow.audit.exports.archive import Archive, json_of, lines_of
from workflow.audit.exports.export import Made, digest, written
from workflow.audit.exports.wording import Wording
from workflow.core.errors import CaseDamaged
from workflow.core.moments import micros
from workflow.core.notes import written as base64s
from workflow.service.courses import StoredCase
from workflow.service.verification import verify
from workflow.service.views.cases import LinkRow
from workflow.storage.database import Database

FORMAT = "baton case file 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What the log knows of a case. `note`: the signed checkpoint; `size` of its tree, `origin` of its log.

    `proofs`: number of a step → its place in the log, and the path from its leaf to the root. `earlier`: size of a
    checkpoint before it → the path that proves its log to be the beginning of this one's.
    """

    note: str
    origin: str
    size: int
    proofs: Mapping[int, tuple[int, Sequence[bytes]]]
    earlier: Mapping[int, Sequence[bytes]] = field(default_factory=dict)


Sign = Callable[[str], str]
"""A text → the signed note over it."""


def export_case(
    workflow: Workflow,
    case: int,
    reader: Actor,
    path: Path,
    *,
    zone: tzinfo,
    seal: Seal | None,
    sign: Sign | None,
    personal: bool = False,
) -> Made:
    """Write the case's file and keep who took it.

    `seal` None: no step is sealed; `sign` None: there is no key, and the manifest is not signed. `personal`: with the
    personal values and attachments that the reader may see anyway. Raises CaseNotFound, OSError, CaseFileTooLarge, and
    CaseDamaged: the report is made from what is stored, and nothing is signed that the history does not say.
    """
    stored = workflow.stored(case, reader, personal=personal)
    _insist_whole(workflow.database, stored)
    with written(path) as beside:
        archive = Archive(beside)
        for name, content in contents(workflow, stored, reader, zone=zone, seal=seal):
            archive.add(name, content)
        number = stored.view.row.number
        manifest = json_of({"format": FORMAT, "case": number, "files": archive.manifest})
        archive.add("manifest.json", manifest)
        if sign is not None:
            archive.add("manifest.note", sign(statement(number, manifest)).encode())
        archive.close()
        made = Made(cases=1, rows=len(stored.steps), sha256=digest(beside))
        detail = {"personal": stored.open, "steps": made.rows, "sha256": made.sha256}
        workflow.note_read("export.case", reader, case=case, detail=detail)
    return made


def _insist_whole(database: Database, stored: StoredCase) -> None:
    row = stored.view.row
    for one in filter(None, (row.id, row.customer.id if row.customer is not None else None)):
        found = verify(database, one)
        if not found.holds:
            raise CaseDamaged(number=found.number)


def statement(number: str, manifest: bytes) -> str:
    """What is signed of a case file. Its second line can be no size, so that it never reads as a checkpoint."""
    return f"{FORMAT}\ncase {number}\nmanifest {sha256(manifest).hexdigest()}\n"


def contents(
    workflow: Workflow, stored: StoredCase, reader: Actor, *, zone: tzinfo, seal: Seal | None
) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file but the manifest."""
    sealed = _sealed(stored, seal)
    yield "case.json", json_of(_facts(stored, seal, sealed))
    yield "steps.jsonl", lines_of({name: _plain(held) for name, held in one.items()} for one in stored.steps)
    yield "vault.jsonl", lines_of(_secrets(stored))
    yield from _attachments(workflow, stored, reader)
    for name, version, _, text in stored.texts:
        yield f"definitions/{name}-{version}.yaml", text.encode()
    for name, version, text in stored.calendars:
        yield f"calendars/{name}-{version}.json", text.encode()
    if seal is not None and sealed:
        yield (
            "proofs.jsonl",
            lines_of(
                {"seq": seq, "index": seal.proofs[seq][0], "path": base64s(seal.proofs[seq][1])}
                for seq in range(1, sealed + 1)
            ),
        )
        yield "checkpoint.note", seal.note.encode()
        if seal.earlier:
            proven = ({"size": size, "path": base64s(seal.earlier[size])} for size in sorted(seal.earlier))
            yield "consistency.jsonl", lines_of(proven)
    for language in ("zh", "en"):
        wording = Wording(workflow.library, workflow.directory(), language, zone)
        report = paper.report(stored, wording, seal=(seal.origin, seal.size, sealed) if seal and sealed else None)
        yield f"report.{language}.html", web_page.html(report).encode()
        yield f"report.{language}.pdf", pdf.pdf(report)


def _sealed(stored: StoredCase, seal: Seal | None) -> int:
    """How many steps, from the first on, are in the log; what is behind a gap does not count."""
    if seal is None:
        return 0
    return next((seq for seq in range(len(stored.steps)) if seq + 1 not in seal.proofs), len(stored.steps))


def _facts(stored: StoredCase, seal: Seal | None, sealed: int) -> dict[str, Any]:
    row, last = stored.view.row, stored.steps[-1]
    return {
        "format": FORMAT,
        "id": row.id,
        "number": row.number,
        "definition": row.definition,
        "version": row.version,
        "state": row.state,
        "opened": micros(row.opened),
        "closed": None if row.closed is None else micros(row.closed),
        "customer": None if row.customer is None else row.customer.number,
        "unit": None if row.unit is None else {"zh": row.unit.name.zh, "en": row.unit.name.en},
        "steps": len(stored.steps),
        "head": _plain(last["hash"]),
        "sealed": sealed,
        "log": {"origin": seal.origin, "size": seal.size} if seal is not None and sealed else None,
        "definitions": {f"{version}": text_hash for _, version, text_hash, _ in stored.texts},
        "parent": None if stored.view.parent is None else _linked(stored.view.parent),
        "linked": [_linked(one) for one in stored.view.links],
    }


def _linked(link: LinkRow) -> dict[str, Any]:
    return {"number": link.number, "name": link.name, "definition": link.definition}


def _secrets(stored: StoredCase) -> Iterator[dict[str, Any]]:
    for commitment, salt, value, erased in stored.vault:
        if erased is not None:
            yield {"commitment": commitment, "erased": micros(erased)}
        elif salt is None or value is None:
            yield {"commitment": commitment, "withheld": True}
        else:
            yield {"commitment": commitment, "salt": salt.hex(), "value": value}


def _attachments(workflow: Workflow, stored: StoredCase, reader: Actor) -> Iterator[tuple[str, bytes]]:
    listed = []
    for one in stored.view.files:
        content = workflow.file(one.case, one.id, reader).content if stored.open and not one.erased else None
        if content is not None:
            yield f"files/{one.id}", content
        about = {"id": one.id, "name": one.name, "type": one.type, "size": one.size, "sha256": one.sha256}
        listed.append({**about, "here": content is not None})
    yield "files.json", json_of(listed)


def _plain(held: Any) -> Any:
    return held.hex() if isinstance(held, bytes) else held
