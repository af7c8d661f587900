"""What the system knows of a customer, filled into a form for whoever writes it: theirs to check and to change.

Nothing of it is kept before the form is sent, and nothing is told that the reader may not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import gettext

from web import known, language
from workflow.core.definition.expressions import Text
from workflow.core.definition.fields import Field
from workflow.core.drafts import fitting
from workflow.service.views.actions import ActionField
from workflow.service.views.cases import CaseRow


def record(case: CaseRow) -> known.Record | None:
    """What the forms of a case are filled from; None where it is about no customer."""
    return None if case.customer is None else known.Record(case.customer.id, case.id)


def found(fields: Sequence[ActionField], record: known.Record | None) -> tuple[ActionField, ...]:
    """The fields of a form of a case, those that are empty and known filled in; as they are where the customer's
    file is closed to the reader."""
    empty = [one.field.name for one in fields if one.field.known and not one.value]
    if not empty or record is None or not record.readable:
        return tuple(fields)
    return tuple(_filled(one, record) if one.field.name in empty else one for one in fields)


def _filled(one: ActionField, record: known.Record) -> ActionField:
    told = list(known.sections(one.field.known, record))
    text = _together(told) if len(told) > 1 else told[0][1] or gettext("filled.nothing")
    return replace(one, value=fitting(one.field, text), field=_marked(one.field))


def _together(told: Sequence[tuple[str, str]]) -> str:
    """Each part under its heading; as of when on top, since it is read long after; what there is nothing of below."""
    moment = language.moment(language.now())
    if not any(text for _, text in told):
        return gettext("filled.empty", moment=moment)
    parts = [gettext("filled.as_of", moment=moment)]
    parts += [f"{gettext('filled.heading', name=heading)}\n{text}" for heading, text in told if text]
    if missing := [heading for heading, text in told if not text]:
        parts.append(gettext("filled.none_of", names=gettext("list.comma").join(missing)))
    return "\n".join(parts)


def _marked(field: Field) -> Field:
    """The field with a word on where what stands in it comes from."""
    here = gettext("filled.help")
    said = f"{field.help[language.current()]} {here}" if field.help else here
    return replace(field, help=Text(zh=said, en=said))
