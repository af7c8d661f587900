"""An organisation is founded once, whoever died while doing it."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from tests.support.office import library
from workflow.core.step import SYSTEM
from workflow.service.door import Workflow
from workflow.service.organisation import BOOK
from workflow.storage.database import Database
from workflow.storage.store import Store


def interrupted(connection: Connection) -> None:
    assert Store(connection).new_id() == BOOK
    raise InterruptedError


def test_who_dies_while_founding_leaves_it_to_the_next(database: Database) -> None:
    # PostgreSQL does not take back the number that was given out.
    with pytest.raises(InterruptedError), database.writing() as connection:
        interrupted(connection)
    door = Workflow(database, library())
    door.found()
    door.found()
    unit = door.add_unit("city", name_zh="市局", name_en="City", kind="city", parent=None, actor=SYSTEM)

    assert door.directory().unit(unit) is not None
    customer = door.register_customer({"name_zh": "青云数据有限公司", "division": "440106"}, actor=SYSTEM)
    assert customer > BOOK
