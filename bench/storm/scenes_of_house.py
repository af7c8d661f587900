"""Scenes of the organisation, its customers and calendars, and of who signs in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import patch

from argon2 import PasswordHasher

from bench.storm.scene import Scene
from bench.storm.stage import House, library
from workflow.core.errors import Refused
from workflow.core.step import SYSTEM
from workflow.people import passwords, tokens
from workflow.people.accounts import Accounts
from workflow.storage import definitions, demonstration
from workflow.storage.definitions import Version

PASSWORD = "seven lanterns over wet slate"
SECRET = "s" * 43
WEAK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
WHERE = {"address": "192.0.2.1", "agent": "browser"}


def signed_in(house: House) -> None:
    """A session whose secret is known."""
    with_password(house)
    with patch.object(tokens, "new_token", lambda: tokens.Token(SECRET, tokens.digest(SECRET))):
        _accounts(house).sign_in("anna", PASSWORD, at=house.now, **WHERE)


def with_password(house: House) -> None:
    """As it was hashed years ago."""
    with patch.object(passwords, "_hasher", WEAK):
        _accounts(house).set_password(house.person("anna"), PASSWORD, at=house.now, must_change=False)


def brought(house: House, *off: date) -> None:
    """The working calendar with these days off."""
    present = house.door.calendars()["working"]
    house.door.bring_calendar(replace(present, off=present.off | set(off)), actor=SYSTEM)


def substituted(house: House) -> int:
    return house.door.substitute(
        house.person("anna"),
        house.person("ben"),
        since=house.now,
        until=house.now + timedelta(days=7),
        reason="休假",
        actor=house.actor("sue"),
    )


def _accounts(house: House) -> Accounts:
    return Accounts(house.database)


def _found(house: House) -> None:
    house.door.found()


def _first_unit(house: House) -> int:
    return house.door.add_unit(
        "province", name_zh="省局", name_en="Province", kind="province", parent=None, actor=SYSTEM
    )


def _unit(house: House) -> int:
    return house.door.add_unit(
        "county", name_zh="东县", name_en="County", kind="county", parent=house.unit, actor=house.actor("root")
    )


def _person(house: House) -> int:
    return house.door.add_person("carol", name_zh="卡罗", name_en="Carol", actor=house.actor("root"))


def _change_person(house: House) -> None:
    house.door.change_person(house.person("ben"), {"phone": "12345"}, actor=house.actor("root"))


def _grant(house: House) -> int:
    return house.door.grant(house.person("ben"), house.unit, "supervisor", actor=house.actor("root"))


def _revoke(house: House) -> None:
    house.door.revoke(house.person("ben"), house.unit, "account_manager", actor=house.actor("root"))


def _end_substitution(house: House) -> None:
    found = int(house.one("SELECT max(id) FROM substitutions"))
    house.door.end_substitution(found, actor=house.actor("sue"))


def _register(house: House) -> int:
    values = {"name_zh": "白鹭物流有限公司", "division": "440106", "unit": house.unit, "tier": "silver"}
    return house.door.register_customer(values, actor=house.actor("anna"), key="once")


def _change_customer(house: House) -> None:
    house.door.change_customer(house.customer, {"tier": "silver"}, actor=house.actor("anna"), key="once")


def _bring(house: House) -> None:
    brought(house, date(2026, 3, 3))


def _set_calendar(house: House) -> None:
    house.door.set_calendar(house.unit, "working", actor=house.actor("root"))


def _word(house: House) -> int:
    texts = {language: {"sentence": ["…"]} for language in ("zh", "en")}
    return house.door.word("mentioned", texts, reason="plain", actor=house.actor("root"), key="once")


def _adopt(house: House) -> None:
    house.door.adopt_calendars()


def _definitions(house: House) -> None:
    with house.database.writing() as connection:
        texts = [Version(name, 1, "0" * 64, name) for name in sorted(library().latest)]
        definitions.store(connection, texts, house.now)


def _demonstration(house: House) -> None:
    with house.database.writing() as connection:
        demonstration.mark(connection)


def _sign_in(house: House) -> None:
    with patch.object(tokens, "new_token", lambda: tokens.Token(SECRET, tokens.digest(SECRET))):
        _accounts(house).sign_in("anna", PASSWORD, at=house.now, **WHERE)


def _fail_to_sign_in(house: House) -> None:
    try:
        _accounts(house).sign_in("anna", "wrong", at=house.now, **WHERE)
    except Refused:
        return
    raise AssertionError("a wrong password opened the door")


def _look(house: House) -> None:
    _accounts(house).session(SECRET, house.now)


def _sign_out(house: House) -> None:
    _accounts(house).revoke(SECRET, house.now)


def _set_password(house: House) -> None:
    with patch.object(passwords, "_hasher", WEAK):
        _accounts(house).set_password(house.person("anna"), PASSWORD, at=house.now)


SOON = timedelta(hours=1)
SCENES = {
    "found": Scene(act=_found, bare=True),
    "add the first unit": Scene(prepare=_found, act=_first_unit, bare=True, again=False),
    "add a unit": Scene(act=_unit, again=False),
    "add a person": Scene(act=_person, again=False),
    "change a person": Scene(act=_change_person, again=False),
    "grant": Scene(act=_grant, again=False),
    "revoke": Scene(act=_revoke, after=SOON, again=False),
    "substitute": Scene(act=substituted, again=False),
    "end a substitution": Scene(prepare=substituted, act=_end_substitution, after=SOON, again=False),
    "register": Scene(act=_register),
    "change a customer": Scene(prepare=House.opened, act=_change_customer),
    "bring a calendar": Scene(prepare=House.opened, act=_bring, again=False),
    "set a calendar": Scene(prepare=House.opened, act=_set_calendar, again=False),
    "adopt calendars": Scene(act=_adopt),
    "word a message": Scene(act=_word),
    "keep definitions": Scene(act=_definitions),
    "mark the demonstration": Scene(act=_demonstration, again=False),
    "sign in": Scene(prepare=with_password, act=_sign_in, again=False, tries=frozenset({"sign_ins"})),
    "fail to sign in": Scene(prepare=with_password, act=_fail_to_sign_in, again=False),
    "be seen": Scene(prepare=signed_in, act=_look, after=SOON),
    "sign out": Scene(prepare=signed_in, act=_sign_out, after=SOON),
    "set a password": Scene(act=_set_password),
    "change a password": Scene(prepare=signed_in, act=_set_password, after=SOON),
}
