"""The write gate: first come, first served, and nobody keeps it by giving up."""

import multiprocessing
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from workflow.storage.gate import Gate, Turns

SPAWN = multiprocessing.get_context("spawn")


def hold(path: Path, told: Connection) -> None:
    """Keep the gate until told to let go."""
    gate = Gate(path)
    assert gate.acquire(10)
    told.send("held")
    told.recv()
    gate.release()
    told.send("released")


def holder(path: Path) -> Connection:
    mine, theirs = SPAWN.Pipe()
    SPAWN.Process(target=hold, args=(path, theirs), daemon=True).start()
    assert mine.recv() == "held"
    return mine


def test_turns_come_in_the_order_they_were_asked_for() -> None:
    turns, order = Turns(), list[int]()
    assert turns.acquire(1)

    def wait(n: int) -> None:
        assert turns.acquire(10)
        order.append(n)
        turns.release()

    threads = [threading.Thread(target=wait, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    turns.release()
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_who_gives_up_waiting_leaves_the_turn_to_the_next() -> None:
    turns = Turns()
    assert turns.acquire(1)
    assert not turns.acquire(0.05)
    turns.release()
    assert turns.acquire(0)


def test_a_gate_held_by_another_process_is_waited_for(tmp_path: Path) -> None:
    gate, other = Gate(tmp_path / "gate"), holder(tmp_path / "gate")
    threading.Timer(0.1, other.send, args=("go",)).start()
    began = time.monotonic()
    assert gate.acquire(10)
    assert 0.05 < time.monotonic() - began < 9
    gate.release()


def test_a_wait_that_was_given_up_does_not_keep_the_gate(tmp_path: Path) -> None:
    gate, other = Gate(tmp_path / "gate"), holder(tmp_path / "gate")
    assert not gate.acquire(0.05)
    assert not gate.acquire(0.05)
    waiting = [thread for thread in threading.enumerate() if thread.name == "baton-gate"]
    assert len(waiting) == 1
    other.send("go")
    assert other.recv() == "released"
    waiting[0].join(5)

    third = holder(tmp_path / "gate")
    third.send("go")
    assert third.recv() == "released"
    assert gate.acquire(5)
    gate.release()


def test_the_gate_opens_again_after_every_release(tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    for _ in range(3):
        assert gate.acquire(1)
        gate.release()


def test_the_holder_knows_whether_a_thread_waits(tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    assert gate.acquire(1)
    assert not gate.wanted()
    waiting = threading.Thread(target=lambda: gate.acquire(10) and gate.release())
    waiting.start()
    until = time.monotonic() + 10
    while not gate.wanted():
        assert time.monotonic() < until
        time.sleep(0.005)
    gate.release()
    waiting.join()
    assert gate.acquire(1)
    assert not gate.wanted()
    gate.release()


def test_the_holder_knows_whether_another_process_waits(tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    assert gate.acquire(1)
    mine, theirs = SPAWN.Pipe()
    other = SPAWN.Process(target=hold, args=(tmp_path / "gate", theirs), daemon=True)
    assert not gate.wanted()
    other.start()
    until = time.monotonic() + 10
    while not gate.wanted():
        assert time.monotonic() < until
        time.sleep(0.005)
    gate.release()
    assert mine.recv() == "held"
    mine.send("go")
    assert mine.recv() == "released"
    assert gate.acquire(5)
    assert not gate.wanted()
    gate.release()


def test_who_cannot_say_that_they_wait_is_told_and_later_waits_again(tmp_path: Path) -> None:
    gate, other = Gate(tmp_path / "gate"), holder(tmp_path / "gate")
    in_the_way = tmp_path / "gate-queue"
    in_the_way.mkdir()
    with pytest.raises(OSError, match="gate-queue"):
        gate.acquire(5)
    in_the_way.rmdir()
    other.send("go")
    assert other.recv() == "released"
    assert gate.acquire(5)
    gate.release()
