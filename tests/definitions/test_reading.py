"""Whatever is put into a file, what comes back is a value or a sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.definitions.faults import DefinitionErrors, Fault
from workflow.definitions.source import parse, read


def told(content: bytes) -> str:
    with pytest.raises(DefinitionErrors) as refused:
        parse(content, file="a.yaml")
    assert len(refused.value.faults) == 1
    return str(refused.value.faults[0])


def test_values_are_those_of_yaml_1_2() -> None:
    text = "# x\na: NO\nb: on\nc: 12:30\nd: 0x1F\ne: 1_000\nf: ~\ng: True\nh: 2026-10-01\ni: '5'\nj: .5\n10: 50%\n"
    assert parse(text.encode(), file="a.yaml").value == {
        "a": "NO", "b": "on", "c": "12:30", "d": 31, "e": "1_000", "f": None, "g": True, "h": "2026-10-01",
        "i": "5", "j": 0.5, "10": "50%",
    }  # fmt: skip


def test_every_value_and_key_has_its_place() -> None:
    source = parse(b"# x\nlist:\n  - {name: 'quoted'}\n  - two\n", file="a.yaml")
    assert source.key(("list",))[:2] == (2, 1)
    assert source.place(("list", 0, "name")) == (3, 12, 13)
    assert source.place(("list", 1))[:2] == (4, 5)
    assert source.place(("list", 0, "missing"))[:2] == (3, 5)


def test_a_byte_order_mark_is_tolerated_and_kept_in_the_text() -> None:
    source = parse(b"\xef\xbb\xbf# x\na: 1\n", file="a.yaml")
    assert source.value == {"a": 1}
    assert source.text.encode() == b"\xef\xbb\xbf# x\na: 1\n"


def test_windows_line_ends_are_tolerated() -> None:
    assert parse(b"# x\r\na: 1\r\nb:\r\n  - 2\r\n", file="a.yaml").value == {"a": 1, "b": [2]}


SENTENCES = [
    ("# 投诉\na: 客户投诉处理".encode("gbk"), "1:5: not UTF-8 (byte 0xcb), it looks like GBK; save it as UTF-8"),
    ("a: 1".encode("utf-16"), "1:1: not UTF-8 (byte 0xff), it looks like UTF-16; save it as UTF-8"),
    (b"a: \xff", "1:4: not UTF-8 (byte 0xff); save it as UTF-8"),
    (b"a: 1\nb: x\x00y", "2:5: a null byte has no place in a file"),
    (b"a: \x1b[0m", "1:4: a control character (0x1b) has no place in a file"),
    (b"", "1:1: the file is empty"),
    (b"# only a comment\n", "1:1: the file is empty"),
    (b"just words", "1:1: the file must be a mapping: `definition: …`"),
    (b"a:\n\tb: 1", "2:1: a tab: indent with spaces"),
    (b"a: [1", "1:6: not YAML: expected ',' or ']', but got '<stream end>' while parsing a flow sequence"),
    (b"a: @x", "1:4: not YAML: found character '@' that cannot start any token while scanning for the next token"),
    (b"[" * 100_000, "1:21: nested more than 20 deep"),
    (b"? [a, b]\n: 1\n? {" + b"{" * 50, "3:22: nested more than 20 deep"),
    (b"a: " + b"x" * 1_000_000, "1:1: the file is 1,000,003 bytes long; at most 1,000,000 are read"),
]


@pytest.mark.parametrize(("content", "sentence"), SENTENCES, ids=range(len(SENTENCES)))
def test_a_file_that_cannot_be_read_gets_a_sentence(content: bytes, sentence: str) -> None:
    assert told(content) == f"a.yaml:{sentence}"


def test_an_alias_bomb_costs_nothing() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    with pytest.raises(DefinitionErrors) as refused:
        parse("\n".join(lines).encode(), file="a.yaml")
    assert {fault.code for fault in refused.value.faults} == {"alias"}


def test_a_number_of_thousands_of_digits_is_a_text() -> None:
    assert parse(b"a: " + b"9" * 10_000, file="a.yaml").value == {"a": "9" * 10_000}


def test_a_missing_file_and_a_folder_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DefinitionErrors, match="there is no such file"):
        read(tmp_path / "nothing.yaml")
    with pytest.raises(DefinitionErrors, match="this is a folder"):
        read(tmp_path)
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    with pytest.raises(DefinitionErrors, match=r"loop.yaml:1:1: (there is no such file|cannot be read)"):
        read(tmp_path / "loop.yaml")


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_give_a_mapping_or_faults(content: bytes) -> None:
    faults: tuple[Fault, ...] = ()
    value = None
    try:
        value = parse(content, file="a.yaml").value
    except DefinitionErrors as errors:
        faults = errors.faults
    assert isinstance(value, dict) != bool(faults)
