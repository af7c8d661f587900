"""Who had a customer and what it brought in, as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from web.context import workflow
from web.language import current, title
from workflow.messages.catalogue import find
from workflow.service.revenue import Held, StintRow


@dataclass(frozen=True, slots=True)
class Month:
    """`cents` of all products; `parts` by product's title. `wide`: percent of the best month."""

    month: str
    cents: int
    parts: Mapping[str, int]
    wide: float


def months(held: Held) -> list[Month]:
    """The newest first."""
    products = workflow().library.revenue.products
    most = max((sum(figures.values()) for figures in held.months.values()), default=0)
    return [
        Month(
            month,
            sum(figures.values()),
            {title(products[one]) if one in products else one: cents for one, cents in figures.items()},
            round(100 * max(sum(figures.values()), 0) / most, 1) if most > 0 else 0.0,
        )
        for month, figures in held.months.items()
    ]


def reason(stint: StintRow) -> str:
    """What a stint began with: the transition of the case that brought it about, or what was done to the record."""
    library = workflow().library
    if stint.definition is None or stint.version is None:
        return find(current(), "admin", stint.trigger) or str(gettext("owned.changed"))
    rules = library.get(stint.definition, stint.version)
    found = next((one.title for one in rules.transitions if one.trigger == stint.trigger), None)
    return str(gettext("owned.by", lifecycle=title(rules.title), action=title(found) if found else stint.trigger))
