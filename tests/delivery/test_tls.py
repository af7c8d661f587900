"""TLS: nothing leaves for a server that cannot show whose it is. `receiver.pem` is of nobody's but these tests."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from tests.delivery.conftest import SECRET, House
from tests.delivery.post import Post
from tests.support.office import Office
from workflow.delivery import webhook
from workflow.delivery.failed import Failed
from workflow.settings import Webhook

PEM = Path(__file__).parent / "receiver.pem"


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate of the tests is one that the machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))


@pytest.fixture
def certified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    return context


@pytest.fixture
def secure(certified: ssl.SSLContext) -> Iterator[HTTPServer]:
    with HTTPServer(host="127.0.0.1", threaded=True, ssl_context=certified) as server:
        server.expect_request("/hook").respond_with_data(status=204)
        yield server


@pytest.fixture
def closed_post() -> Iterator[Post]:
    made = Post()
    yield made
    made.stop()


def at_home(host: str, port: int, **_: Any) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def send(host: str, port: int, *, timeout: float = 5) -> None:
    aim = Webhook(url=f"https://{host}:{port}/hook", secret=SECRET, private=True)
    webhook.post(aim, b"{}", {}, timeout=timeout, at=datetime.now(UTC), resolve=at_home)


def test_a_certificate_is_that_of_the_name_although_the_address_is_connected_to(
    trusted: None, secure: HTTPServer
) -> None:
    send("receiver.test", secure.port)

    [(request, _)] = secure.log
    assert request.headers["host"] == f"receiver.test:{secure.port}"


def test_a_certificate_of_another_name_is_refused(trusted: None, secure: HTTPServer) -> None:
    with pytest.raises(Failed, match="mismatch"):
        send("elsewhere.test", secure.port)
    assert secure.log == []


def test_a_certificate_nobody_vouches_for_is_refused(secure: HTTPServer) -> None:
    with pytest.raises(Failed, match="CERTIFICATE_VERIFY_FAILED"):
        send("receiver.test", secure.port)
    assert secure.log == []


def test_a_handshake_that_never_ends_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            taken, _ = listening.accept()
            with taken:
                try:
                    taken.send(b"\x16\x03\x03\x3f\xff")
                    for _ in range(200):
                        taken.send(b"\x02")
                        time.sleep(0.05)
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        with pytest.raises(Failed):
            send("receiver.test", listening.getsockname()[1], timeout=0.5)
        assert time.monotonic() - began < 6
        thread.join(12)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("known", [True, False])
def test_e_mail_goes_encrypted_to_a_server_that_is_the_right_one(
    sqlite_office: Office,
    closed_post: Post,
    certified: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
    tls: str,
    known: bool,
) -> None:
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    given: dict[str, Any] = (
        {"ssl_context": certified} if tls == "tls" else {"tls_context": certified, "require_starttls": True}
    )
    monkeypatch.setattr("aiosmtpd.controller.get_localhost", lambda: "127.0.0.1")
    closed_post.start(**given)
    house = House(sqlite_office, closed_post.port)
    house.mention("ben")
    one = house.one()
    one.settings = replace(one.settings, mail=replace(one.settings.mail, host="localhost", tls=tls))

    done = one.run()

    assert (done.sent, len(closed_post.letters)) == ((1, 1) if known else (0, 0))
