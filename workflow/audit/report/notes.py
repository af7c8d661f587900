"""What auditors wrote in the period: findings with what was said to them, samples with their seeds, sign-offs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from workflow.audit.report.paper import Part, Period, Row, Words
from workflow.service.findings import Finding, Sample, SignOff
from workflow.storage.queries.audited import Over

FINDINGS = "/audit/findings/"


def findings(found: Sequence[Finding], over: Over, words: Words, *, of: Collection[int] | None) -> Part:
    """Raised in the period, or said something about in it. `of`: about these cases alone, None: about anything."""
    mine = [
        one
        for one in found
        if (of is None or one.case in of)
        and any(over.since <= at < over.until for at in (one.at, *(note.at for note in one.notes)))
    ]
    rows = []
    for one in mine:
        about = one.number or (_control(one.control, words) if one.control else "")
        about = words("step_of", number=about, seq=one.seq) if one.number and one.seq else about
        said = words.among("severity", one.severity), words.among("state", one.state)
        cells = (one.no, one.at, words.wording.name(one.by), about, *said, one.text)
        rows.append(Row(cells, FINDINGS, warn=one.state != "closed"))
        for note in one.notes:
            answer = (None, note.at, words.wording.name(note.by), "", "", words.among("said", note.kind), note.text)
            rows.append(Row(answer, FINDINGS))
    left = sum(one.state != "closed" for one in mine)
    columns = (
        words("no"), words("moment"), words("who"), words("about"), words("severity"), words("state"), words("text"),
    )  # fmt: skip
    return Part(
        key="findings", title=words("findings"), columns=columns, rows=rows, to=FINDINGS,
        notes=[words("findings_text", count=f"{len(mine):,}", left=f"{left:,}")],
    )  # fmt: skip


def samples(found: Sequence[Sample], over: Over, words: Words) -> Part:
    rows = [
        Row(
            (
                one.no,
                one.at,
                words.wording.name(one.by),
                words.among("of", one.of),
                one.definition or "",
                one.count,
                one.among,
                str(one.seed),
                words("period_to", since=_day(one.since, words), until=_day(one.until, words)),
            ),
            FINDINGS,
        )
        for one in found
        if over.since <= one.at < over.until
    ]
    columns = (
        words("no"), words("moment"), words("who"), words("of"), words("lifecycle"), words("drawn"), words("among"),
        words("seed"), words("period"),
    )  # fmt: skip
    return Part(key="samples", title=words("samples"), columns=columns, rows=rows, to=FINDINGS)


def sign_offs(found: Sequence[SignOff], period: Period, words: Words) -> Part:
    """Of the days of the period."""
    since, until, name = period.days["since"], period.days["until"], words.wording.name
    rows = [
        Row((one.at, name(one.by), words("period_to", since=one.since, until=one.until), one.text), FINDINGS)
        for one in found
        if one.since <= until and since <= one.until
    ]
    columns = (words("moment"), words("who"), words("period"), words("text"))
    return Part(key="sign_offs", title=words("sign_offs"), columns=columns, rows=rows, to=FINDINGS)


def _day(at: datetime | None, words: Words) -> str:
    return f"{at.astimezone(words.wording.zone):%Y-%m-%d}" if at is not None else ""


def _control(name: str, words: Words) -> str:
    control = next((one for one in words.wording.library.controls if one.name == name), None)
    return name if control is None else words.wording.text(control.title)
