"""One timer that will not work, one template that cannot be filled in, one mail server that is dead, all at once.

Everything else is on time, there is one incident for each of the three, and after the cause is mended the button on it
does the rest.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any

from aiosmtpd.controller import Controller
from jinja2 import ChoiceLoader, DictLoader, PackageLoader
from sqlalchemy import func, select, update

from bench import office
from bench.places import Place
from bench.storm import sound
from bench.storm.outcome import Outcome, Size
from workflow import Workflow
from workflow.core.step import SYSTEM
from workflow.delivery import Deliverer
from workflow.delivery.letters import Letters
from workflow.settings import Delivery, Mail, Settings, Webhook
from workflow.storage import tables as t
from workflow.storage.database import Database

CASES: dict[Size, int] = {"small": 30, "usual": 400, "release": 2_000}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DUE = office.BEGIN + timedelta(hours=25)
TRIES = 2
READERS = 3
"""People who have letters sent to them."""

TURNS = 12
NOISE = '"name":"answer"', '"name":"answre"'
"""What is bent in the stored case: its clock has a name that the lifecycle does not know."""

ENGLISH = "manager1"
"""The one who reads English. The template of the letters in English is broken."""


class Post:
    """A mail server that can be dead. `letters`: to whom."""

    def __init__(self) -> None:
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.letters: Counter[str] = Counter()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def revive(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        if self._controller.server is not None:
            self._controller.stop()

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802 - the name aiosmtpd calls
        self.letters.update(envelope.rcpt_tos)
        return "250 OK"


class Hook:
    """A program of the house that is told of everything, at an address of its own."""

    def __init__(self) -> None:
        told: list[str] = []

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                told.append(self.headers["webhook-id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        self.told = told
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Trouble:
    """A house with the three causes. `moment` is its clock; what sends and what sweeps is made anew when mended."""

    def __init__(self, database: Database, post: Post, hook: Hook) -> None:
        self.database = database
        self.post = post
        self.hook = hook
        self.moment = DUE
        self.door = Workflow(database, office.library(), clock=lambda: self.moment)
        self.settings = Settings(
            mail=Mail(host="127.0.0.1", port=post.port, tls="none", sender="baton@example.org"),
            delivery=Delivery(gather=0.0, timeout=5.0, attempts=TRIES, backoff=1.0),
            webhooks={"house": Webhook(url=hook.url, secret=SECRET, private=True)},
        )
        broken = DictLoader({"body.txt": "{{ greeting if language == 'zh' else nothing_of_this_name }}"})
        loader = ChoiceLoader([broken, PackageLoader("workflow.delivery")])
        self._letters: Letters | None = Letters("http://localhost", loader)

    def turn(self) -> None:
        """What a scheduler does in a turn, then a minute goes by."""
        sender = Deliverer(self.door, self.settings, name="one", letters=self._letters)
        while self.door.fire_due().timers:
            pass
        sender.run()
        self.moment += timedelta(minutes=1)

    def mend(self, bent: int) -> None:
        self._letters = None
        self.post.revive()
        self.bend(bent, *reversed(NOISE))

    def bend(self, case: int, what: str, into: str) -> None:
        """Write into the stored case what stands in no history."""
        with self.database.writing() as connection:
            mine = t.cases.c.id == case
            body = connection.scalars(select(t.cases.c.body).where(mine)).one()
            if what not in body:
                raise ValueError(f"{what} does not stand in the case")
            connection.execute(update(t.cases).where(mine).values(body=body.replace(what, into)))

    def waiting(self) -> int:
        """Messages not yet sent."""
        with self.database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(t.dispatches)) or 0)

    def incidents(self) -> Counter[str]:
        return Counter(one.kind for one in self.door.incidents(SYSTEM).rows)


def run(place: Place, size: Size) -> Outcome:
    began = time.perf_counter()
    count = CASES[size]
    post, hook = Post(), Hook()
    template = place.template(f"poison{count}", lambda database: _build(database, count))
    try:
        with place.copy(template) as url:
            database = Database(url)
            trouble = Trouble(database, post, hook)
            counts, faults = _shown(trouble, [case for case, _ in office.case_ids(database)])
            database.dispose()
    finally:
        post.stop()
        hook.stop()
    return Outcome(
        row="poison", database=place.name, counts=counts, faults=tuple(faults), seconds=time.perf_counter() - began
    )


def _build(database: Database, count: int) -> None:
    made = office.found(database)
    door = office.door(database)
    for n, person in enumerate(made.managers[:READERS]):
        chosen = {"email": f"manager{n}@example.org", "language": "en" if f"manager{n}" == ENGLISH else "zh"}
        door.change_person(person, chosen, actor=SYSTEM)
    office.open_cases(database, made, count)


def _shown(trouble: Trouble, waiting: list[int]) -> tuple[dict[str, Any], list[str]]:
    bent, *others = waiting
    faults: list[str] = []
    trouble.bend(bent, *NOISE)
    for _ in range(TURNS):
        trouble.turn()
    seen = sound.look(trouble.database)
    late = [s for case in others for s in seen.steps[case] if s.kind == "rung" and s.recorded > DUE]
    faults += sound.ladders(seen, others, DUE)
    if late:
        faults.append(f"{len(late)} timers had to wait for the poisoned one")
    told = len(set(trouble.hook.told))
    if told < len(others) or told != len(trouble.hook.told):
        faults.append(f"{told} messages reached the program, some of them more than once")
    before = trouble.incidents()
    if before != Counter(timer=1, message=2):
        faults.append(f"the incidents are {dict(before)}")
    if trouble.post.letters:
        faults.append("the dead server has taken letters")
    trouble.mend(bent)
    for incident in trouble.door.incidents(SYSTEM).rows:
        trouble.door.retry(incident.id)
    for _ in range(TURNS):
        trouble.turn()
    if after := trouble.incidents():
        faults.append(f"after the retry the incidents are {dict(after)}")
    seen = sound.look(trouble.database)
    faults += seen.faults + sound.ladders(seen, waiting, DUE)
    if unsent := trouble.waiting():
        faults.append(f"{unsent} messages still wait")
    readers = len(trouble.post.letters)
    if not trouble.post.letters[f"{ENGLISH}@example.org"] or readers != READERS:
        faults.append(f"letters reached {sorted(trouble.post.letters)}")
    counts = {
        "webhooks meanwhile": told, "incidents": sum(before.values()),
        "people with letters after the retry": readers, **seen.counts(),
    }  # fmt: skip
    return counts, faults
