"""Checkpoints as signed notes: the published form, and nothing beside it."""

from __future__ import annotations

import random

import pytest

from workflow.core import notes
from workflow.core.errors import NoteFault
from workflow.core.notes import Checkpoint, Signer, Verifier

NAME = "baton.example/log/1"
KEY = Signer(NAME, bytes(range(32)))
NEXT = Signer(NAME, bytes(range(32, 64)))
ROOT = bytes(range(100, 132))
STATE = Checkpoint(NAME, 1_000_001, ROOT, ("time 2026-03-01T02:03:04.000005Z", f"key {NEXT.verifier}"))
NOTE = str(notes.signed(STATE.text, [KEY]))
ROTATED = str(notes.signed(STATE.text, [KEY, NEXT]))

# The example of the C2SP signed-note specification, made by another implementation.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_of_another_implementation_is_accepted() -> None:
    note = notes.read(PUBLISHED)

    [key] = notes.verify(note, [Verifier.read(PETER)])

    assert str(key) == PETER
    assert str(note) == PUBLISHED


def test_a_checkpoint_reads_back_as_it_was_written() -> None:
    note = notes.read(NOTE)

    assert notes.verify(note, [KEY.verifier]) == (KEY.verifier,)
    assert notes.checkpoint(note.text) == STATE
    assert STATE.value("key") == str(NEXT.verifier)
    assert STATE.value("follows") is None
    assert NOTE.splitlines()[:2] == [NAME, "1000001"]
    assert Verifier.read(str(KEY.verifier)) == KEY.verifier


def test_two_keys_sign_when_one_follows_the_other() -> None:
    note = notes.read(ROTATED)

    assert notes.verify(note, [KEY.verifier, NEXT.verifier]) == (KEY.verifier, NEXT.verifier)
    assert notes.verify(note, [KEY.verifier], others=True) == (KEY.verifier,)
    with pytest.raises(NoteFault) as fault:
        notes.verify(note, [KEY.verifier])
    assert fault.value.facts == {"why": "unknown"}


@pytest.mark.parametrize("text", [NOTE, ROTATED], ids=["one key", "two keys"])
def test_a_note_with_any_bit_changed_is_refused(text: str) -> None:
    raw = text.encode()
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        assert not accepted(bytes(changed), bit)


def test_a_note_with_anything_cut_doubled_or_put_in_is_refused() -> None:
    raw, dice = ROTATED.encode(), random.Random(5)
    for _ in range(600):
        begin = dice.randrange(len(raw))
        end = min(len(raw), begin + dice.randrange(1, 40))
        piece = bytes(dice.choice(b"\n +=A0\xe2\x80\x94 ") for _ in range(dice.randrange(1, 4)))
        for changed in (raw[:begin] + raw[end:], raw[:end] + raw[begin:], raw[:begin] + piece + raw[begin:]):
            # Taking one whole signature away leaves a good note of the other key, which is another note.
            if changed != raw and changed not in (NOTE.encode(), str(notes.signed(STATE.text, [NEXT])).encode()):
                assert not accepted(changed, 0)


def accepted(raw: bytes, bit: int) -> bool:
    try:
        note = notes.read(raw.decode())
        notes.verify(note, [KEY.verifier, NEXT.verifier])
        notes.checkpoint(note.text)
    except (NoteFault, UnicodeDecodeError):
        return False
    raise AssertionError(f"accepted with bit {bit} changed: {raw!r}")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "form"),
        ("a\n", "form"),
        ("\n\n— a AAAA\n", "form"),
        (f"a\n\n{notes.DASH}a AAAA", "form"),
        ("a\n\n- a AAAA\n", "form"),
        (f"a\n\n{notes.DASH}a+b AAAA\n", "name"),
        (f"a\n\n{notes.DASH}a\u00a0b AAAA\n", "name"),
        (f"a\n\n{notes.DASH}a\n", "name"),
        (f"a\n\n{notes.DASH}a AAAA\n", "base64"),
        (f"a\n\n{notes.DASH}a A A\n", "base64"),
        (NOTE.replace("\n", "\r\n"), "form"),
        (NOTE + NOTE.splitlines(keepends=True)[-1], "doubled"),
        (NOTE + "x" * notes.LONGEST, "form"),
        (f"a\ud800\n\n{notes.DASH}a AAAA\n", "form"),
        ("a\n\n" + f"{notes.DASH}a AAAA\n" * 17, "form"),
    ],
)
def test_what_is_no_note_is_refused(text: str, why: str) -> None:
    with pytest.raises(NoteFault) as fault:
        notes.read(text)

    assert fault.value.facts == {"why": why}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a\n1\n", "form"),
        ("a\n1\nAAAA", "form"),
        ("a\n\n1\n", "form"),
        ("a\n01\nAAAA\n", "size"),
        ("a\n-1\nAAAA\n", "size"),
        ("a\n１\nAAAA\n", "size"),
        (f"a\n{'9' * 19}\nAAAA\n", "size"),
        ("a\n1\nAAAA\n", "base64"),
        ("a\n1\nä\n", "base64"),
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str, why: str) -> None:
    with pytest.raises(NoteFault) as fault:
        notes.checkpoint(text)

    assert fault.value.facts == {"why": why}


@pytest.mark.parametrize("text", ["", "a+b", PETER[:-4], PETER.replace("c74f20a3", "c74f20a4"), f"{PETER} "])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NoteFault):
        Verifier.read(text)


def test_a_text_that_cannot_be_a_note_is_not_signed() -> None:
    for text in ("no line break", "", "a\n\nb\x00\n"):
        with pytest.raises(NoteFault):
            notes.signed(text, [KEY])
