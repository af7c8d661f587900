"""Webhooks, through a real server on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.delivery.conftest import SECRET, House
from workflow.core.step import SYSTEM
from workflow.delivery import webhook
from workflow.delivery.addresses import checked, is_public
from workflow.delivery.failed import Failed
from workflow.settings import Webhook

Hook = Callable[..., Webhook]


class Receiver:
    """Keeps what it gets; answers with what `answers` says for the next one, 204 when it says nothing."""

    def __init__(self, server: HTTPServer) -> None:
        self.requests: list[Request] = []
        self.answers: list[Response] = []
        server.expect_request("/hook").respond_with_handler(self.take)

    def take(self, request: Request) -> Response:
        request.get_data()
        self.requests.append(request)
        return self.answers.pop(0) if self.answers else Response(status=204)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(request.get_data()) for request in self.requests]

    def keys(self) -> list[str]:
        return [request.headers["webhook-id"] for request in self.requests]


@pytest.fixture
def receiver(httpserver: HTTPServer) -> Receiver:
    return Receiver(httpserver)


def sequences(receiver: Receiver, number: str) -> list[str]:
    return [event["sequence"] for event in receiver.events() if event["subject"] == number]


def test_a_receiver_can_check_who_sent_what_and_when(house: House, receiver: Receiver, hook: Hook) -> None:
    house.mention("ben")

    assert house.one(mail=False, webhooks={"crm": hook()}).run().sent == 1

    [request] = receiver.requests
    key, stamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    # As the specification has it, not as our code does.
    secret = base64.b64decode(SECRET.split("_", 1)[1])
    signed = f"{key}.{stamp}.{request.get_data(as_text=True)}".encode()
    expected = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert int(stamp) == int(house.office.now.timestamp())
    assert request.headers["content-type"] == "application/cloudevents+json; charset=utf-8"


def test_a_signature_is_that_of_the_specification() -> None:
    """The example of Standard Webhooks, made by hand with other tools."""
    sent = webhook.headers(
        SECRET,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        datetime.fromtimestamp(1614265330, UTC),
    )

    assert sent["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_body_is_a_cloud_event_in_both_languages(house: House, receiver: Receiver, hook: Hook) -> None:
    house.mention("ben")

    house.one(mail=False, webhooks={"crm": hook()}).run()

    [event] = receiver.events()
    [row] = house.rows("SELECT id, seq, n FROM outbox")
    assert event["specversion"] == "1.0"
    assert (event["id"], event["source"]) == (str(row.id), "https://baton.example.org")
    assert (event["type"], event["sequence"]) == ("baton.message.mentioned", f"{row.seq:08}.{row.n:04}")
    assert datetime.fromisoformat(event["time"]) == house.office.now
    assert event["data"]["text"] == {"zh": "有人在留言中提到您", "en": "You were mentioned in a comment"}
    assert (event["data"]["recipient"], event["data"]["customer"]["zh"]) == ("ben", "青云数据有限公司")
    assert event["data"]["link"] == f"https://baton.example.org/cases/{house.case}/"


def test_only_the_kinds_that_were_asked_for_are_sent(house: House, receiver: Receiver, hook: Hook) -> None:
    house.mention("ben")
    house.office.later(hours=49)
    house.office.fire()

    house.one(mail=False, webhooks={"crm": hook(kinds=("escalation",))}).run()

    assert {event["data"]["kind"] for event in receiver.events()} == {"escalation"}


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_an_answer_that_is_no_yes_is_tried_again_with_the_same_key(
    house: House, receiver: Receiver, hook: Hook, status: int
) -> None:
    receiver.answers = [Response(status=status)]
    house.mention("ben")
    one = house.one(mail=False, webhooks={"crm": hook()})
    one.run()
    house.office.later(hours=2)

    assert one.run().sent == 1
    first, again = receiver.keys()
    assert first == again
    assert house.outcomes() == ["failed", "sent"]


def test_a_server_that_asks_to_be_left_alone_is(house: House, receiver: Receiver, hook: Hook) -> None:
    receiver.answers = [Response(status=503, headers={"Retry-After": "3000"})]
    house.mention("ben")
    one = house.one(mail=False, webhooks={"crm": hook()})
    one.run()
    house.office.later(minutes=40)

    assert one.run().sent == 0
    house.office.later(minutes=15)
    assert one.run().sent == 1


def test_one_that_is_gone_is_given_up_at_once_and_retried_by_a_person(
    house: House, receiver: Receiver, hook: Hook
) -> None:
    receiver.answers = [Response(status=410)]
    house.mention("ben")
    one = house.one(mail=False, webhooks={"crm": hook()})
    one.run()

    [incident] = house.office.workflow.incidents(SYSTEM).rows
    assert (house.outcomes(), incident.detail) == (["given_up"], {"fault": "answered 410"})
    house.office.workflow.retry(incident.id)
    one.run()
    assert house.outcomes() == ["given_up", "sent"]
    assert house.office.workflow.incidents(SYSTEM).rows == ()


def test_a_redirect_is_not_followed(house: House, httpserver: HTTPServer, receiver: Receiver, hook: Hook) -> None:
    elsewhere: list[Request] = []

    def take(request: Request) -> Response:
        elsewhere.append(request)
        return Response(status=204)

    httpserver.expect_request("/elsewhere").respond_with_handler(take)
    receiver.answers = [Response(status=307, headers={"Location": httpserver.url_for("/elsewhere")})]
    house.mention("ben")

    assert house.one(mail=False, webhooks={"crm": hook()}).run().failed == 1

    assert elsewhere == []
    [row] = house.rows("SELECT detail FROM deliveries")
    assert row.detail == "answered 307; redirects are not followed"


def test_a_case_is_told_in_its_order_and_the_others_go_on(house: House, receiver: Receiver, hook: Hook) -> None:
    other = house.office.complaint().id
    receiver.answers = [Response(status=500)]
    for _ in range(3):
        house.mention("ben")
        house.mention("ben", other)
    one = house.one(mail=False, webhooks={"crm": hook()})

    one.run()
    house.office.later(hours=2)
    one.run()

    numbers = [house.office.stored(case).number for case in (house.case, other)]
    for number in numbers:
        told = list(dict.fromkeys(sequences(receiver, number)))
        assert told == sorted(told)
        assert len(told) == 3
    failed = receiver.events()[0]["subject"]
    assert [event["subject"] for event in receiver.events()[1:4]] == [n for n in numbers if n != failed] * 3


def test_a_slow_server_is_left_after_its_time_and_holds_no_other_up(
    house: House, httpserver: HTTPServer, receiver: Receiver, hook: Hook
) -> None:
    def slow(request: Request) -> Response:
        time.sleep(1.0)
        return Response(status=204)

    httpserver.expect_request("/slow").respond_with_handler(slow)
    for _ in range(3):
        house.mention("ben", house.office.complaint().id)
    hooks = {"slow": hook("/slow"), "quick": hook()}

    done = house.one(mail=False, webhooks=hooks, timeout=0.3).run()

    assert (done.sent, done.failed, len(receiver.requests)) == (3, 1, 3)


def test_a_server_that_drips_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            taken, _ = listening.accept()
            with taken:
                try:
                    for _ in range(200):
                        taken.send(b"H")
                        time.sleep(0.05)
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        aim = Webhook(url=f"http://127.0.0.1:{listening.getsockname()[1]}/", secret=SECRET, private=True)
        with pytest.raises(Failed) as caught:
            webhook.post(aim, b"{}", {}, timeout=0.5, at=datetime.now(UTC))
        thread.join(8)

    assert caught.value.away
    assert not thread.is_alive()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_an_address_of_the_house_is_no_public_one(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert is_public(address)


def answering(*addresses: str) -> Callable[..., list[Any]]:
    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


def test_one_private_address_among_others_is_enough_to_refuse() -> None:
    with pytest.raises(Failed, match=r"crm is at 10\.0\.0\.7, an address that is not public"):
        checked("crm", 443, private=False, resolve=answering("1.1.1.1", "10.0.0.7"))


def test_a_private_address_gets_nothing(house: House, receiver: Receiver, hook: Hook) -> None:
    house.mention("ben")

    house.one(mail=False, webhooks={"crm": hook(private=False)}).run()

    assert receiver.requests == []
    [row] = house.rows("SELECT detail FROM deliveries")
    assert "not public" in row.detail


def test_the_address_that_was_checked_is_the_one_connected_to(
    house: House, httpserver: HTTPServer, receiver: Receiver, hook: Hook
) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int, **given: Any) -> list[Any]:
        asked.append(host)
        return answering("127.0.0.1" if len(asked) == 1 else "127.0.0.9")(host, port, **given)

    house.mention("ben")
    aim = hook(url=f"http://receiver.invalid:{httpserver.port}/hook")

    assert house.one(mail=False, webhooks={"crm": aim}, resolve=resolve).run().sent == 1

    assert asked == ["receiver.invalid"]
    assert receiver.requests[0].headers["host"] == f"receiver.invalid:{httpserver.port}"


def test_a_name_that_turns_private_after_the_check_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[Any] = []

    def refuse(address: Any, **_: Any) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    answers = iter([answering("1.1.1.1"), answering("127.0.0.1")])
    monkeypatch.setattr(socket, "create_connection", refuse)
    aim = Webhook(url="https://rebinding.invalid/", secret=SECRET)

    with pytest.raises(Failed):
        webhook.post(aim, b"{}", {}, timeout=1, at=datetime.now(UTC), resolve=lambda *a, **k: next(answers)(*a, **k))

    assert connected == [("1.1.1.1", 443)]


def test_a_certificate_is_asked_for_under_the_name_and_not_the_address(
    httpserver: HTTPServer, receiver: Receiver
) -> None:
    """The server speaks no TLS, so it gets nothing at all."""
    aim = Webhook(url=f"https://receiver.invalid:{httpserver.port}/hook", secret=SECRET, private=True)

    with pytest.raises(Failed) as caught:
        webhook.post(aim, b"{}", {}, timeout=5, at=datetime.now(UTC), resolve=answering("127.0.0.1"))

    assert caught.value.away
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        (None, None),
        ("120", timedelta(minutes=2)),
        ("99999999999999", timedelta(hours=1)),
        ("Mon, 02 Mar 2026 01:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 02 Mar 2020 01:10:00 GMT", timedelta(0)),
        ("soon", None),
        ("²", None),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone(said: str | None, wait: timedelta | None) -> None:
    assert webhook.asked_wait(said, at=datetime(2026, 3, 2, 1, tzinfo=UTC)) == wait
