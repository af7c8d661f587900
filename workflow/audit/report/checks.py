"""What was checked in the period: the log and its checkpoints, the histories played again, the controls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workflow.audit.report.paper import Part, Row, Words
from workflow.messages.damages import outcome
from workflow.service.shown import Shown
from workflow.storage import controls as stored
from workflow.storage import log
from workflow.storage.queries import audited
from workflow.storage.queries.audited import Over

if TYPE_CHECKING:
    from sqlalchemy import Connection

LOG, VERIFICATION, INCIDENTS, DESK = "/audit/log/", "/audit/log/verification", "/supervision/incidents", "/audit/"


def proof(connection: Connection, over: Over, words: Words) -> Part:
    """Whether everything was verified and found whole, and how far a checkpoint from outside says so."""
    runs, compared = audited.verifications(connection, over), audited.confirmations(connection, over)
    bad = [one for one in runs if one[2]]
    raised, left = audited.damaged(connection, over)
    before = log.last_confirmation(connection)
    rows = [
        Row((words("verified"), len(runs)), VERIFICATION, warn=not runs),
        Row((words("verified_last"), runs[0][0] if runs else None), VERIFICATION),
        Row((words("verified_steps"), runs[0][1] if runs else None), VERIFICATION),
        Row((words("verified_damaged"), len(bad)), VERIFICATION, warn=bool(bad)),
        Row((words("incidents"), raised), INCIDENTS, warn=bool(raised)),
        Row((words("incidents_open"), left), INCIDENTS, warn=bool(left)),
        Row((words("checkpoints"), audited.signed(connection, over)), LOG),
        Row((words("compared"), len(compared)), LOG, warn=not compared),
        *(
            Row((words("compared_not", outcome=outcome(name, words.language), size=f"{size:,}"), at), LOG, warn=True)
            for at, size, name in compared
            if name != "holds"
        ),
        Row((words("outside_last"), before["at"] if before is not None else None), LOG, warn=before is None),
        Row((words("sealed"), log.size(connection)), LOG),
        Row((words("waiting"), log.waiting(connection)), LOG),
    ]
    return Part(
        key="proof", title=words("proof"), columns=(words("what"), words("figure")), rows=rows, to=LOG,
        notes=[words("proof_now")],
    )  # fmt: skip


def replay(connection: Connection, shown: Shown, over: Over, words: Words) -> Part:
    """What the rules, run again, say: the runs of the period, and how what the reader may see stands now."""
    rows = [
        Row(
            (words("run", scope=words(f"scope_{run.scope}")), run.ended, run.looked, run.reproduced, run.differ),
            DESK,
            warn=bool(run.differ),
        )
        for run in audited.replayed(connection, over)
    ]
    histories, steps, reproduced, erased, unchecked, differing = audited.judged(connection, shown.reader, over)
    rows.append(Row((words("stands"), None, steps, reproduced, differing), DESK, warn=bool(differing)))
    notes = [words("stands_text", histories=f"{histories:,}", erased=f"{erased:,}", unchecked=f"{unchecked:,}")]
    columns = (words("run_of"), words("ended"), words("steps"), words("reproduced"), words("differ"))
    return Part(key="replay", title=words("replay"), columns=columns, rows=rows, to=DESK, notes=notes)


def controls(connection: Connection, shown: Shown, over: Over, words: Words) -> Part:
    """Each control: its nights in the period, and its exceptions in the first and the last of them."""
    nights = audited.nights(connection, over)
    last = {row.control: row for row in nights}
    here = audited.exceptions(connection, shown.reader, over, [row.id for row in last.values()])
    newest = stored.newest(connection)

    def told() -> Iterator[Row]:
        for control in words.wording.library.controls:
            mine = [row for row in nights if row.control == control.name]
            to = f"/audit/controls/{control.name}"
            if not mine:
                yield Row((words.wording.text(control.title), 0, None, None, None, None), to, warn=True)
                continue
            first, end = mine[0], mine[-1]
            # Of nights before the last there is, exceptions are counted and not listed any more.
            kept = here.get(end.id, 0) if newest[control.name].id == end.id else None
            moved = end.exceptions - first.exceptions
            trend = words("trend_other") if first.hash != end.hash else f"{moved:+,}" if moved else "0"
            title = words.wording.text(control.title)
            yield Row((title, len(mine), first.exceptions, end.exceptions, trend, kept), to, warn=bool(end.exceptions))

    columns = (
        words("control"), words("nights"), words("first_night"), words("last_night"), words("trend"), words("seen"),
    )  # fmt: skip
    return Part(
        key="controls", title=words("controls"), columns=columns, rows=list(told()), to="/audit/controls/",
        notes=[words("controls_text")],
    )  # fmt: skip
