"""The scheduler's own job for messages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from tests.delivery.conftest import House
from tests.delivery.post import Post
from workflow.scheduler import Ticker
from workflow.settings import Delivery, Mail, Scheduler, Settings


def settings(house: House) -> Settings:
    return Settings(
        scheduler=Scheduler(tick=0.05),
        mail=Mail(host="127.0.0.1", port=house.port, tls="none", sender="baton@example.org"),
        delivery=Delivery(tick=0.05, gather=0, timeout=30.0),
    )


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)


def test_messages_go_out_by_themselves(either_house: House, post: Post) -> None:
    either_house.mention("ben")
    ticker = Ticker(either_house.office.workflow, settings(either_house))

    ticker.start()
    until(lambda: bool(post.letters) and either_house.outcomes() == ["sent"])
    ticker.stop()

    assert len(post.letters) == 1


def test_a_mail_server_that_hangs_delays_no_deadline(house: House, post: Post) -> None:
    office = house.office
    post.hangs = True
    house.mention("ben")
    ticker = Ticker(office.workflow, settings(house))
    ticker.start()
    until(lambda: any(row.lease for row in house.rows("SELECT lease FROM dispatches")))

    office.later(hours=49)
    until(lambda: office.stored(house.case).clock("answer").breached is not None)

    assert post.letters == []
    post.hangs = False
    ticker.stop()
    assert len(post.letters) == 1


def test_a_stop_waits_for_one_letter_and_not_for_all(house: House, post: Post) -> None:
    post.slow = 0.3
    for login in ("anna", "ben", "supervisor", "director"):
        house.mention(login)
    before = set(threading.enumerate())
    ticker = Ticker(house.office.workflow, replace(settings(house), scheduler=Scheduler(tick=60)))
    ticker.start()
    until(lambda: len(post.letters) == 1)

    ticker.stop()

    assert len(post.letters) <= 2
    assert house.office.count("dispatches") >= 2
    assert set(threading.enumerate()) <= before
