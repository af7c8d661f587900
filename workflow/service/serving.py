"""The figures of service: shares of what was to be done in time, and the runs behind each (004 §2.2 E, 002 §9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from workflow.core.moments import micros
from workflow.core.step import Actor
from workflow.definitions.measures import Service
from workflow.service.measures import Settled
from workflow.service.reads import Reads
from workflow.service.views.clocks import ClockRow
from workflow.service.views.lists import Filters, Page
from workflow.storage.queries import measures, results
from workflow.storage.queries.measures import Span, Verdict
from workflow.storage.queries.paging import AnyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Served(Settled):
    """What one of the standards counts."""

    measure: Service


class Serving(Reads):
    def service(self, reader: Actor, span: Span, *, filters: Filters | None = None) -> list[Served]:
        """The figures of the standards, in their order, over the cases the reader may see; one statement."""
        with self._read(reader) as (connection, shown):
            query = measures.runs(shown.reader, filters, span)
            some = self.library.standards.service
            found = results.counted(connection, [results.served(query, one.clock, one.values) for one in some])
        counts = {(place, verdict): count for place, verdict, count in found}
        return [
            Served(measure=one, **{verdict: counts.get((place, verdict), 0) for verdict in get_args(Verdict)})
            for place, one in enumerate(some)
        ]

    def service_behind(
        self,
        reader: Actor,
        span: Span,
        place: int,
        *,
        verdict: Verdict | None = None,
        filters: Filters | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[ClockRow]:
        """The runs one of the figures counts, or those of one verdict; what was settled last first.

        Raises IndexError where there are not so many figures.
        """
        measure = self.library.standards.service[place]
        with self._read(reader) as (connection, shown):

            def show(rows: Sequence[AnyRow]) -> Iterable[ClockRow]:
                beside = self._beside(connection, {row.case_id for row in rows})
                return [shown.clock(row, row, beside) for row in rows]

            query = results.served(measures.runs(shown.reader, filters, span), measure.clock, measure.values)
            return self._paged(
                connection,
                measures.only(query, span, verdict=verdict),
                measures.newest,
                like=(0, 0, "", 0),
                key=lambda row: (micros(row.breached or row.ended), row.case_id, row.name, row.run),
                shown=show,
                after=after,
                limit=limit,
            )
