"""A table of customers on pages: looked at cell by cell, its faults taken along, applied, and taken back."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from tests.support.office import Office
from tests.web.conftest import Visitor, token
from tests.web.test_revenue import rows_of

Enter = Callable[[str], Visitor]
HEAD = "客户编号,客户名称,行政区划代码,地址,客户性质\r\n"


def send(visitor: Visitor, content: bytes, mode: str = "both") -> Any:
    page = visitor.get("/imports/").text
    form = {"csrf_token": token(page), "mode": mode, "file": (io.BytesIO(content), "名单.csv")}
    return visitor.client.post("/imports/customers", data=form, content_type="multipart/form-data")


def test_a_list_of_customers_is_looked_at_applied_and_taken_back(sqlite_office: Office, signed_in: Enter) -> None:
    clerk, number = signed_in("clerk"), sqlite_office.stored(sqlite_office.customer).number
    content = f"{HEAD}{number},,,<b>新路</b>1号,政策性\r\n,新来有限公司,440106,,\r\n,坏公司,990000,,公益\r\n".encode(
        "gb18030"
    )

    answer = send(clerk, content, "nonsense")
    assert answer.status_code == 302
    place = answer.headers["Location"]
    page = clerk.get(place).text
    assert "&lt;b&gt;新路&lt;/b&gt;1号" in page
    assert "<ins>政策性</ins>" in page
    assert "新增和更新" in page
    assert "导入这2行" in page
    assert "不是可选的值，请填写其中之一：商业性、政策性" in page
    assert sqlite_office.count("customers") == 1
    copy = clerk.get(f"{place}marked.xlsx")
    assert ".csv" in copy.headers["Content-Disposition"]
    assert "坏公司" in copy.data.decode("gb18030")

    clerk.post(f"{place}apply", page=place)
    assert "已导入" in clerk.get(place).text
    assert "新来有限公司" in clerk.get("/customers/").text
    found = sqlite_office.workflow.customers(sqlite_office.actor("clerk")).rows
    [new] = [row.id for row in found if row.name.zh == "新来有限公司"]
    assert "此前已上传过" in clerk.get(send(clerk, content).headers["Location"]).text
    clerk.post(f"{place}undo", page=place)
    assert "已撤回" in clerk.get(place).text
    assert "新来有限公司" not in clerk.get("/customers/").text
    assert "已随导入文件撤回" in clerk.get(f"/customers/{new}/").text
    assert clerk.post(f"{place}undo", page=place).status_code == 409
    assert signed_in("director").get(place).status_code == 404
    assert signed_in("auditor").get(place).status_code == 200


def test_columns_of_owners_are_refused_and_the_template_has_none(signed_in: Enter) -> None:
    clerk = signed_in("clerk")
    answer = send(clerk, "客户名称,A角\n甲公司,张三\n".encode())
    assert answer.status_code == 422
    assert "这些列不能导入：A角" in answer.text
    for content in (b"", b"PK\x03\x04x", b"\xff\xfe\x00", "客户名称".encode(), b"\x00" * 50, b'"' * 5000):
        assert send(clerk, content).status_code == 422
    assert rows_of(clerk.get("/imports/customers/template.xlsx").data)[0][:3] == [
        "客户编号", "客户名称", "英文名称",
    ]  # fmt: skip
