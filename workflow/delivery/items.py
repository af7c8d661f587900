"""Messages of the outbox in the words of a reader."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from workflow import messages
from workflow.core.directory import Directory
from workflow.delivery.letters import Item
from workflow.messages.notices import Own
from workflow.service.door import Workflow


def told(rows: Sequence[Any], language: str, *, workflow: Workflow, zone: tzinfo, home: str) -> list[Item]:
    """Each row in a language; moments are told in the zone."""
    directory, wordings = workflow.directory(), workflow.wordings()
    return [
        _item(
            row,
            language,
            directory,
            own=wordings.own(row.kind, language, row.created),
            workflow=workflow,
            zone=zone,
            home=home,
        )
        for row in rows
    ]


def link(home: str, case: int) -> str:
    """Where a case is shown."""
    return f"{home}/cases/{case}/"


def _where(home: str, row: Any) -> str:
    """What a message leads to: its case, or what verification found."""
    return f"{home}/audit/log/verification" if row.kind == "damage" else link(home, row.case_id)


def _item(
    row: Any, language: str, directory: Directory, *, own: Own, workflow: Workflow, zone: tzinfo, home: str
) -> Item:
    definition = workflow.library.versions.get((row.definition, row.version))
    names = messages.Names(definition=definition, directory=directory, zone=zone)
    body: Mapping[str, Any] = json.loads(row.body)
    customer = row.name_zh if language == "zh" else row.name_en
    return Item(
        sentence=messages.notice(row.kind, body, language, names=names, own=own),
        number=row.number,
        lifecycle=names.lifecycle(language) or row.definition,
        customer=customer or "",
        link=_where(home, row),
        level=int(body.get("level") or 0) if row.kind == "escalation" else 0,
    )
