"""At least once, and no two at a time: on both databases, with real threads."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import event
from werkzeug import Request, Response

from tests.delivery.conftest import SECRET, House
from tests.delivery.post import Post, body
from tests.support.office import Office
from workflow.delivery import Deliverer, webhook
from workflow.settings import Webhook
from workflow.storage import dispatches, outbox
from workflow.storage.database import Database

MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """The process is gone: nothing after it runs."""


def killed(*_: object, **__: object) -> None:
    raise Killed


def together(deliverers: list[Deliverer]) -> int:
    """Let them all run at once until nothing is left; how many messages they sent."""
    gate = threading.Barrier(len(deliverers))
    sent: list[int] = []

    def go(one: Deliverer) -> None:
        gate.wait()
        sent.extend(one.run().sent for _ in range(3))

    threads = [threading.Thread(target=go, args=(one,)) for one in deliverers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(sent)


def test_two_deliverers_send_each_letter_once(either_house: House, post: Post) -> None:
    house = either_house
    for login in ("anna", "ben", "supervisor", "director") * 5:
        house.mention(login)

    together([house.one(name) for name in ("one", "two")])

    told = [message for messages in house.sent() for message in messages]
    assert len(told) == len(set(told)) == house.office.count("outbox") >= 20
    assert len(post.letters) == len({letter["Message-ID"] for letter in post.letters})
    assert house.office.count("dispatches") == 0


def test_two_deliverers_tell_a_case_in_its_order_once(either_house: House, httpserver: HTTPServer) -> None:
    house = either_house
    told: list[tuple[str, str]] = []

    def take(request: Request) -> Response:
        told.append((request.json["subject"], request.json["sequence"]))
        return Response(status=204)

    httpserver.expect_request("/hook").respond_with_handler(take)
    other = house.office.complaint().id
    for _ in range(5):
        house.mention("ben")
        house.mention("ben", other)
    hooks = {"crm": Webhook(url=httpserver.url_for("/hook"), secret=SECRET, private=True)}

    together([house.one(name, mail=False, webhooks=hooks) for name in ("one", "two")])
    house.one(mail=False, webhooks=hooks).run()

    assert len(told) == len(set(told)) == house.office.count("outbox")
    for number in {number for number, _ in told}:
        own = [sequence for one, sequence in told if one == number]
        assert own == sorted(own)


def test_a_crash_between_sending_and_recording_sends_again_with_the_same_key(
    either_house: House, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = either_house
    house.mention("ben")
    with monkeypatch.context() as patched:
        patched.setattr(dispatches, "sent", killed)
        with pytest.raises(Killed):
            house.one("dies").run()
    house.mention("ben")

    house.one("lives").run()
    assert len(post.letters) == 2  # the new one; the other is still leased
    house.office.later(minutes=5)
    house.one("lives").run()

    first, new, again = post.letters
    assert first["Message-ID"] == again["Message-ID"] != new["Message-ID"]
    assert body(first) == body(again)
    assert len(house.sent()) == 2


def test_a_crash_before_sending_loses_nothing(house: House, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    house.mention("ben")
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "contents", killed)
        with pytest.raises(Killed):
            house.one("dies").run()
    house.office.later(minutes=5)

    house.one("lives").run()

    assert len(post.letters) == 1


def test_a_webhook_after_a_crash_has_the_same_key(
    either_house: House, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = either_house
    keys: list[str] = []

    def take(request: Request) -> Response:
        keys.append(request.headers["webhook-id"])
        return Response(status=204)

    httpserver.expect_request("/hook").respond_with_handler(take)
    hooks = {"crm": Webhook(url=httpserver.url_for("/hook"), secret=SECRET, private=True)}
    house.mention("ben")
    with monkeypatch.context() as patched:
        patched.setattr(dispatches, "sent", killed)
        with pytest.raises(Killed):
            house.one("dies", mail=False, webhooks=hooks).run()
    house.office.later(minutes=5)

    house.one("lives", mail=False, webhooks=hooks).run()

    assert keys == [webhook.key_of(1)] * 2


def test_who_comes_too_late_with_an_answer_changes_nothing(either_house: House) -> None:
    """A lease that ran out was given to somebody else, who is sending now."""
    house, at = either_house, either_house.office.now
    house.mention("ben")
    database = house.office.database
    with database.writing() as connection:
        found = outbox.waiting(connection, 10)
        route = outbox.Route(message=found[0], channel="mail", target=str(house.office.people["ben"]), due=at)
        outbox.route(connection, found, [route])
    leases = []
    for name, moment in (("slow", at), ("quick", at + 2 * MINUTE)):
        with database.writing() as connection:
            lease = dispatches.lease_mail(connection, at=moment, until=moment + MINUTE, by=name, early=timedelta(0))
        assert lease is not None
        leases.append(lease)
    slow, quick = leases

    with database.writing() as connection:
        dispatches.put_off(connection, slow, due=at + 60 * MINUTE, unsure=False)
        dispatches.sent(connection, slow, at)

    assert slow.bundle == quick.bundle
    [row] = house.rows("SELECT leased_by, attempts FROM dispatches")
    assert (row.leased_by, row.attempts) == ("quick", 0)


def test_nothing_is_leased_twice(either_house: House) -> None:
    house, at = either_house, either_house.office.now
    house.mention("ben")
    house.one(gather=60).run()
    later = at + 2 * MINUTE
    given = {"at": later, "until": later + MINUTE, "early": timedelta(0)}

    with house.office.database.writing() as connection:
        first = dispatches.lease_mail(connection, by="one", **given)
    with house.office.database.writing() as connection:
        second = dispatches.lease_mail(connection, by="two", **given)

    assert first is not None
    assert second is None


def test_no_transaction_is_open_while_a_server_is_spoken_to(house: House, post: Post) -> None:
    """On SQLite there is one writer: somebody else writes while the letter is on its way."""
    post.hangs = True
    house.mention("ben")
    sending = threading.Thread(target=house.one(timeout=30.0).run)
    sending.start()
    while not house.rows("SELECT id FROM dispatches WHERE lease IS NOT NULL"):
        time.sleep(0.01)

    house.mention("supervisor")
    post.hangs = False
    sending.join()

    assert len(post.letters) >= 1


def test_looking_for_messages_reads_no_others(either_house: House) -> None:
    """With years of messages behind it, an idle round must cost nothing."""
    explain = "EXPLAIN QUERY PLAN " if either_house.office.database.dialect == "sqlite" else "EXPLAIN "
    with either_house.office.database.reading() as connection:
        if either_house.office.database.dialect == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")
        seen: list[str] = []
        event.listen(connection, "before_cursor_execute", lambda *given: seen.append(given[2]))
        outbox.any_waiting(connection)
        [statement] = seen
        parameters = {"param_1": 1} if "%(" in statement else (1, 0)
        plan = " ".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))

    assert "ix_outbox_waiting" in plan


def test_a_mailbox_somebody_is_at_is_left_to_them(postgres_database: Database, post: Post) -> None:
    """Or two deliverers would make two letters of what belongs into one."""
    house = House(Office(postgres_database), post.port)
    house.mention("ben")
    house.mention("supervisor")
    house.one(gather=60).run()
    later = house.office.now + 2 * MINUTE
    got: list[dispatches.Lease | None] = []

    def lease() -> None:
        for _ in range(2):
            with postgres_database.writing() as connection:
                got.append(
                    dispatches.lease_mail(connection, at=later, until=later + MINUTE, by="two", early=timedelta(0))
                )

    with postgres_database.writing() as connection:
        ben = house.office.people["ben"]
        connection.exec_driver_sql(f"SELECT id FROM persons WHERE id = {ben} FOR NO KEY UPDATE")
        other = threading.Thread(target=lease)
        other.start()
        other.join()

    assert [one and one.target for one in got] == [str(house.office.people["supervisor"]), None]
