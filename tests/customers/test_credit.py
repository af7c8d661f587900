"""A credit code is checked before it is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from workflow.core.errors import NumberInvalid
from workflow.customers.credit import credit_code, division_in

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODES = st.builds(
    lambda kind, division, rest: (body := f"91{division}{kind}{rest}") + uscc.calc_check_digit(body),
    st.sampled_from(LETTERS),
    st.sampled_from(["440300", "110000"]),
    st.text(LETTERS, min_size=8, max_size=8),
)


@given(CODES)
def test_a_code_is_itself_in_any_writing(code):
    assert credit_code(code) == credit_code(f" {code.lower()[:9]} {code[9:]} ") == code
    assert division_in(code) == code[2:8]


@given(CODES, st.integers(0, 17), st.sampled_from(LETTERS))
def test_one_wrong_character_is_always_found(code, place, letter):
    wrong = code[:place] + letter + code[place + 1 :]

    if wrong != code:
        with pytest.raises(NumberInvalid):
            credit_code(wrong)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "length"),
        ("9111000060003734", "length"),
        ("9" * 10_000, "length"),
        ("A1110000600037341L", "code"),
        ("91110000600037341I", "code"),
        ("91110000600037341M", "checksum"),
        ("统一社会信用代码统一社会信用代码没有", "code"),
    ],
)
def test_a_wrong_code_is_refused_with_the_reason(text, why):
    with pytest.raises(NumberInvalid) as refusal:
        credit_code(text)

    assert refusal.value.facts["why"] == why


def test_full_width_is_fine():
    assert credit_code("９１１１００００６０００３７３４１Ｌ") == "91110000600037341L"
