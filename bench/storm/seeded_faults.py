"""The harness sees: every seeded fault is caught by a check that the product itself passes.

A storm that finds nothing proves little unless it finds what is there. Each fault is a change of the real code, and is
looked for by the means by which the product is: killed at named points, two at once, a full disk.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import event

from bench.places import Place, bare
from bench.storm import seeded
from bench.storm.crash_points import Theatre, killed, rehearsed, settle, theatre
from bench.storm.likeness import unlike
from bench.storm.outcome import Outcome, Size
from bench.storm.points import ANSWERED
from bench.storm.scene import Scene
from bench.storm.scenes import SCENES
from bench.storm.scenes_of_letters import deliver
from bench.storm.side_by_side import Told, side_by_side
from bench.storm.stage import House
from workflow.storage.errors import StorageUnavailable

BOTH = ("sqlite", "postgresql")

UNFIT = ("StorageUnavailable", "CaseChanged", "IntegrityError")
"""No answer for a person who was too late: it does not say who was quicker."""

Look = Callable[[Theatre, Callable[[], AbstractContextManager[None]]], list[str]]
"""A check: what it finds wrong while the product has the fault it is given, which may be none."""


def cut_short(name: str, stage: Theatre, fault: Callable[[], AbstractContextManager[None]]) -> list[str]:
    """Play a scene to its end and, should that be well, kill it at every point, beginning with the commits."""
    scene = SCENES[name]
    stage.prepare(scene)
    healthy = rehearsed(stage, name, scene)
    with fault():
        stage.again()
        try:
            played = rehearsed(stage, name, scene)
        except ChildProcessError as broken:
            return [str(broken)]
        found = stage.wrong()
        if other := unlike(played.last, healthy.last):
            found.append(f"{name}: in the end not once each: {other}")
        judged = replace(healthy, points=played.points)
        points = played.points
        for place in sorted(range(len(points)), key=lambda one: (points[one].what not in (ANSWERED, "commit"), -one)):
            if found:
                break
            found = killed(stage, name, scene, judged, place, exact=False)
    return found


def one_task(stage: Theatre, fault: Callable[[], AbstractContextManager[None]]) -> list[str]:
    """Two people finish one task: one does, the other is told so."""
    scene = SCENES["perform"]

    def finish(login: str, house: House) -> Any:
        case = house.case()
        return house.door.perform(case.id, "wait", task=1, actor=house.actor(login))

    stage.prepare(scene)
    with fault():
        told = side_by_side(
            stage, scene, partial(finish, "anna"), partial(finish, "ben"), at=("update cases", "before")
        )
        return [
            *_one_winner(told),
            *stage.wrong(),
            *_counted(stage, "SELECT count(*) FROM steps WHERE trigger = 'wait'", 1),
        ]


def one_key(stage: Theatre, fault: Callable[[], AbstractContextManager[None]]) -> list[str]:
    """One command comes twice at once under one key: it is done once, and both hear the same."""
    scene = SCENES["comment"]
    stage.prepare(scene)
    with fault():
        told = side_by_side(stage, scene, scene.act, scene.act, at=("commit", "before"))
        found = [] if told[0] == told[1] and told[0].how == "done" else [f"two answers to one command: {told}"]
        return [*found, *stage.wrong(), *_counted(stage, "SELECT count(*) FROM steps WHERE kind = 'comment'", 1)]


def two_sweeps(name: str, stage: Theatre, fault: Callable[[], AbstractContextManager[None]]) -> list[str]:
    """What two schedulers do is what one would have done."""
    scene = SCENES[name]
    stage.prepare(scene)
    healthy = rehearsed(stage, name, scene)
    stage.again()
    with fault():
        told = side_by_side(stage, scene, scene.act, scene.act)
        settle(stage, scene)
        found = [f"a sweep broke: {one.what}" for one in told if one.how != "done"]
        if other := unlike(stage.seen(), healthy.last):
            found.append(f"{name}: not what one sweep does: {other}")
        return found + stage.wrong()


def late_commit(stage: Theatre, fault: Callable[[], AbstractContextManager[None]]) -> list[str]:
    """A message that is committed after a later one leaves the house as well."""

    def prepare(house: House) -> None:
        house.opened()
        house.opened()

    def write(nth: int, house: House) -> Any:
        case = int(house.one(f"SELECT id FROM cases WHERE definition = 'round' ORDER BY id LIMIT 1 OFFSET {nth}"))
        after = house.door.comment(case, "@ben 请看", actor=house.actor("anna"))
        if nth:
            deliver(house, way="webhook")
        return after

    scene = Scene(prepare=prepare, act=partial(write, 0))
    stage.prepare(scene)
    with fault():
        with stage.house(scene) as house:
            deliver(house, way="webhook")
        told = side_by_side(stage, scene, scene.act, partial(write, 1), at=("commit", "before"), here=True)
        found = [f"one of the two broke: {one.what}" for one in told if one.how != "done"]
        with stage.house(scene) as house:
            deliver(house, way="webhook")
        return [*found, *_counted(stage, "SELECT count(*) FROM outbox WHERE state = 'waiting'", 0)]


def an_outsider(stage: Theatre, fault: Callable[[], AbstractContextManager[None]]) -> list[str]:
    """Somebody writes into the file past the gate, while a command is at work: neither is lost, and none fails."""
    scene = SCENES["perform"]

    def write(_: House) -> Any:
        connection = bare(stage.ground.url)
        connection.execute("INSERT INTO facts (name, value) VALUES ('outsider', 1)")
        connection.close()

    stage.prepare(scene)
    with fault():
        # Without a key: what is done first is to read.
        work = partial(House.pull, trigger="wait")
        told = side_by_side(stage, scene, work, write, at=("update cases", "before"))
        return [*(f"the one or the other could not: {one.what}" for one in told if one.how != "done"), *stage.wrong()]


def full_disk(stage: Theatre, fault: Callable[[], AbstractContextManager[None]]) -> list[str]:
    """With room for nothing more, nothing of a step is kept, and whoever asked is told."""
    scene = SCENES["open"]
    stage.prepare(scene)
    before = stage.seen()
    found = []
    with fault(), stage.house(scene) as house:
        pages = int(house.one("PRAGMA page_count"))
        house.database.dispose()
        event.listen(
            house.database.engine, "connect", lambda driver, _: driver.execute(f"PRAGMA max_page_count = {pages}")
        )
        for nth in range(200):
            try:
                house.opened(note="满" * 3000)
            except StorageUnavailable as full:
                found += [] if full.reason == "full" else [f"it said {full.reason}"]
                break
            except Exception as failure:  # noqa: BLE001 - what it says instead is what is looked at
                found.append(f"a full disk was told as {type(failure).__name__}")
                break
            if nth == 199:
                found.append("the disk never was full")
    found += stage.wrong()
    if len(stage.seen()["cases"]) < len(before["cases"]):
        found.append("cases are gone")
    return found


def _one_winner(told: tuple[Told, Told]) -> list[str]:
    winners = [one for one in told if one.how == "done"]
    found = [] if len(winners) == 1 else [f"{len(winners)} winners of one task"]
    return found + [
        f"who came too late was told {one.what}" for one in told if one.how == "broken" or one.what in UNFIT
    ]


def _counted(stage: Theatre, query: str, wanted: int) -> list[str]:
    with stage.database() as database, database.reading() as connection:
        found = connection.exec_driver_sql(query).scalar()
    return [] if found == wanted else [f"{found} instead of {wanted}: {query}"]


@dataclass(frozen=True, slots=True)
class Seed:
    """`look` must find it where it is; `tells`: a word of what it must say."""

    fault: Callable[[], AbstractContextManager[None]]
    look: Look
    tells: tuple[str, ...]
    databases: tuple[str, ...] = BOTH


def _cut(name: str) -> Look:
    return partial(cut_short, name)


HALF = ("not what its commits say", "not what the cases say", "history")
TWICE = ("in the end not once each", *HALF)
SEEDS: dict[str, Seed] = {
    "one step in two transactions": Seed(seeded.two_transactions, _cut("perform"), HALF),
    "claimed in one transaction, done in the next": Seed(seeded.claimed_first, _cut("climb"), HALF),
    "the key kept after the effect": Seed(seeded.key_after_effect, _cut("comment"), TWICE),
    "the key looked for, not taken": Seed(
        seeded.key_after_effect, one_key, ("one command", "instead of 1"), ("postgresql",)
    ),
    "messages written after the commit": Seed(seeded.outbox_after_commit, _cut("comment"), HALF),
    "answered before the commit": Seed(seeded.answered_first, _cut("comment"), HALF),
    "no lock on the case": Seed(seeded.no_lock, one_task, ("was told",), ("postgresql",)),
    "no version check": Seed(
        seeded.no_version_check, one_task, ("winners", "history", "instead of 1"), ("postgresql",)
    ),
    "SQLite's BEGIN instead of BEGIN IMMEDIATE": Seed(seeded.begin_as_reader, an_outsider, ("could not",), ("sqlite",)),
    "timers not looked at again under the lock": Seed(
        seeded.not_looked_at_again, partial(two_sweeps, "climb"), ("not what one sweep does", "went 2 times", "broke")
    ),
    "recurring work not looked at again": Seed(
        seeded.not_looked_at_again, partial(two_sweeps, "recur"), ("not what one sweep does", "went 2 times", "broke")
    ),
    "a log polled by id > last": Seed(seeded.polled_by_id, late_commit, ("instead of 0",), ("postgresql",)),
    "the chain over values spelt anew": Seed(seeded.hashed_again, _cut("perform with data"), ("history",)),
    "the next rung kept in memory": Seed(seeded.next_rung_in_memory, _cut("open"), HALF),
    "the place on the ladder not stored": Seed(seeded.ladder_not_stored, _cut("climb"), TWICE),
    "on record as sent before it is": Seed(seeded.recorded_before_sent, _cut("send"), ("nobody got it",)),
    "a breach stamped when it was noticed": Seed(seeded.stamped_now, _cut("climb"), ("in the end not once each",)),
    "word of a linked case left after the commit": Seed(seeded.word_after_commit, _cut("end a linked case"), TWICE),
    "a recount's place noted first": Seed(seeded.place_noted_first, _cut("recount"), TWICE),
    "an import's place noted after": Seed(seeded.import_noted_after, _cut("import"), TWICE),
    "a full disk swallowed": Seed(
        seeded.full_disk_swallowed,
        full_disk,
        ("not what the cases say", "history", "was told as", "never was"),
        ("sqlite",),
    ),
}


def run(place: Place, size: Size) -> Outcome:
    """Small: what is killed at points, on SQLite only, and with a fault only: `crash_points` does it without."""
    began = time.perf_counter()
    logging.disable(logging.CRITICAL)
    counts, faults = sown(place, whole=size != "small")
    logging.disable(logging.NOTSET)
    return Outcome(
        row="seeded_faults",
        database=place.name,
        counts=counts,
        faults=tuple(faults),
        seconds=time.perf_counter() - began,
    )


def sown(place: Place, *, whole: bool = True) -> tuple[dict[str, int], list[str]]:
    """Every seed of a database is to be found, and the product without any is to pass the same checks.

    `whole` False: what is killed at points only on SQLite, and only with a fault.
    """
    mine = {
        name: seed
        for name, seed in SEEDS.items()
        if place.name in seed.databases and (whole or place.name == "sqlite" or not _kills(seed))
    }
    faults: list[str] = []
    caught = passed = 0
    with theatre(place) as stage:
        for name, seed in mine.items():
            found = seed.look(stage, seed.fault)
            if any(word in one for one in found for word in seed.tells):
                caught += 1
            else:
                faults.append(f"nobody saw the seeded fault “{name}”: {found or 'nothing found'}")
        looks = {str(seed.look): seed.look for seed in mine.values() if whole or not _kills(seed)}
        for look in looks.values():
            found = look(stage, nullcontext)
            passed += not found
            faults += [f"the product without a fault: {one}" for one in found]
    return {"seeded": len(mine), "caught": caught, "passed without": passed}, faults


def _kills(seed: Seed) -> bool:
    return isinstance(seed.look, partial) and seed.look.func is cut_short
