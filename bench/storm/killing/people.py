"""What people do in a storm: fill in pages, send them until they are answered, and note what they asked and heard."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench import office
from bench.storm.killing.vigils import AT_THE_PAGES, PASSWORD
from bench.storm.killing.visitor import Answer, Visitor

CASE = re.compile(r"/cases/(\d+)/")


@dataclass(frozen=True, slots=True)
class Asked:
    """A form that was sent. `case` 0: it opened one; `answer`: status and place of the redirect, None without one.

    `sent`: when it was sent the last time, by the machine's clock.
    """

    key: str
    trigger: str
    case: int
    answer: tuple[int, str] | None = None
    tries: int = 1
    sent: float = 0.0


class Notebook:
    """Written before a form is sent, and again when the answer is there: what was promised to whom."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, asked: Asked) -> None:
        line = [asked.key, asked.trigger, asked.case, asked.answer, asked.tries, asked.sent]
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def read(self) -> dict[str, Asked]:
        """Key → the last that was noted under it."""
        found = {}
        for line in self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else ():
            key, trigger, case, answer, tries, sent = json.loads(line)
            found[key] = Asked(key, trigger, case, tuple(answer) if answer else None, tries, sent)
        return found


class Person:
    """Somebody signed in. Every form goes with the hidden fields of its page, its idempotency key among them."""

    def __init__(self, visitor: Visitor, person: int, notebook: Notebook) -> None:
        self.visitor = visitor
        self.person = person
        self.notebook = notebook

    def send(self, page: Answer, path: str, form: Mapping[str, object], *, trigger: str, case: int = 0) -> int:
        """Send one form of a page; gives the case the answer leads to. Raises `LookupError` when it was refused."""
        fields = {**page.form(path), **{name: str(value) for name, value in form.items()}}
        return self.repeat(path, fields, trigger=trigger, case=case)

    def repeat(self, path: str, fields: dict[str, str], *, trigger: str, case: int) -> int:
        """Send it as it is until there is an answer."""
        key = self.key_of(fields)
        self.notebook.note(Asked(key, trigger, case))
        before = self.visitor.tries
        answer = self.visitor.send(path, fields)
        tries, sent = self.visitor.tries - before, self.visitor.sent
        return self.answered(answer, Asked(key, trigger, case, (answer.status, answer.location), tries, sent))

    def key_of(self, fields: Mapping[str, str]) -> str:
        """As the database knows it."""
        return f"web:{self.person}:{fields['key']}"

    def answered(self, answer: Answer, asked: Asked) -> int:
        self.notebook.note(asked)
        if answer.status != 302:
            raise LookupError(f"{asked}: {said(answer)}")
        return case_of(answer)

    def open(self, customer: int) -> int:
        page = self.visitor.get(f"/cases/new/{office.LIFECYCLE}?customer={customer}")
        return self.send(page, f"/cases/new/{office.LIFECYCLE}", prefixed(office.FORM), trigger="open")

    def comment(self, case: int, text: str) -> None:
        page = self.visitor.get(f"/cases/{case}/")
        self.send(page, f"/cases/{case}/comments", {"comment": text}, trigger="comment", case=case)

    def note(self, case: int, text: str) -> None:
        path = f"/cases/{case}/do/note"
        fields = {**self.visitor.get(path).form(), "f.remark": text}
        self.repeat(path, fields, trigger="note", case=case)

    def complete(self, case: int, trigger: str, form: Mapping[str, object]) -> None:
        """Finish whichever task of the case offers this."""
        for task in self.visitor.get(f"/cases/{case}/").links(rf"/cases/{case}/tasks/\d+/"):
            page = self.visitor.get(task)
            path = f"{task}complete/{trigger}"
            if f'action="{path}"' in page.page:
                self.send(page, path, prefixed(form), trigger=trigger, case=case)
                return
        raise LookupError(f"case {case} offers {trigger} to nobody here")


def prefixed(form: Mapping[str, object]) -> dict[str, object]:
    return {f"f.{name}": value for name, value in form.items()}


def case_of(answer: Answer) -> int:
    found = CASE.match(answer.location)
    if found is None:
        raise LookupError(f"the answer leads to no case: {answer}")
    return int(found[1])


def said(answer: Answer) -> str:
    """The words of a page without its tags."""
    main = answer.page.partition("<main")[2] or answer.page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))[:300]


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the people at the pages, one at a time: two managers of their own, and the department.

    `vigils`: customer → cases that wait. `arrived` is told when all are signed in; `over`: whether to go home;
    `person`: what kind of people they are.
    """

    number: int
    of: int
    made: office.Office
    vigils: Mapping[int, Sequence[int]]
    notebook: Notebook
    over: Callable[[], bool]
    arrived: Callable[[], None] = lambda: None
    person: Callable[[Visitor, int, Notebook], Person] = Person

    def live(self, ports: Sequence[int]) -> None:
        """One story after another until it is over. What was begun to be sent is answered first."""
        made, rng = self.made, random.Random(self.number)
        department = self._signed_in("department", made.department, ports)
        mine = list(range(self.number, AT_THE_PAGES, self.of))[:2]
        managers = {n: self._signed_in(f"manager{n}", made.managers[n], ports) for n in mine}
        self.arrived()
        for round_ in count():
            manager = mine[round_ % len(mine)]
            customer = rng.choice(made.customers[manager :: len(made.managers)])
            vigil = rng.choice(self.vigils[customer])
            for act in story(made, managers[manager], department, customer, vigil):
                if self.over():
                    return
                act()

    def _signed_in(self, login: str, person: int, ports: Sequence[int]) -> Person:
        visitor = Visitor(ports, seed=person)
        visitor.sign_in(login, PASSWORD)
        return self.person(visitor, person, self.notebook)


def by_customer(cases: Sequence[tuple[int, int]]) -> dict[int, list[int]]:
    """Customer → the cases of that one."""
    found: dict[int, list[int]] = {}
    for case, customer in cases:
        found.setdefault(customer, []).append(case)
    return found


def story(
    made: office.Office, manager: Person, department: Person, customer: int, vigil: int
) -> Iterator[Callable[[], None]]:
    """One complaint from its opening to its answer, with a word in between on a case that waits."""
    cases: list[int] = []
    yield lambda: cases.append(manager.open(customer))
    yield lambda: manager.note(vigil, f"客户来电 {cases[0]}")
    for trigger, who, form in office.STORY:
        filled = {name: made.bureau if value == "bureau" else value for name, value in form.items()}
        person = department if who == "department" else manager
        yield lambda person=person, trigger=trigger, filled=filled: person.complete(cases[0], trigger, filled)
    yield lambda: manager.comment(cases[0], "已电话告知客户。")
