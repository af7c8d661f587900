"""Bringing a checked table of customers in, a portion a transaction, each row a step; and taking it back.

What each row does was decided when the file was checked and is kept with it: a row whose customer was changed since, or
put on file by somebody else, is left out and said so. What is cut off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.audit.exports.table import Heading, write_xlsx
from workflow.core.errors import CaseMovedOn, CustomerKnown, Refused
from workflow.core.step import Actor
from workflow.intake.customer_cells import COLUMNS, explained
from workflow.intake.customer_table import CHANGED, NEW, SAME, Checked, changed, check, counted, read_table, values_of
from workflow.intake.sheet import SECTION, Fault, title
from workflow.messages.catalogue import find
from workflow.service.batch import Batch
from workflow.service.door import Workflow
from workflow.storage.uploads import Upload

KIND = "customers"
PORTION = 100
"""Rows of a transaction."""

ALL = 1 << 30
"""More commands than a portion has: the batch commits when it is told to."""


def keep(workflow: Workflow, name: str, content: bytes, *, mode: str, actor: Actor) -> int:
    """Check a table and keep it, ready to be applied; gives its id. Raises `SheetUnfit`, `Refused`."""
    checked = check(workflow, content, mode=mode, actor=actor)
    plan = [[one.row, one.customer or 0, one.seq or 0] for one in checked.meanings if one.does != SAME]
    report: dict[str, Any] = {
        "mode": mode,
        "good": len(plan),
        "bad": len({fault.row for fault in checked.faults}),
        **{does: checked.count(does) for does in (NEW, CHANGED, SAME)},
        "fields": counted(checked),
        "others": checked.sheet.others[:20],
        "before": workflow.uploaded_before(KIND, content),
        "faults": [[one.row, one.column, one.code, dict(one.facts)] for one in checked.faults],
        "plan": plan,
        "left": [],
        "stands": [],
    }
    whole = -(-len(plan) // PORTION)
    return workflow.keep_upload(KIND, name, content, rows=checked.sheet.count, whole=whole, report=report, actor=actor)


def faults_of(upload: Upload) -> list[Fault]:
    """As they were found, and the rows that were left out when the file was applied."""
    return [Fault(row, column, code, facts) for row, column, code, facts in upload.report["faults"]] + [
        Fault(row, "", code, facts) for row, code, facts in upload.report["left"]
    ]


def preview(workflow: Workflow, upload: int, reader: Actor) -> Checked:
    """What a file that is not applied yet would do by now."""
    row = workflow.upload(upload, reader).upload
    content = workflow.upload_content(upload, reader)
    who = Actor(row.person) if row.person is not None else reader
    return check(workflow, content, mode=row.report["mode"], actor=who)


def apply(workflow: Workflow, upload: int, *, actor: Actor, most: int | None = None) -> None:
    """Apply the portions of a file that are not yet, up to `most` of them. Raises `Refused`."""
    row = workflow.upload(upload, actor).upload
    plan = row.report["plan"]
    sheet = read_table(workflow.upload_content(upload, actor))
    last = row.whole if most is None else row.position + most
    values = values_of(sheet, [no for no, _, _ in plan[row.position * PORTION : last * PORTION]])
    with workflow.batch(every=ALL) as batch:
        while True:
            held = batch.begin_portion(upload, kind=KIND, actor=actor, among=("checked", "applying", "applied"))
            if held.position >= min(held.whole, last):
                return
            rows = plan[held.position * PORTION : (held.position + 1) * PORTION]
            made, left = _apply(batch, rows, values, held.name, actor)
            position = held.position + 1
            state = "applied" if position == held.whole else "applying"
            said = {**held.report, "left": [*held.report["left"], *left]}
            batch.end_portion(held, state=state, position=position, report=said, made=made)
            batch.commit()


def _apply(
    batch: Batch, rows: Sequence[Sequence[int]], values: Mapping[int, Mapping[str, Any]], name: str, actor: Actor
) -> tuple[list[tuple[int, int]], list[list[Any]]]:
    made: list[tuple[int, int]] = []
    left: list[list[Any]] = []
    for row, customer, seq in rows:
        try:
            if not customer:
                made.append((batch.register_customer(values[row], actor=actor), 1))
                continue
            given = {key: value for key, value in values[row].items() if key != "division"}
            new = changed(given, batch.current(customer).data)
            batch.change_customer(customer, new, reason=name, seen=seq, actor=actor)
            made.append((customer, batch.current(customer).seq))
        except CustomerKnown as known:
            left.append([row, "came_since", {"number": str(known.facts["number"])}])
        except CaseMovedOn:
            left.append([row, "moved_since", {}])
        except Refused as refused:
            left.append([row, "refused_since", {"code": refused.code}])
    return made, left


def take_back(workflow: Workflow, upload: int, *, actor: Actor) -> int:
    """Take back a portion of a file; gives how many of its steps are still to be looked at. Raises `Refused`.

    A step whose values were changed since, or of whose customer something came, stands, and is listed.
    """
    with workflow.batch(every=ALL) as batch:
        held = batch.begin_portion(upload, kind=KIND, actor=actor, among=("applying", "applied", "undoing"))
        after = held.report.get("undone_to", 0)
        steps = batch.upload_steps(upload, actor, limit=PORTION + 1, after=after)
        undone: list[tuple[int, int, int]] = []
        stands: list[list[Any]] = []
        for customer, seq in steps[:PORTION]:
            try:
                by = batch.take_back_customer(customer, seq, actor=actor, reason=held.name)
                undone.append((customer, seq, by))
            except Refused as refused:
                stands.append([customer, str(batch.current(customer).data["number"]), refused.code])
        report = {**held.report, "stands": [*held.report["stands"], *stands]}
        if steps:
            report["undone_to"] = steps[:PORTION][-1][0]
        rest = len(steps) > PORTION
        state = "undoing" if rest else "undone"
        batch.end_portion(held, state=state, position=held.position, report=report, undone=undone)
        batch.commit()
        return len(steps) - PORTION if rest else 0


def template(path: Path, *, language: str) -> None:
    """An empty table with the columns' titles, and a page that says what goes into each."""
    headings = [Heading(title(language, column)) for column in COLUMNS]
    name = find(language, SECTION, "sheet_customers") or ""
    write_xlsx(path, name, headings, (), about=(title(language, "about"), explained(language)))
