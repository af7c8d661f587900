"""How many rows very many lists have, asked in one statement.

A shelf of lists is counted on every page of the inbox. Putting the question together takes longer than answering it, so
its text is kept: it is the same for a reader as long as roles and lists stay what they are, and only moments change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Connection, Select, bindparam, func, select
from sqlalchemy.engine import Dialect

from workflow.core.moments import micros
from workflow.storage.queries.paging import COUNTED

MOST = 1000

Ask = Callable[[Callable[[str], Any]], Select[Any]]
"""Makes the query of a list; given how to name a moment that is told when the question is asked."""


@dataclass(frozen=True, slots=True)
class Question:
    """The query of a list. `key` tells it from every other, moments aside, and from other readers' of it."""

    key: object
    ask: Ask


@dataclass(frozen=True, slots=True)
class Text:
    """A statement as the driver takes it: its parameters by name, and their order where it goes by place."""

    text: str
    values: Mapping[str, Any]
    order: tuple[str, ...] | None

    def told(self, moments: Mapping[str, int]) -> Any:
        values = {**self.values, **moments}
        return values if self.order is None else tuple(values[name] for name in self.order)


def counts(
    connection: Connection, questions: Mapping[str, Question], moments: Mapping[str, datetime]
) -> dict[str, tuple[int, bool]]:
    """How many rows each list has, counted up to COUNTED; and whether that is all of them."""
    if not questions:
        return {}
    text = _text(tuple(questions.values()), sorted(moments), connection.dialect)
    told = text.told({name: micros(at) for name, at in moments.items()})
    row = connection.exec_driver_sql(text.text, told).one()
    return {name: (min(found, COUNTED), found <= COUNTED) for name, found in zip(questions, row, strict=True)}


_texts: dict[object, Text] = {}
"""Thrown away together when there are MOST: roles change seldom."""


def _text(questions: tuple[Question, ...], moments: Iterable[str], dialect: Dialect) -> Text:
    key = (dialect.name, *moments, *(question.key for question in questions))
    found = _texts.get(key)
    if found is None:
        if len(_texts) >= MOST:
            _texts.clear()
        found = _texts[key] = _made(questions, moments, dialect)
    return found


def _made(questions: Iterable[Question], moments: Iterable[str], dialect: Dialect) -> Text:
    parameters: dict[str, BindParameter[int]] = {name: bindparam(name, 0, type_=BigInteger) for name in moments}
    whole = select(*_columns(questions, parameters.__getitem__))
    compiled: Any = whole.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    order = compiled.positiontup
    return Text(str(compiled), dict(compiled.params), None if order is None else tuple(order))


def _columns(questions: Iterable[Question], moment: Callable[[str], Any]) -> Iterable[Any]:
    for place, question in enumerate(questions):
        some = question.ask(moment).limit(COUNTED + 1).order_by(None).subquery()
        yield select(func.count()).select_from(some).scalar_subquery().label(f"list_{place}")
