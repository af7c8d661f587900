"""A password is judged by what a guesser would try, and kept so that nobody can read it."""

import pytest
from argon2.exceptions import InvalidHashError
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.people.passwords import (
    LEAST,
    MOST,
    hashed,
    initial_password,
    outdated,
    verified,
    weaknesses,
)

COMMON = [
    "password1234", "Password2026!", "P@ssw0rd1234", "passwordpassword", "qwertyuiop123", "123456789012",
    "aaaaaaaaaaaa", "abcabcabcabc", "1qaz2wsx3edc", "1q2w3e4r5t6y", "a1b2c3d4e5f6", "!@#$%^&*()_+",
    "woaini5201314", "iloveyou1314520", "admin@123456", "Admin123!@#$", "19900101zhang", "summer2026summer",
    "Spring-2026-Spring", "hunter2hunter2", "dragonmonkey69", "我爱你我爱你我爱你我爱你",
    "correct horse battery staple", "ＰＡＳＳＷＯＲＤ１２３４",
]  # fmt: skip


@pytest.mark.parametrize("password", COMMON)
def test_what_is_guessed_first_is_refused(password):
    assert weaknesses(password) == ("common",)


@pytest.mark.parametrize(
    "password",
    [
        "tiny purple kettle",
        "x7k2-mm9p-qqwe-t4rs",
        "月落乌啼霜满天江枫渔火对愁",
        "nothing,but;small,letters",
        "v" * 3 + "Ω≈ç√∫˜µ≤kdjw",
    ],
)
def test_no_kind_of_character_is_asked_for(password):
    assert weaknesses(password) == ()


def test_length_is_counted_in_characters():
    good = "kq7 vmx2 tz9 "

    assert weaknesses(good[: LEAST - 1]) == ("short",)
    assert weaknesses(good[:LEAST]) == ()
    assert weaknesses(good * 5) == ()
    assert weaknesses((good * 30)[:MOST]) == ()
    assert weaknesses((good * 30)[: MOST + 1]) == ("long",)


@pytest.mark.parametrize("context", ["zhang.wei", "Zhang Wei", "张伟", "华东电子", "Huadong Electronics"])
def test_words_anybody_would_try_for_this_person_are_refused(context):
    joined = "".join(context.split()).lower()

    assert "context" in weaknesses(f"kq7vmx2-{joined}-tz9", context=[context])
    assert weaknesses("kq7vmx2-tz9-lamp", context=[context]) == ()


def test_the_name_of_the_product_is_refused_and_short_words_are_not():
    assert weaknesses("kq7vmx2-BATON-tz9") == ("context",)
    assert weaknesses("kq7vmx2-li-tz9", context=["li", "张", ""]) == ()


def test_several_reasons_are_all_given():
    assert weaknesses("baton123") == ("short", "context", "common")


@pytest.mark.parametrize("password", ["kq7vmx2\0tz9lamp", "kq7vmx2\ntz9lamp", "kq7vmx2\ud800tz9lamp"])
def test_what_cannot_be_typed_is_refused(password):
    assert weaknesses(password) == ("unfit",)


@given(st.text(max_size=300))
def test_any_text_can_be_judged(password):
    assert set(weaknesses(password)) <= {"short", "long", "unfit", "context", "common"}


def test_a_password_is_verified_exactly_as_it_was_given():
    stored = hashed("Tiny purple kettle ")

    assert verified(stored, "Tiny purple kettle ")
    assert not verified(stored, "Tiny purple kettle")
    assert not verified(stored, "tiny purple kettle ")
    assert not outdated(stored)


@settings(max_examples=5, deadline=None)
@given(st.text(max_size=MOST))
def test_any_password_that_was_kept_is_recognised(password):
    assert verified(hashed(password), password)


def test_the_same_password_is_kept_differently_each_time():
    one, other = hashed("tiny purple kettle"), hashed("tiny purple kettle")

    assert one != other
    assert one.startswith("$argon2id$")
    assert "kettle" not in one


def test_nobody_has_a_password():
    assert not verified(None, "")
    assert not verified(None, "tiny purple kettle")


def test_a_password_longer_than_allowed_is_never_cut_to_fit():
    assert not verified(hashed("x" * MOST), "x" * (MOST + 1))
    assert not verified(hashed("x" * MOST), "x" * 100_000)


def test_an_older_hash_is_to_be_renewed():
    older = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + "A" * 22

    assert outdated(older)


def test_what_is_no_hash_is_a_fault_and_not_a_wrong_password():
    with pytest.raises(InvalidHashError):
        verified("plain text", "plain text")


def test_an_initial_password_is_good_and_new_each_time():
    made = {initial_password() for _ in range(50)}

    assert len(made) == 50
    assert all(weaknesses(password) == () for password in made)
