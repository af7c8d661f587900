"""A customer number says where, which one and which branch (003 §4.2(3))."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.core.errors import NumberInvalid
from workflow.customers.divisions import division_name, is_division, province
from workflow.customers.number import CustomerNumber, next_branch, next_head, parse, spaced

NUMBERS = st.builds(
    CustomerNumber,
    division=st.sampled_from(["440300", "441900", "430100", "110105", "360000"]),
    sequence=st.integers(1, 99_999),
    branch=st.integers(0, 999),
)


@given(NUMBERS)
def test_a_number_is_read_back_as_it_is_written(number):
    assert len(str(number)) == 14
    assert parse(str(number)) == number
    assert parse(spaced(number)) == number


@given(NUMBERS, NUMBERS)
def test_numbers_sort_like_their_digits(one, other):
    assert (one < other) == (str(one) < str(other))


@given(NUMBERS)
def test_a_branch_belongs_to_its_head_and_to_nobody_else(number):
    assert number.head.is_head
    assert number.is_branch_of(number.head) is not number.is_head
    assert not number.head.is_branch_of(number)
    assert not number.is_branch_of(next_head(number.division, number.sequence % 99_998 + 1))


@pytest.mark.parametrize("text", ["44030000001000", "４４０３００ 00001 000", " 440300-00001-000\n"])
def test_people_write_numbers_in_many_ways(text):
    assert parse(text) == CustomerNumber("440300", 1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "digits"),
        ("4403000000100A", "digits"),
        ("٤٤٠٣٠٠٠٠٠٠١٠٠٠", "digits"),
        ("44030000001000\0", "digits"),
        ("😀", "digits"),
        ("4403000000100", "length"),
        ("440300000010000", "length"),
        ("9" * 10_000, "length"),
        ("99030000001000", "division"),
        ("00000000001000", "division"),
        ("44030000000000", "sequence"),
    ],
)
def test_a_wrong_number_is_refused_with_the_reason(text, why):
    with pytest.raises(NumberInvalid) as refusal:
        parse(text)

    assert refusal.value.facts["why"] == why
    assert len(str(refusal.value.facts["number"])) <= 40


def test_numbers_are_given_out_in_order_until_they_are_used_up():
    assert str(next_head("440300", 0)) == "44030000001000"
    assert str(next_head("440300", 41)) == "44030000042000"
    assert str(next_branch(parse("44030000042000"), 0)) == "44030000042001"
    with pytest.raises(NumberInvalid):
        next_head("440300", 99_999)
    with pytest.raises(NumberInvalid):
        next_branch(parse("44030000042000"), 999)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("440300", "广东省深圳市"),
        ("440000", "广东省"),
        ("110000", "北京市"),
        ("419001", "河南省济源市"),
        ("440199", "广东省"),
        ("999999", None),
    ],
)
def test_a_division_has_a_name(code, name):
    assert division_name(code) == name


@pytest.mark.parametrize(
    ("code", "known"), [("440300", True), ("4403", False), ("44O300", False), ("000000", False), ("", False)]
)
def test_a_division_is_six_digits_in_a_province(code, known):
    assert is_division(code) is known


def test_a_province_is_found_for_every_county():
    assert province("310115") == "上海市"
    assert province("xx") is None
