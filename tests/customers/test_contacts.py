"""People of a customer: numbers however they are written, older texts, divisions that are no more, branches by name."""

import pytest

from workflow.customers import contacts, divisions, names
from workflow.customers.classes import industries, industry


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("138 0000 1111", "13800001111"),
        ("+86-138-0000-1111", "13800001111"),
        ("0086 13800001111", "13800001111"),
        ("１３８００００１１１１", "13800001111"),
        ("0769-22334455", "076922334455"),
        ("+86 769 2233 4455", "076922334455"),
        ("(0769)22334455 转 801", "076922334455"),
        ("22334455 ext. 7", "22334455"),
        ("12345", None),
        ("没有", None),
    ],
)
def test_one_number_is_found_however_it_is_written(text: str, number: str | None) -> None:
    assert contacts.normalised_phone(text) == number


def test_the_text_of_older_records_is_read_as_people() -> None:
    first, second, third = contacts.read("赵主任 13800001111；李总（0769-22334455）\n王女士")

    assert (first.name, first.phone) == ("赵主任", "13800001111")
    assert (second.name, second.phone) == ("李总", "0769-22334455")
    assert (third.name, third.phone) == ("王女士", "")
    assert contacts.checked("赵主任 13800001111") == [{"name": "赵主任", "phone": "13800001111"}]
    assert contacts.read("") == contacts.read(None) == ()


@pytest.mark.parametrize(
    ("code", "until", "successor"),
    [("440183", 2014, "440118"), ("310108", 2015, "310106"), ("440118", None, None), ("500110", None, None)],
)
def test_an_abolished_division_is_resolved_with_year_and_successor(
    code: str, until: int | None, successor: str | None
) -> None:
    """003 §4.2(3): a number outlives its division."""
    found = divisions.division(code)
    assert found is not None
    assert (found.until, found.successor) == (until, successor)


def test_every_successor_in_the_table_follows_one_that_is_no_more() -> None:
    for old, new in divisions._successors().items():
        was, now = divisions.division(old), divisions.division(new)
        assert was is not None
        assert was.until is not None, old
        assert now is not None
        assert now.until is None, new
        assert {old, new} <= divisions.alike(old)
        assert divisions.alike(old) == divisions.alike(new)


def test_the_industries_are_those_of_the_rules_and_others_may_be_written_out() -> None:
    """002 §7: fourteen are named, and the list goes on (等)."""
    assert len(industries()) == 14
    assert industry("制造业") == industry("manufacturing") == industry("Manufacturing") == "manufacturing"
    assert industry(" 渔业 ") == "渔业"


@pytest.mark.parametrize(
    ("name", "branch"),
    [
        ("海棠旅行社东莞分公司", True),
        ("海棠银行莞城支行", True),
        ("海棠商贸营业部", True),
        ("海棠旅行社有限公司", False),
        ("分公司", False),
    ],
)
def test_a_branch_is_told_by_how_its_name_ends(name: str, branch: bool) -> None:
    key = names.normalised(name)
    assert names.is_branch(key) is branch
    assert bool(names.heads_of(key)) is branch
