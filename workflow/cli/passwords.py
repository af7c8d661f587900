"""Asking for a password: from a file, from a person at a terminal, or made up."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from workflow.cli.trouble import Trouble
from workflow.core.errors import PasswordWeak
from workflow.messages import sentence
from workflow.people import passwords

TRIES = 3


def from_file(file: Path) -> str:
    """The first line of a file. Raises `Trouble` when there is none."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"{file}: the password cannot be read: {error}") from error
    if not lines or not lines[0]:
        raise Trouble(f"{file}: the password is to stand on the first line, and nothing does.")
    return lines[0]


def asked(file: Path | None, context: Iterable[str]) -> str:
    """A password that is good enough. `context`: names that must not be in it. Raises `Trouble`, `PasswordWeak`."""
    words = tuple(context)
    if file is not None:
        return good(from_file(file), words)
    if not sys.stdin.isatty():
        raise Trouble("There is no terminal to ask for a password at; name a file with --password-file.")
    return asked_until_good(lambda: click.prompt("Password", hide_input=True, confirmation_prompt=True), words)


def asked_until_good(ask: Callable[[], str], words: tuple[str, ...]) -> str:
    """What a person types, asked again when it is too weak. Raises `PasswordWeak` after some tries."""
    for _ in range(TRIES - 1):
        try:
            return good(ask(), words)
        except PasswordWeak as weak:
            click.echo(sentence(weak, "en"), err=True)
    return good(ask(), words)


def good(password: str, words: tuple[str, ...]) -> str:
    reasons = passwords.weaknesses(password, context=words)
    if reasons:
        raise PasswordWeak(reasons=list(reasons))
    return password
