"""What figures of revenue lead to: alerts of a month, and tiers proposed after a quarter, each once.

Nothing here decides on a customer: a case is opened, about the figures, and people go on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Any

from workflow.core import decide
from workflow.core.errors import Refused
from workflow.core.splits import later
from workflow.core.step import SYSTEM
from workflow.core.stints import OWNED
from workflow.core.world import customer_of
from workflow.customers.tiers import Grade, RevenueScheme, ScoreScheme, by_revenue, by_score
from workflow.definitions.revenue import Alerts
from workflow.service.statement import Statements
from workflow.storage.queries import revenue
from workflow.storage.queries.merges import merges

Scheme = ScoreScheme | RevenueScheme
YEAR = 12
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Movement:
    """A month's revenue in cents, what it is held against, and by how much it moved, in percent, exact."""

    customer: int
    month: str
    cents: int
    against: Fraction
    percent: Fraction

    def __str__(self) -> str:
        """`2026-03: 700.00 / 1200.00 = -41.66 %`: figures need no language."""
        moved = _places(self.percent)
        return f"{self.month}: {_yuan(self.cents)} / {_yuan(int(self.against))} = {moved:+} %"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`revenue` and `whole`, the unit's, in cents of the year to the quarter's end."""

    customer: int
    tier: str
    grade: Grade
    revenue: int
    whole: int


class Gradings(Statements):
    """Alerts and tiers."""

    def movements(self, month: str) -> list[Movement]:
        """Customers being kept whose revenue of a month moved by as much as an alert takes."""
        rules = self.library.revenue.alerts
        if rules is None:
            return []
        with self.database.reading() as connection:
            into = merges(connection)
            said = revenue.monthly(connection, later(month, -max(YEAR, rules.months)), month, into=into)
            kept = {row.id for row in revenue.graded(connection) if row.stage in OWNED}
        return list(moved([one for one in said if one[0] in kept], month, rules))

    def alert(self, month: str, *, at: datetime | None = None) -> int:
        """Open a case for each of a month's movements that has none yet; gives how many."""
        rules = self.library.revenue.alerts
        found = self.movements(month)
        with self.database.reading() as connection:
            known = revenue.alerted(connection, month)
        if rules is None:
            return 0
        wanted = {one.customer: {**rules.values, rules.about: str(one)} for one in found if one.customer not in known}
        return self._open_all(wanted, month, rules.opens, at)

    def proposals(self, quarter: str, *, scheme: Scheme) -> list[Proposal]:
        """Customers whose tier by the year up to a quarter's end (`2026-Q1`) is another one than they have.

        Only those with a figure of the quarter's last month: without it the year is not all there.
        """
        year, number = int(quarter[:4]), int(quarter[-1])
        last = f"{year}-{3 * number:02}"
        first = f"{year}-01" if isinstance(scheme, RevenueScheme) else later(last, 1 - YEAR)
        with self.database.reading() as connection:
            said = revenue.monthly(connection, first, last, into=merges(connection))
            customers = {row.id: row for row in revenue.graded(connection)}
        sums: dict[int, int] = {}
        units: dict[int | None, int] = {}
        for customer, _, cents in said:
            sums[customer] = sums.get(customer, 0) + cents
            unit = customers[customer].unit_id
            units[unit] = units.get(unit, 0) + cents
        complete = {customer for customer, month, _ in said if month == last}
        found = []
        for customer in sorted(complete):
            row = customers[customer]
            whole = units[row.unit_id]
            grade = graded(sums[customer], whole, number, scheme)
            if row.stage in OWNED and grade.tier != row.tier:
                found.append(Proposal(customer, grade.tier, grade, sums[customer], whole))
        return found

    def propose_tiers(self, quarter: str, *, scheme: Scheme, at: datetime | None = None) -> int:
        """Open a case for each proposal of a quarter that has none yet; gives how many."""
        review = self.library.revenue.review
        if review is None:
            return 0
        with self.database.reading() as connection:
            known = revenue.alerted(connection, quarter)
        wanted: dict[int, Mapping[str, Any]] = {}
        for one in self.proposals(quarter, scheme=scheme):
            if one.customer not in known:
                share = Fraction(one.revenue, one.whole) * 100 if one.whole > 0 else Fraction(0)
                told: Mapping[str, Any] = {
                    "tier": one.tier,
                    "revenue": _yuan(one.revenue),
                    "share": f"{min(max(_places(share), Decimal(0)), Decimal(100))}",
                    "why": f"{quarter}: {one.grade}",
                }
                wanted[one.customer] = {field: told[what] for what, field in review.fields.items()}
        return self._open_all(wanted, quarter, review.opens, at)

    def watch_revenue(self, *, scheme: Scheme, month: str, at: datetime | None = None) -> int:
        """Look at the newest months there are figures of, and at the last quarter, that are over; gives cases opened.

        `month`: the one it is now. Doing it again opens nothing twice.
        """
        with self.database.reading() as connection:
            newest = revenue.newest(connection)
        if newest is None:
            return 0
        # A month that runs has not all its figures yet; those of the one before it may have come late.
        last = min(newest, later(month, -1))
        opened = self.alert(last, at=at) + self.alert(later(last, -1), at=at)
        year, place = int(month[:4]), (int(month[5:]) - 1) // 3
        quarter = f"{year}-Q{place}" if place else f"{year - 1}-Q4"
        return opened + self.propose_tiers(quarter, scheme=scheme, at=at)

    def _open_all(
        self, wanted: Mapping[int, Mapping[str, Any]], period: str, definition: str, at: datetime | None
    ) -> int:
        """Open a case for each of some customers. One that is refused keeps nobody else's back; it is raised last."""
        opened = 0
        refusal: Refused | None = None
        for customer, values in wanted.items():
            try:
                opened += self._open_once(customer, period, definition, values, at)
            except Refused as refused:
                refusal = refused
        if refusal is not None:
            raise refusal
        return opened

    def _open_once(
        self, customer: int, period: str, definition: str, values: Mapping[str, Any], at: datetime | None
    ) -> bool:
        """Open a case about a period, unless there is one; two that would at once wait for each other."""
        now = at or self.clock()
        with self._refusing(SYSTEM, customer, f"open:{definition}", now), self._unit() as work:
            record = work.store.load(customer)
            if customer in revenue.alerted(work.connection, period):
                return False
            found = customer_of(record.case)
            rules = self.library.get(definition)
            case_id = work.store.new_id()
            decision = decide.open_case(
                rules, work.new_world(case_id, found, found.unit), case_id=case_id,
                number=rules.number(case_id), customer=customer, unit=found.unit, form=values, actor=SYSTEM,
                at=now, recorded=now,
            )  # fmt: skip
            work.begin(case_id, found, decision)
            work.flush()
            revenue.alert(work.connection, customer, period, case_id, now)
            return True


def moved(said: list[tuple[int, str, int]], month: str, rules: Alerts) -> Iterator[Movement]:
    """Which customers' figures of a month moved by as much as an alert takes, against the same months before.

    Against the same month of the year before; where that has no figure, against the mean of the months before this
    one, of which each must have one. Without anything to hold it against, nothing moved.
    """
    figures: dict[int, dict[str, int]] = {}
    for customer, which, cents in said:
        figures.setdefault(customer, {})[which] = cents
    for customer, months in figures.items():
        if month not in months:
            continue
        before = [later(month, -YEAR)]
        if before[0] not in months:
            before = [later(month, -place) for place in range(1, rules.months + 1)]
        if any(one not in months for one in before):
            continue
        against = Fraction(sum(months[one] for one in before), len(before))
        if against <= 0:
            continue
        percent = (months[month] - against) / against * 100
        if percent <= -rules.drop or percent >= rules.jump:
            yield Movement(customer, month, months[month], against, percent)


def graded(cents: int, whole: int, quarter: int, scheme: Scheme) -> Grade:
    """A customer's tier by its own and its unit's revenue, in cents."""
    own, units = Decimal(cents).scaleb(-2), Decimal(whole).scaleb(-2)
    if isinstance(scheme, RevenueScheme):
        return by_revenue(own, scheme=scheme, quarter=quarter)
    return by_score(own, unit_revenue=units, scheme=scheme)


def _yuan(cents: int) -> str:
    return f"{Decimal(cents).scaleb(-2):.2f}"


def _places(value: Fraction) -> Decimal:
    """Two places, towards nothing."""
    return (Decimal(value.numerator) / value.denominator).quantize(CENT, rounding=ROUND_DOWN)
