"""A session token opens a session; what is stored does not."""

import hashlib

import pytest

from workflow.people.tokens import digest, new_token


def test_a_token_is_found_by_its_digest():
    token = new_token()

    assert digest(token.secret) == token.digest == hashlib.sha256(token.secret.encode()).digest()
    assert len(token.secret) >= 43
    assert len(token.digest) == 32


def test_tokens_never_repeat():
    assert len({new_token().secret for _ in range(1000)}) == 1000


def test_a_token_does_not_show_its_secret_in_a_log():
    token = new_token()

    assert token.secret not in repr(token)


@pytest.mark.parametrize("sent", ["", "\0", "\ud800", "é" * 10_000])
def test_whatever_is_sent_has_a_digest(sent):
    assert len(digest(sent)) == 32
