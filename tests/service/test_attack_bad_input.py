"""Whatever is handed to the door, it answers, refuses, or says that the database cannot: nothing else comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.support.office import Office
from tests.support.proof import prove
from workflow.core.errors import FormInvalid, Refused
from workflow.core.step import SYSTEM, Actor
from workflow.service.views.lists import Filters
from workflow.storage.errors import StorageUnavailable

TEXTS = ("", " ", "\x00", "a\x00b", "\ud800", "x\udfff", "长" * 10_000, "😀", "%s", "'; --", "\r\n", "\x1b[31m", "~")
WHOLES = (0, -1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, True, False)
NUMBERS = (
    *WHOLES,
    10**5000,
    float("nan"),
    float("inf"),
    -float("inf"),
    1e308,
    1e-308,
    "NaN",
    "1e999999999",
    "1e-999999",
)
SHAPES = (None, [], {}, [[]], {"~": "x"}, [{"unit": "\x00"}], {"a": float("nan")}, Decimal("NaN"))
MOMENTS = (
    "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z",
    "2026-02-30T00:00:00Z", "2026-13-01", "31/02/2026", datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip
ALL = (*TEXTS, *NUMBERS, *SHAPES, *MOMENTS)


def short(value: object) -> str:
    """A value as a failure shows it; Python itself refuses to write numbers of more than 4,300 digits."""
    return "10**5000" if isinstance(value, int) and abs(value) > 10**40 else repr(value)[:30]


class Trial:
    """Tries calls, and keeps the errors that are neither a refusal nor the database's own word."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.tried = 0

    def __call__(self, what: str, call: Callable[[], Any]) -> None:
        self.tried += 1
        try:
            call()
        except (Refused, StorageUnavailable):
            pass
        except Exception as error:  # noqa: BLE001 - what comes out is what the test looks at
            self.wrong.append(f"{what}: {type(error).__name__}: {str(error)[:120]}")


def test_no_text_or_number_breaks_a_command_at_a_case(office: Office) -> None:
    door, anna, try_ = office.workflow, office.actor("anna"), Trial()
    case = office.complaint().id
    task = office.stored(case).tasks[0].no
    for bad in WHOLES:
        shown = short(bad)
        try_(f"perform {shown}", lambda bad=bad: door.perform(bad, "answer", actor=anna))
        try_(f"comment at {shown}", lambda bad=bad: door.comment(bad, "文", actor=anna))
        try_(f"task {shown}", lambda bad=bad: door.perform(case, "dispatch", actor=anna, task=bad))
        try_(f"done {shown}", lambda bad=bad: door.done(case, bad, actor=anna))
        try_(f"claim {shown}", lambda bad=bad: door.claim(case, bad, actor=anna))
        try_(f"release {shown}", lambda bad=bad: door.release(case, bad, actor=office.actor("ben")))
        try_(f"delegate {shown}", lambda bad=bad: door.delegate(case, task, to=bad, actor=anna))
        try_(f"reassign {shown}", lambda bad=bad: door.reassign(case, task, to=bad, actor=anna, reason="因"))
        try_(f"acknowledge {shown}", lambda bad=bad: door.acknowledge(case, bad, actor=anna))
        try_(f"seen {shown}", lambda bad=bad: door.perform(case, "unreachable", actor=anna, seen=bad))
        try_(f"actor {shown}", lambda bad=bad: door.comment(case, "文", actor=Actor(bad)))
        try_(f"behalf {shown}", lambda bad=bad: door.comment(case, "文", actor=Actor(anna.person, bad)))
        try_(f"customer {shown}", lambda bad=bad: door.open("complaint", customer=bad, actor=anna))
        try_(f"unit {shown}", lambda bad=bad: door.open("complaint", customer=office.customer, unit=bad, actor=anna))
    for bad in TEXTS:
        shown = short(bad)
        try_(f"trigger {shown}", lambda bad=bad: door.perform(case, bad, actor=anna))
        try_(f"definition {shown}", lambda bad=bad: door.open(bad, customer=office.customer, actor=anna))
        try_(f"text {shown}", lambda bad=bad: door.comment(case, bad, actor=anna))
        try_(f"note {shown}", lambda bad=bad: door.delegate(case, task, to=office.people["ben"], actor=anna, note=bad))
        try_(f"reason {shown}", lambda bad=bad: door.reassign(case, task, to=1, actor=anna, reason=bad))
        try_(f"note {shown}", lambda bad=bad: door.acknowledge(case, 1, actor=anna, note=bad))
        try_(f"file {shown}", lambda bad=bad: door.attach(case, bad, b"x", actor=anna))
        try_(f"type {shown}", lambda bad=bad: door.attach(case, "a.txt", b"x", type=bad, actor=anna))
        try_(f"key {shown}", lambda bad=bad: door.comment(case, "文", actor=anna, key=bad))
        try_(f"field {shown}", lambda bad=bad: door.perform(case, "answer", actor=anna, form={bad: "x"}))
    assert try_.wrong == [], "\n".join(try_.wrong)
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)


def test_no_answer_to_a_form_breaks_it(office: Office) -> None:
    door, anna, try_ = office.workflow, office.actor("anna"), Trial()
    case = office.complaint().id
    kinds = {
        "unreachable": ["attempt"], "dispatch": ["department", "told"], "propose_compensation": ["amount"],
    }  # fmt: skip
    good: dict[str, dict[str, Any]] = {
        "unreachable": {},
        "dispatch": {"department": "x", "question": "问"},
        "propose_compensation": {"amount_reason": "因"},
    }
    for trigger, fields in kinds.items():
        for name in fields:
            for n, bad in enumerate(ALL):
                form = {**good[trigger], name: bad}
                key = f"{trigger}{name}{n}" if n % 2 else None
                try_(
                    f"{name} {short(bad)}",
                    lambda t=trigger, f=form, k=key: door.perform(case, t, actor=anna, form=f, key=k),
                )
    start = {"kind": "complaint", "channel": "phone", "text": "文", "severity": "normal"}
    for bad in MOMENTS:
        form = {**start, "received_at": bad}
        try_(f"received {bad}", lambda f=form: door.open("complaint", customer=office.customer, actor=anna, data=f))
    while office.workflow.fire_due().timers:
        pass
    assert try_.wrong == [], "\n".join(try_.wrong)
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)


def test_no_text_or_number_breaks_the_organisations_record(office: Office) -> None:
    door, root, try_ = office.workflow, office.actor("root"), Trial()
    anna, city = office.people["anna"], office.units["city"]
    good = {"name_zh": "名", "name_en": "Name"}
    for n, bad in enumerate((*TEXTS, *WHOLES)):
        shown = short(bad)
        text = isinstance(bad, str)
        for field in ("login", "name_zh", "name_en", "email", "phone", "language") if text else ():
            values = {"login": f"p{n}{field}", **good, field: bad}
            try_(f"person {field} {shown}", lambda v=values: door.add_person(**v, actor=root))
        for field in ("code", "name_zh", "kind", "division") if text else ("parent",):
            unit = {"code": f"u{n}{field}", **good, "kind": "county", "parent": city, field: bad}
            try_(f"unit {field} {shown}", lambda v=unit: door.add_unit(**v, actor=root))
        for field in ("name_zh", "name_en", "email", "phone", "language", "theme", "active", "login", "\x00"):
            try_(f"change {field} {shown}", lambda v={field: bad}: door.change_person(anna, v, actor=root))
        since, until = office.now, office.now + timedelta(days=3)
        if text:
            try_(f"role {shown}", lambda bad=bad: door.grant(anna, city, bad, actor=root))
            try_(f"revoke {shown}", lambda bad=bad: door.revoke(anna, city, bad, actor=root))
            try_(
                f"substitute {shown}",
                lambda bad=bad: door.substitute(
                    anna, office.people["ben"], since=since, until=until, reason=bad, actor=root
                ),
            )
        else:
            try_(f"grant {shown}", lambda bad=bad: door.grant(bad, city, "director", actor=root))
            try_(f"grant at {shown}", lambda bad=bad: door.grant(anna, bad, "director", actor=root))
            try_(f"revoke {shown}", lambda bad=bad: door.revoke(bad, bad, "director", actor=root))
            try_(f"end {shown}", lambda bad=bad: door.end_substitution(bad, actor=root))
            try_(f"person {shown}", lambda bad=bad: door.change_person(bad, {"theme": "dark"}, actor=root))
            for pair in ((anna, bad), (bad, anna)):
                try_(
                    f"substitute {shown}",
                    lambda p=pair: door.substitute(*p, since=since, until=until, reason="假", actor=root),
                )
    assert try_.wrong == [], "\n".join(try_.wrong)
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)


def test_no_value_breaks_a_customers_record(office: Office) -> None:
    door, clerk, try_ = office.workflow, office.actor("clerk"), Trial()
    fields = ("name_zh", "division", "credit_code", "contacts", "tier", "\x00x")
    for n, bad in enumerate((*TEXTS, 2**63, float("nan"), None, [], {})):
        shown = short(bad)
        for field in fields:
            given = {"name_zh": f"公司{n}{fields.index(field)}", "division": "440106", field: bad}
            try_(f"{field} {shown}", lambda v=given: door.register_customer(v, actor=clerk))
            try_(f"{field} = {shown}", lambda v={field: bad}: door.change_customer(office.customer, v, actor=clerk))
    for n, bad in enumerate((*WHOLES, 10**5000, 253402300800000000, 10**17, float("nan"), "1", None)):
        for field in ("unit", "a", "b", "until"):
            given = {"name_zh": f"司{n}{field}", "division": "440106", field: bad}
            try_(f"{field} {short(bad)}", lambda v=given: door.register_customer(v, actor=SYSTEM))
            try_(
                f"{field} = {short(bad)}", lambda v={field: bad}: door.change_customer(office.customer, v, actor=SYSTEM)
            )
    for bad in TEXTS:
        given = {"name_zh": "一公司", "division": "440106"}
        try_(f"number {short(bad)}", lambda v=given, b=bad: door.register_customer(v, actor=clerk, number=b))
        try_(f"key {short(bad)}", lambda v=given, b=bad: door.register_customer(v, actor=clerk, key=b))
    for bad in WHOLES:
        try_(f"customer {short(bad)}", lambda b=bad: door.change_customer(b, {"industry": "业"}, actor=clerk))
    assert try_.wrong == [], "\n".join(try_.wrong)
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)


ODD = (0, -1, 2**63, True)
UNFIT = ("", "\x00", "\ud800", "😀%_\\")


def reads(office: Office, reader: Actor) -> Iterator[tuple[str, Callable[[], Any]]]:
    door = office.workflow
    lists = (door.inbox, door.queue, door.cases, door.overdue, door.escalations, door.customers, door.refusals)
    for bad in WHOLES:
        for one in (door.case, door.history, door.actions, door.customer, door.read_notice):
            yield f"{one.__name__} {bad}", lambda one=one, bad=bad: one(bad, reader)
        yield f"task {bad}", lambda bad=bad: door.task(bad, bad, reader)
        yield f"file {bad}", lambda bad=bad: door.file(bad, bad, reader)
        yield f"as_of {bad}", lambda bad=bad: door.as_of(bad, office.now, reader)
        yield f"reader {bad}", lambda bad=bad: door.inbox(Actor(bad))
    for page in lists:
        for bad in ODD:
            yield f"{page.__name__} limit {bad}", lambda page=page, bad=bad: page(reader, limit=bad)
            for name in ("unit", "customer", "person"):
                wanted = Filters(**{name: bad})
                yield f"{page.__name__} {name} {bad}", lambda page=page, f=wanted: page(reader, filters=f)
        for text in UNFIT:
            yield f"{page.__name__} after {text!r}", lambda page=page, text=text: page(reader, after=text)
            for name in ("text", "definition", "state", "phase", "mark", "tier"):
                wanted = Filters(**{name: text})
                yield f"{page.__name__} {name} {text!r}", lambda page=page, f=wanted: page(reader, filters=f)


def test_no_text_or_number_breaks_a_read(office: Office) -> None:
    office.complaint()
    try_ = Trial()
    for what, call in reads(office, office.actor("chief")):
        try_(what, call)
    assert try_.wrong == [], "\n".join(try_.wrong)


def test_a_filter_that_nothing_is_called_finds_nothing(sqlite_office: Office) -> None:
    sqlite_office.complaint()
    reader = sqlite_office.actor("anna")

    assert sqlite_office.workflow.inbox(reader).count == 1
    assert sqlite_office.workflow.inbox(reader, filters=Filters(customer=2**70)).count == 0
    assert sqlite_office.workflow.inbox(reader, filters=Filters(state="\x00")).count == 0


@pytest.mark.parametrize("bad", [10**5000, "1" * 5000], ids=["number", "text"])
def test_a_number_without_end_is_an_invalid_answer(sqlite_office: Office, bad: object) -> None:
    case = sqlite_office.complaint().id
    form = {"amount": bad, "amount_reason": "因"}

    with pytest.raises(FormInvalid) as refused:
        sqlite_office.workflow.perform(case, "propose_compensation", actor=sqlite_office.actor("anna"), form=form)

    assert list(refused.value.facts["fields"]) == ["amount"]  # type: ignore[call-overload]
