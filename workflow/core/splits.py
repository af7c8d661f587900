"""How the revenue of a customer is shared between units: dated, in hundredths of a percent, always a whole.

A split holds from a month on. A schedule (000 §3.2.3) is one split for each of its years, all fixed at once, so
that they take effect by the calendar and no timer can be late. A share without a unit is that of whoever keeps the
customer: a change of manager, of tier or of the keeping unit leaves the schedule as it is (domain §4.3(4)). It ends
where the customer is given up: an order says so, like any other from its month on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from workflow.core.errors import SplitUneven

WHOLE = 10_000
"""100.00 % in hundredths of a percent."""


@dataclass(frozen=True, slots=True)
class Share:
    """`unit` None: whoever keeps the customer then. `person` None: whoever leads for that unit then."""

    unit: int | None
    person: int | None
    hundredths: int


@dataclass(frozen=True, slots=True)
class Split:
    """What holds from a month (`2026-03`) on. Raises `SplitUneven` unless the shares are a whole."""

    since: str
    shares: tuple[Share, ...]

    def __post_init__(self) -> None:
        total = sum(share.hundredths for share in self.shares)
        if total != WHOLE or any(share.hundredths < 0 for share in self.shares):
            raise SplitUneven(total=f"{Decimal(total) / 100:.2f}")


KEPT: tuple[Share, ...] = (Share(None, None, WHOLE),)
"""What holds before anything was fixed: all of it is the keeper's."""


def hundredths(percent: str | int | float | Decimal) -> int:
    """A percentage in hundredths of a percent. Raises `SplitUneven` for one beyond 100, or with over two places."""
    exact = Decimal(str(percent)) * 100
    if exact != exact.to_integral_value() or not 0 <= exact <= WHOLE:
        raise SplitUneven(total=str(percent))
    return int(exact)


def month_of(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m}"


def later(month: str, months: int) -> str:
    """The month so many after another."""
    year, place = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + months, 12)
    return f"{year:04}-{place + 1:02}"


def fixed(since: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The order to share from a month on as rows of `unit` and `percent` say; a unit named twice has both parts."""
    shares: dict[int, int] = {}
    for row in rows:
        shares[row["unit"]] = shares.get(row["unit"], 0) + hundredths(row["percent"])
    Split(since, tuple(Share(unit, None, part) for unit, part in shares.items()))
    return {"since": since, "shares": [[unit, part] for unit, part in shares.items()]}


def by_year(since: str, years: Sequence[Any], *, unit: int, person: int | None) -> dict[str, Any]:
    """The order to give a developer so many percent in each year from a month on, the last for good."""
    return {"since": since, "years": [hundredths(one) for one in years], "unit": unit, "person": person}


def ended(since: str) -> dict[str, Any]:
    """The order that from a month on all is the keeper's again, whatever was fixed for it and later months."""
    return {"since": since, "shares": [[None, WHOLE]]}


def ordered(before: Sequence[Split], order: Mapping[str, Any]) -> tuple[Split, ...]:
    """The splits an order makes, from its month on, out of what held until then.

    A schedule divides what the developing unit and the keeper have between them; what was fixed for others stays.
    Where nothing is fixed for the month or a later one there is nothing to end, and no split is made.
    """
    since: str = order["since"]
    if order == ended(since) and not _fixed_from(before, since):
        return ()
    if "shares" in order:
        return (Split(since, tuple(Share(unit, None, part) for unit, part in order["shares"])),)
    now = in_force(before, since)
    unit, person = order["unit"], order["person"]
    others = tuple(share for share in now if share.unit not in (None, unit))
    pool = WHOLE - sum(share.hundredths for share in others)
    made = []
    for place, year in enumerate(order["years"]):
        theirs = pool * year // WHOLE
        parts = (Share(unit, person, theirs), Share(None, None, pool - theirs))
        made.append(Split(later(since, 12 * place), (*(p for p in parts if p.hundredths), *others)))
    return tuple(made)


def in_force(splits: Sequence[Split], month: str) -> tuple[Share, ...]:
    """The shares of a month, of splits in the order of their months."""
    found = KEPT
    for split in splits:
        if split.since > month:
            break
        found = split.shares
    return found


def _fixed_from(splits: Sequence[Split], month: str) -> bool:
    """Whether anybody but the keeper has a share in the month or in a later one."""
    later_on = (split.shares for split in splits if split.since > month)
    return any(shares != KEPT for shares in (in_force(splits, month), *later_on))


def taken(held: Sequence[Any], order: Mapping[str, Any]) -> list[Any]:
    """What a record holds of its splits after an order."""
    before = read(held)
    return [written(split) for split in followed(before, ordered(before, order))]


def followed(before: Sequence[Split], made: Sequence[Split]) -> tuple[Split, ...]:
    """What holds after an order that made some splits, in the order of their months: those before its first month, then
    its own. One that made none leaves all as it is."""
    return (*(split for split in before if not made or split.since < made[0].since), *made)


def read(held: Sequence[Any]) -> tuple[Split, ...]:
    return tuple(Split(since, tuple(Share(*share) for share in shares)) for since, shares in held)


def written(split: Split) -> list[Any]:
    return [split.since, [[share.unit, share.person, share.hundredths] for share in split.shares]]


def parts(cents: int, shares: Sequence[int]) -> list[int]:
    """An amount divided by shares, to the cent and adding up: the largest remainders get the cents left over.

    Of equal remainders the first gets one. An amount below nothing is divided like its opposite.
    """
    if cents < 0:
        return [-part for part in parts(-cents, shares)]
    whole = sum(shares)
    found = [cents * share // whole for share in shares]
    order = sorted(range(len(shares)), key=lambda place: (-(cents * shares[place] % whole), place))
    for place in order[: cents - sum(found)]:
        found[place] += 1
    return found
