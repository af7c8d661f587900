"""What people do with their work beside pulling triggers: take it, give it away, write to it, stop its clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from workflow.core import mentions
from workflow.core.case import Case
from workflow.core.desk import Desk
from workflow.core.step import Actor
from workflow.core.work import Decision
from workflow.service import written
from workflow.service.commands import Commands
from workflow.service.unit import Unit
from workflow.storage import files
from workflow.storage.store import Loaded


class AtDesk(Commands):
    def claim(self, case: int, task: int, *, actor: Actor, at: datetime | None = None, key: str | None = None) -> Case:
        """A task of my queue becomes mine."""
        return self._at_desk(case, "claim", [task], actor, lambda d: d.claim(task), at=at, key=key, task=task)

    def release(
        self, case: int, task: int, *, actor: Actor, at: datetime | None = None, key: str | None = None
    ) -> Case:
        """My task goes back: to its queue, or to the one who delegated it."""
        return self._at_desk(case, "release", [task], actor, lambda d: d.release(task), at=at, key=key, task=task)

    def delegate(
        self,
        case: int,
        task: int,
        *,
        to: int,
        actor: Actor,
        note: str = "",
        at: datetime | None = None,
        key: str | None = None,
    ) -> Case:
        """Somebody else does this one task for me; putting it back returns it."""

        def give(desk: Desk) -> Decision:
            return desk.delegate(task, to, written.text("note", note, needed=False))

        return self._at_desk(case, "delegate", [task, to, note], actor, give, at=at, key=key, task=task)

    def reassign(
        self,
        case: int,
        task: int,
        *,
        to: int,
        actor: Actor,
        reason: str,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Case:
        """A task becomes somebody else's for good."""

        def give(desk: Desk) -> Decision:
            return desk.reassign(task, to, written.text("reason", reason))

        return self._at_desk(case, "reassign", [task, to, reason], actor, give, at=at, key=key, task=task)

    def comment(
        self, case: int, text: str, *, actor: Actor, at: datetime | None = None, key: str | None = None
    ) -> Case:
        """Write beside a case; `@login` and `@name` tell that person. Raises `MentionUnfit`, `Refused`."""

        def write(desk: Desk) -> Decision:
            fit = written.text("comment", text)
            return desk.comment(fit, mentions.of(fit, desk.case, desk.world.directory, desk.at))

        return self._at_desk(case, "comment", [text], actor, write, at=at, key=key)

    def remind(self, case: int, text: str, *, actor: Actor, at: datetime | None = None, key: str | None = None) -> Case:
        """Write beside a case to those who have its open tasks. Raises `NobodyToRemind`, `Refused`."""

        def write(desk: Desk) -> Decision:
            return desk.remind(written.text("comment", text))

        return self._at_desk(case, "remind", [text], actor, write, at=at, key=key)

    def acknowledge(
        self,
        case: int,
        escalation: int,
        *,
        actor: Actor,
        note: str = "",
        at: datetime | None = None,
        key: str | None = None,
    ) -> Case:
        """Say that an escalation was seen."""

        def say(desk: Desk) -> Decision:
            return desk.acknowledge(escalation, written.text("note", note, needed=False))

        return self._at_desk(case, "acknowledge", [escalation, note], actor, say, at=at, key=key)

    def pause(
        self,
        case: int,
        clock: str,
        *,
        actor: Actor,
        reason: str = "",
        at: datetime | None = None,
        key: str | None = None,
    ) -> Case:
        """Let a clock stand still, if the lifecycle allows it. Raises `ClockNotRunning`, `PauseUsedUp`, `Refused`."""

        def stop(desk: Desk) -> Decision:
            return desk.pause(clock, written.text("reason", reason, needed=desk.asks_reason(clock)))

        return self._at_desk(case, "pause", [clock, reason], actor, stop, at=at, key=key)

    def resume(
        self, case: int, clock: str, *, actor: Actor, note: str = "", at: datetime | None = None, key: str | None = None
    ) -> Case:
        """Let a clock that was paused by hand go on. Raises `ClockNotHeld`, `Refused`."""

        def go(desk: Desk) -> Decision:
            return desk.resume(clock, written.text("note", note, needed=False))

        return self._at_desk(case, "resume", [clock, note], actor, go, at=at, key=key)

    def attach(
        self,
        case: int,
        name: str,
        content: bytes,
        *,
        actor: Actor,
        type: str = "application/octet-stream",  # noqa: A002 - the word of the field
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """Add a file to a case; gives its id. The history holds its hash. Raises `FileTooLarge`, `Refused`."""
        kept: list[int] = []

        def add(work: Unit, loaded: Loaded, now: datetime) -> Decision:
            fit = written.file(name, content, self.most_file_bytes)
            kind = written.text("type", type, most=written.MOST_NAME)
            file = files.add(work.connection, loaded.case.id, fit, kind, content, by=actor.person, at=now)
            kept.append(file["id"])
            return self._desk(work, loaded, actor, now).attach(file)

        after = self._run(case, "attach", [name, written.digest(content)], actor, add, at=at, key=key)
        return kept[0] if kept else self._attached(after)

    def _at_desk(
        self,
        case: int,
        attempt: str,
        payload: list[Any],
        actor: Actor,
        act: Callable[[Desk], Decision],
        *,
        at: datetime | None,
        key: str | None,
        task: int | None = None,
    ) -> Case:
        def decided(work: Unit, loaded: Loaded, now: datetime) -> Decision:
            return act(self._desk(work, loaded, actor, now))

        return self._run(case, attempt, payload, actor, decided, at=at, key=key, task=task)

    def _desk(self, work: Unit, loaded: Loaded, actor: Actor, now: datetime) -> Desk:
        return Desk(work.definition(loaded.case), loaded.case, work.world(loaded), actor=actor, at=now, recorded=now)

    def _attached(self, case: Case) -> int:
        with self.database.reading() as connection:
            return files.last(connection, case.id, case.seq)
