"""One file of customers, applied by two at once: each portion once."""

from __future__ import annotations

import pytest

from tests.service.test_customer_table import table
from tests.service.test_two_people import another, finish, together
from tests.support.office import Office
from workflow.core.step import SYSTEM
from workflow.intake import customer_file


def test_two_that_apply_one_file_at_once_apply_each_row_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one who brought it presses twice, and somebody goes on with it on the command line."""
    monkeypatch.setattr(customer_file, "PORTION", 3)
    clerk, number = office.actor("clerk"), str(office.stored(office.customer).number)
    some = [["", f"同时{n}有限公司", "440106"] for n in range(17)]
    content = table([number, "", "", "", "", "新地址"], *some).encode()
    upload = customer_file.keep(office.workflow, "名单.csv", content, mode="both", actor=clerk)
    doors = [another(office) for _ in range(3)]

    results = together(
        *(
            lambda door=door, who=who: customer_file.apply(door, upload, actor=who)
            for door, who in zip(doors, (clerk, SYSTEM, clerk), strict=True)
        )
    )

    assert results == [None, None, None]
    row = office.workflow.upload(upload, clerk).upload
    assert (row.state, row.position, row.whole, row.report["left"]) == ("applied", 6, 6, [])
    assert office.count("customers") == 18
    assert office.count("upload_steps") == 18
    assert office.count("refusals") == 0
    assert office.stored(office.customer).seq == 2
    finish(office, doors)
