"""Answers to forms, drawn by chance: right ones, so that a case can be driven anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from workflow.core.definition.fields import Field, FormField
from workflow.core.definition.lifecycle import Definition

WORDS = ("已联系客户", "客户同意", "按期完成", "needs a second visit", "资料齐全", "emoji 📦", "“引号”", "O'Brien; --")


def answers(
    definition: Definition,
    form: Iterable[FormField],
    rng: Random,
    *,
    at: datetime,
    persons: Sequence[int],
    units: Sequence[int],
) -> dict[str, Any]:
    """A filled form; optional fields are left out now and then."""
    return {
        asked.name: answer(definition.fields[asked.name], rng, at=at, persons=persons, units=units)
        for asked in form
        if asked.required or rng.random() < 0.7
    }


def answer(field: Field, rng: Random, *, at: datetime, persons: Sequence[int], units: Sequence[int]) -> Any:
    """A value the field takes."""
    low = field.minimum if field.minimum is not None else Decimal(0)
    high = field.maximum if field.maximum is not None else low + 1000
    match field.type:
        case "line" | "text":
            text = rng.choice(WORDS)
            while len(text) < low:
                text += text
            return text[: int(high)] if field.maximum is not None else text
        case "number":
            return rng.randint(int(low), int(high))
        case "money":
            return str(low + Decimal(rng.randint(0, int((high - low) * 100))) / 100)
        case "percent":
            return str(Decimal(rng.randint(int(low), 100)))
        case "date":
            return (at + timedelta(days=rng.randint(-5, 60))).date().isoformat()
        case "moment":
            return (at - timedelta(hours=rng.randint(0, 5))).isoformat()
        case "yesno":
            return rng.random() < 0.5
        case "choice":
            return rng.choice(list(field.of))
        case "choices":
            return rng.sample(list(field.of), rng.randint(1, len(field.of)))
        case "person":
            return rng.choice(persons)
        case "unit":
            return rng.choice(units)
        case "rows":
            return _rows(field, rng, at=at, persons=persons, units=units)
        case "file":
            return 1
    raise AssertionError(field.type)


def _rows(field: Field, rng: Random, *, at: datetime, persons: Sequence[int], units: Sequence[int]) -> Any:
    row = {c.name: answer(c, rng, at=at, persons=persons, units=units) for c in field.columns}
    return [{**row, **{name: str(total) for name, total in field.sums.items()}}]
