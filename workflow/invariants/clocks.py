"""Every deadline is met in time, breached once, or running with its due moment to come; ladders go step by step."""

from __future__ import annotations

from typing import Any

from workflow.invariants.rule import Finding
from workflow.invariants.tables import History, Row, Tables, asked

Run = tuple[str, int]


def verdicts(tables: Tables, end: int, stood: set[tuple[int, str, int]], finding: Finding) -> None:
    """What every run of every clock came to. One that `stood` still when it was met or stopped was not late."""
    for case, name, run, state, started, due, breached, ended in asked(
        tables,
        "SELECT case_id, name, run, status, started, due, breached, ended FROM clocks ORDER BY case_id, name, run",
    ):
        said = f"case {case}: clock {name}, run {run}, {state}"
        if state in ("running", "paused"):
            holds = ended is None and (breached is not None or state == "paused" or due >= end)
        else:
            late = ended is not None and ended > due
            holds = (
                state in ("met", "stopped")
                and ended is not None
                and (breached is not None or not late or (case, name, run) in stood)
            )
        finding.look(holds and (breached is None or started <= breached <= end), said)


def breached_once(history: History, finding: Finding) -> tuple[dict[Run, dict[str, Any]], set[Run]]:
    """A breach that was written down is never another one later, nor none.

    Gives how each run stands, and those that stand still, or did when they were met or stopped.
    """
    runs: dict[Run, dict[str, Any]] = {}
    stood: set[Run] = set()
    for step in history.steps:
        for op, body in step.ops:
            if op == "clock":
                run = body["name"], body["run"]
                before = runs.get(run, {}).get("breached")
                finding.look(
                    before is None or body.get("breached") == before,
                    f"{history.number}: the breach of {run[0]}, run {run[1]}, is another one in step {step.seq}",
                )
                stands = body["status"] == "paused" or (body["status"] in ("met", "stopped") and run in stood)
                stood = stood | {run} if stands else stood - {run}
                runs[run] = body
    return runs, stood


def as_kept(history: History, runs: dict[Run, dict[str, Any]], rows: dict[int, list[Row]], finding: Finding) -> None:
    """The rows of clocks are what the histories say."""
    said = {run: (body["status"], body["due"], body.get("breached"), body.get("ended")) for run, body in runs.items()}
    kept = {(name, run): (state, due, breached, ended) for _, name, run, state, due, breached, ended in
            rows.get(history.id, ())}  # fmt: skip
    finding.look(said == kept, f"{history.number}: the rows of its clocks are not what its history says")


def ladder(history: History, finding: Finding) -> None:
    """The rungs of a run come in order and once, its levels rise. A due moment that moves puts rungs ahead again."""
    runs: dict[Run, dict[str, Any]] = {}
    levels: dict[Run, list[tuple[int, int]]] = {}
    for step in history.steps:
        for op, body in step.ops:
            if op == "clock":
                run = body["name"], body["run"]
                was = runs.get(run, body)
                before, now = was.get("rung", 0), body.get("rung", 0)
                if before & ~now:
                    levels[run] = []
                    holds = was["due"] != body["due"]
                else:
                    fresh = now & ~before
                    holds = not fresh or fresh & -fresh > before
                finding.look(holds, f"{history.number}: a rung of {run[0]} is out of order in step {step.seq}")
                runs[run] = body
            elif op == "escalation+":
                raised = levels.setdefault((body["clock"], body["run"]), [])
                place = body["level"], body.get("again", 0)
                firsts = [level for level, again in raised if not again]
                holds = place not in raised and (place[1] > 0 or not firsts or place[0] >= firsts[-1])
                finding.look(
                    holds, f"{history.number}: level {place[0]} of {body['clock']} is out of order in step {step.seq}"
                )
                raised.append(place)
