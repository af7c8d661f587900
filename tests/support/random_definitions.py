"""Random lifecycles, all of them sound: a line of states to an end, and chance in everything beside it."""

import json
from typing import Any

from hypothesis import strategies as st

ROLES = {
    "worker": {"role": "account_manager", "of": "unit"},
    "keeper": {"role": "account_manager", "of": "customer.maintainer"},
    "clerk": {"role": "account_administrator", "of": "unit"},
    "boss": {"role": "director", "of": "unit"},
    "upper": {"role": "supervisor", "of": "unit.parent"},
    "starter": {"role": "account_manager", "of": "case.opener"},
}
FIELDS = {
    "size": {"type": "number", "min": 0, "max": 1000},
    "note": {"type": "line"},
    "story": {"type": "text", "personal": True},
    "agreed": {"type": "yesno"},
    "grade": {"type": "choice", "of": {"high": {"zh": "高", "en": "High"}, "low": {"zh": "低", "en": "Low"}}},
    "price": {"type": "money", "min": 0},
    "since": {"type": "moment"},
}
GUARDS = (
    "data.size > 10",
    "data.size <= 500 && !data.agreed",
    "data.agreed",
    "data.grade == 'high'",
    "!(has.note) || size(data.note) < 100",
    "data.price > 99.5",
    "case.state != 'nowhere' && count.go_0 < 3",
    "now - case.opened < duration('1000h')",
)
SETS = (
    {"size": 7},
    {"size": "= data.size + 1"},
    {"note": "done"},
    {"agreed": True},
    {"grade": "= data.agreed ? 'high' : 'low'"},
    {"since": "= now"},
    {"price": "= double(data.size) * 1.5"},
)
LENGTHS = ("30m", "4h", "2d", "1w", "2mo", "3wd", "4wh", "2wd eod")


def sound_definitions() -> st.SearchStrategy[str]:
    """Texts of definition files named `random`, version 1."""
    return _definitions().map(lambda spec: f"# Drawn by chance.\n{json.dumps(spec, ensure_ascii=False, indent=1)}\n")


def titled(english: str) -> dict[str, str]:
    return {"zh": f"标题{english}", "en": english}


@st.composite
def _definitions(draw: st.DrawFn) -> dict[str, Any]:
    length = draw(st.integers(1, 6))
    states = [f"s{number}" for number in range(length)]
    line = [*states, "end"]
    finals = ["end"]
    transitions: list[dict[str, Any]] = []
    bodies: dict[str, dict[str, Any]] = {}
    for number, state in enumerate(states):
        bodies[state] = draw(_state(number, transitions, line))
    if draw(st.booleans()):
        finals.append("failed")
        transitions.append(_move("fail", draw(_some(states)), to="failed", by=["boss"]))
    for number in range(draw(st.integers(0, 4))):
        transitions += draw(_extra(number, line))
    clocks = {f"c{n}": draw(_clock(n, states, line, transitions)) for n in range(draw(st.integers(0, 3)))}
    for final in finals:
        bodies[final] = {"title": titled(final), "phase": "all", "final": True}
    spec = {
        "definition": "random",
        "version": 1,
        "title": titled("Random"),
        "prefix": "RD",
        "opened_by": ["account_manager", "director"],
        "start": draw(st.lists(st.sampled_from(sorted(FIELDS)), unique=True, max_size=3)),
        "data": {name: {"title": titled(name), **field} for name, field in FIELDS.items()},
        "phases": {"all": titled("All")},
        "initial": "s0",
        "states": bodies,
        "transitions": transitions,
        "clocks": clocks,
    }
    used = json.dumps([bodies, transitions, clocks])
    spec["roles"] = {name: role for name, role in ROLES.items() if f'"{name}"' in used}
    return spec


@st.composite
def _state(draw: st.DrawFn, number: int, transitions: list[dict[str, Any]], line: list[str]) -> dict[str, Any]:
    """A state and its way on to the next: by a task, a choice, several tasks together, or a timer."""
    state, following, go = line[number], line[number + 1], f"go_{number}"
    role = draw(st.sampled_from(sorted(ROLES)))
    body: dict[str, Any] = {"title": titled(state), "phase": "all"}
    task = {"title": titled("Task"), "role": role, **draw(_within())}
    way = draw(st.sampled_from(("task", "choice", "together", "timer", "both")))
    if way == "together":
        body["tasks"] = {
            f"part_{part}": {**task, "role": draw(st.sampled_from(sorted(ROLES))), "done": draw(_form())}
            for part in range(draw(st.integers(1, 3)))
        }
        transitions.append({**_move(go, [state], to=following), "auto": True, "when": "tasks.open == 0"})
        return body
    if way != "timer":
        body["tasks"] = {"work": {**task, "triggers": [go]}}
        if way == "choice":
            guarded = _move(go, [state], to=draw(st.sampled_from(line[number:])), by=[role])
            transitions.append({**guarded, "form": draw(_form()), "when": draw(st.sampled_from(GUARDS))})
        transitions.append({**_move(go, [state], to=following, by=[role]), **draw(_effects())})
        if draw(st.booleans()):
            transitions[-1]["form"] = draw(_form())
    if way in ("timer", "both"):
        pass_on = f"pass_{number}"
        body["timers"] = [{"name": "on", "after": draw(st.sampled_from(LENGTHS)), "trigger": pass_on}]
        transitions.append({**_move(pass_on, [state], to=following), **draw(_effects())})
        if way == "timer":
            transitions.append(_move(go, [state], to=following, by=[role]))
    if draw(st.booleans()):
        nudge = {"name": "nudge", "after": draw(st.sampled_from(LENGTHS)), "remind": [role]}
        body["timers"] = [*body.get("timers", []), nudge]
    return body


@st.composite
def _extra(draw: st.DrawFn, number: int, line: list[str]) -> list[dict[str, Any]]:
    """Something beside the line: a way back, a stay, a jump ahead by itself, four eyes."""
    start = draw(st.integers(0, len(line) - 2))
    role = draw(st.sampled_from(("worker", "clerk", "boss", "upper")))
    name = f"extra_{number}"
    kind = draw(st.sampled_from(("back", "stay", "auto", "eyes")))
    if kind == "back":
        move = _move(name, draw(_some(line)), to=line[start], by=[role])
        return [{**move, "form": draw(_form()), **draw(_effects())}]
    if kind == "stay":
        return [{**_move(name, draw(_some(line[:-1])), to=None, by=[role]), "form": draw(_form()), **draw(_effects())}]
    if kind == "auto":
        ahead = draw(st.integers(start + 1, len(line) - 1))
        guard = draw(st.sampled_from(GUARDS))
        return [{**_move(name, [line[start]], to=line[ahead], by=None), "auto": True, "when": guard}]
    asked = _move(f"ask_{number}", [line[start]], to=None, by=[role])
    return [asked, {**_move(name, [line[start]], to=line[-1], by=[role]), "not_by": f"ask_{number}"}]


@st.composite
def _clock(
    draw: st.DrawFn, number: int, states: list[str], line: list[str], transitions: list[dict[str, Any]]
) -> dict[str, Any]:
    """A clock over a stretch of the line, met on what follows."""
    first = draw(st.integers(0, len(states) - 1))
    last = draw(st.integers(first, len(states) - 1))
    runs_in = line[first : last + 1]
    percents = sorted(draw(st.lists(st.integers(10, 300), min_size=0, max_size=4, unique=True)))
    ladder: list[dict[str, Any]] = []
    for level, percent in enumerate(percents, start=1):
        does = draw(st.sampled_from(("remind", "escalate", "assign")))
        ladder.append({"at": f"{percent}%", does: "boss"} | ({"level": level} if does == "escalate" else {}))
    if draw(st.booleans()):
        transitions.append(_move(f"lapse_{number}", runs_in, to="end"))
        ladder.append({"at": "400%", "trigger": f"lapse_{number}"})
    clock = {
        "title": titled(f"Clock {number}"),
        "runs_in": runs_in,
        "met_on": line[last + 1],
        "target": draw(st.sampled_from(("48h", "3d", "90m", "5wd", "1mo"))),
        "ladder": ladder,
    }
    if draw(st.booleans()):
        clock["calendar"] = "working"
    return clock


def _move(trigger: str, sources: list[str], *, to: str | None, by: list[str] | None = None) -> dict[str, Any]:
    move: dict[str, Any] = {"trigger": trigger, "title": titled(trigger), "from": sources}
    if to is not None:
        move["to"] = to
    return {**move, "by": by} if by else move


def _some(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)


def _form() -> st.SearchStrategy[list[str]]:
    asked = st.tuples(st.sampled_from(sorted(FIELDS)), st.sampled_from(("", "!"))).map("".join)
    return st.lists(asked, max_size=3, unique_by=lambda item: item.rstrip("!"))


def _within() -> st.SearchStrategy[dict[str, str]]:
    return st.one_of(st.just({}), st.sampled_from(LENGTHS).map(lambda length: {"within": length}))


def _effects() -> st.SearchStrategy[dict[str, Any]]:
    one = st.one_of(
        st.sampled_from(SETS).map(lambda values: {"set": values}),
        st.just({"notify": ["boss"], "text": titled("Look")}),
        st.just({"tell": "customer", "text": titled("Told")}),
        st.just({"customer": {"stage": "met"}}),
    )
    return st.lists(one, max_size=2).map(lambda effects: {"effects": effects} if effects else {})
