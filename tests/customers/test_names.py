"""The same customer is recognised however its name is written; different ones stay apart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.customers.names import normalised
from workflow.customers.pinyin import sound


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("江南茶业有限公司", "江南茶业有限责任公司"),
        ("江南茶业有限公司", "江南茶业股份有限公司"),
        ("江南茶业（集团）股份有限公司", "江南茶业(集团)有限公司"),
        ("江南茶业（集团）有限公司", "江南茶业集团有限公司"),
        ("江南【茶业】公司", "江南 茶业"),
        ("ＡＢＣ物流有限公司", "abc 物流"),
        ("江南茶业\u200b有限公司", "江南茶业\0有限公司"),
        ("Jiangnan Tea Co., Ltd.", "JIANGNAN TEA COMPANY LIMITED"),
        ("Jiangnan Tea Co.,Ltd", "Jiangnan-Tea"),
        ("Smith & Sons Inc.", "Smith and Sons"),
        ("O'Neill Ltd", "ONeill"),
        ("Tea\tHouse plc", "tea house"),
    ],
)
def test_one_customer_written_in_two_ways(one, other):
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("江南茶业有限公司", "江南茶叶有限公司"),
        ("江南茶业有限公司", "江南茶业有限公司北京分公司"),
        ("第一中学", "第二中学"),
        ("Jiangnan Tea Ltd", "Jiangnan Teas Ltd"),
        ("有限公司", "公司"),
        ("Limited", "Company"),
    ],
)
def test_two_customers_stay_apart(one, other):
    assert normalised(one) != normalised(other)


@pytest.mark.parametrize("name", ["有限公司", "Co., Ltd.", "😀", "***", "公司"])
def test_a_strange_name_still_has_a_key(name):
    assert normalised(name)


@settings(max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_normalising_twice_changes_nothing(name):
    once = normalised(name)

    assert normalised(once) == once


@settings(max_examples=100)
@given(st.text("江南茶业集团ABC 123", min_size=1), st.sampled_from(["有限公司", "（集团）有限公司", " Co., Ltd."]))
def test_width_and_case_and_spaces_never_matter(name, form):
    whole = name + form

    assert normalised(whole) == normalised(f"  {whole.upper()} ") == normalised(whole.replace("(", "（"))


def test_a_very_long_name_is_dealt_with():
    assert len(normalised("长" * 10_000)) <= 400
    assert len(sound("长" * 10_000).initials) <= 400


@pytest.mark.parametrize(
    ("name", "initials", "full"),
    [
        ("广东邮政", "gdyz", "guangdongyouzheng"),
        ("重庆长安汽车", "cqcaqc", "chongqingchanganqiche"),
        ("中国工商银行", "zggsyh", "zhongguogongshangyinhang"),
        ("绿地", "ld", "lvdi"),
        ("万科A", "wka", "wankea"),
        ("３６５ 网（集团）", "365wjt", "365wangjituan"),
        ("Bank of Nanjing", "bankofnanjing", "bankofnanjing"),
        ("", "", ""),
        ("😀\0", "", ""),
    ],
)
def test_a_name_is_found_by_its_sound(name, initials, full):
    heard = sound(name)

    assert (heard.initials, heard.full) == (initials, full)
    assert str(heard) == f"{initials} {full}".strip()
