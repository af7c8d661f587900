"""Scenes of what is kept about the histories, and of what people arrange for themselves."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

from bench.storm.scene import Scene
from bench.storm.scenes_of_work import opened, told
from bench.storm.stage import House
from workflow.audit import rounds
from workflow.audit.controls import runs as controls
from workflow.audit.log import keyfile
from workflow.audit.log.sealer import Sealer
from workflow.core.step import SYSTEM
from workflow.settings import Seal, Settings
from workflow.storage import log

FORM = {"note": "写了一半"}


def _sealer(house: House) -> Sealer:
    settings = Seal(key=house.outside.with_name("seal.key"))
    if not settings.key.exists():
        keyfile.make(settings.key)
    return Sealer(house.database, settings, clock=lambda: house.now)


def _seal(house: House) -> None:
    """With subtrees so small that some are full."""
    with patch.object(log, "LEVEL", 2), patch.object(log, "WIDTH", 4):
        _sealer(house).seal()


def _sign(house: House) -> None:
    _sealer(house).run()


def _judge(house: House) -> None:
    rounds.at_once(house.database, house.door.library, now=lambda: house.now)


def _control(house: House) -> None:
    controls.nightly(house.database, house.door.library, now=lambda: house.now, zone=Settings().display.zone)


def _controlled(house: House) -> None:
    """The night after a clock ran out."""
    house.opened()
    house.later(days=3)
    house.drain()
    _control(house)


def _filled(house: House) -> None:
    """A case with an attachment and a form that was begun."""
    house.opened()
    house.door.attach(house.case().id, "证件.txt", b"13900000000", actor=house.actor("anna"))
    _draft(house)


def _erase(house: House) -> int:
    return house.door.erase(house.case().id, actor=house.actor("root"), reason="本人要求")


def _verified(house: House) -> None:
    """A run over everything that found something."""
    house.door.note_verification(
        began=house.now, ended=house.now, steps=9, report="{}", damages=2, kinds=["altered", "head"]
    )


def _ask(house: House) -> int:
    return house.door.ask_verification(actor=house.actor("sue"))


def _asked(house: House) -> None:
    _audited(house)
    _ask(house)


def _verify(house: House) -> None:
    """What was asked for, by whichever scheduler comes by: begun, told how far it is, on record."""
    run = house.door.begin_verification("keeper", night=None, silence=Settings().scheduler.silence)
    if run is not None:
        house.door.tell_verification(run, "lists", 1, 2)
        house.door.note_verification(
            began=house.now, ended=house.now, steps=9, report="{}", damages=2, kinds=["altered", "head"], run=run
        )


def _leave(house: House) -> None:
    """Begun by one that is stopped."""
    run = house.door.begin_verification("keeper", night=None, silence=Settings().scheduler.silence)
    if run is not None:
        house.door.leave_verification(run, failed=False)


def _worse(house: House) -> None:
    house.door.note_verification(
        began=house.now, ended=house.now, steps=9, report="{}", damages=3, kinds=["altered", "altered", "head"]
    )


def _audited(house: House) -> None:
    """Somebody is there to be told."""
    house.door.grant(house.person("sue"), house.unit, "auditor", actor=SYSTEM)


def _found_damage(house: House) -> None:
    _audited(house)
    _verified(house)


def _close_damage(house: House) -> None:
    found = int(house.one("SELECT max(id) FROM incidents"))
    house.door.close_damage(found, "磁盘故障", actor=house.actor("sue"))


def _taken_out(house: House) -> None:
    house.door.note_read("export.case", house.actor("anna"), detail={"files": 1}, case=house.case().id)


def _read_all(house: House) -> None:
    last = int(house.one("SELECT max(id) FROM outbox"))
    house.door.read_notices(last, house.actor("ben"))


def _view(house: House) -> None:
    house.door.save_view("我的", of="mine", query="", actor=house.actor("anna"))


def _another_view(house: House) -> None:
    house.door.save_view("我的", of="mine", query="late=1", actor=house.actor("anna"))


def _drop_view(house: House) -> None:
    view = house.one("SELECT max(id) FROM views")
    house.door.drop_view(int(view or 0), actor=house.actor("anna"))


def _watch(house: House) -> None:
    house.door.watch(house.case().id, actor=house.actor("sue"))


def _watched(house: House) -> None:
    house.opened()
    _watch(house)


def _unwatch(house: House) -> None:
    house.door.unwatch(house.case().id, actor=house.actor("sue"))


def _snooze(house: House) -> None:
    until = house.now + timedelta(days=1)
    house.door.snooze(house.case().id, 1, until=until, actor=house.actor("anna"))


def _draft(house: House) -> None:
    house.door.keep_draft(house.case().id, "1:finish", seq=1, form=FORM, actor=house.actor("anna"))


def _drafted(house: House) -> None:
    house.opened()
    _draft(house)


def _drop_draft(house: House) -> None:
    house.door.drop_draft(house.case().id, "1:finish", actor=house.actor("anna"))


def _feed(house: House) -> None:
    house.door.open_feed(actor=house.actor("anna"))


SCENES = {
    "seal": Scene(prepare=opened, act=_seal),
    "sign a checkpoint": Scene(prepare=opened, act=_sign),
    "judge histories": Scene(prepare=opened, act=_judge, tries=frozenset({"replays"}), again=False),
    "run the controls": Scene(prepare=_controlled, act=_control, after=timedelta(days=4)),
    "erase": Scene(prepare=_filled, act=_erase, again=False),
    "ask for a verification": Scene(prepare=_audited, act=_ask, again=False),
    "verify what was asked for": Scene(prepare=_asked, act=_verify),
    "leave a verification": Scene(prepare=_asked, act=_leave),
    "find damage": Scene(prepare=_audited, act=_verified, again=False),
    "find more damage": Scene(prepare=_found_damage, act=_worse, after=timedelta(days=1), again=False),
    "close an incident about damage": Scene(prepare=_found_damage, act=_close_damage, again=False),
    "note what is taken out": Scene(prepare=opened, act=_taken_out, again=False),
    "read all notices": Scene(prepare=told, act=_read_all),
    "keep a view": Scene(act=_view),
    "change a view": Scene(prepare=_view, act=_another_view),
    "drop a view": Scene(prepare=_view, act=_drop_view),
    "watch": Scene(prepare=opened, act=_watch),
    "unwatch": Scene(prepare=_watched, act=_unwatch),
    "put a task off": Scene(prepare=opened, act=_snooze),
    "keep a draft": Scene(prepare=opened, act=_draft),
    "change a draft": Scene(prepare=_drafted, act=_draft, after=timedelta(hours=1)),
    "drop a draft": Scene(prepare=_drafted, act=_drop_draft),
    "open a feed": Scene(act=_feed),
}
