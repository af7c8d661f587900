"""A person at a browser, as far as a server can tell: pages, their forms, and a form sent until it is answered."""

from __future__ import annotations

import http.client
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

WAIT = 30.0
"""Seconds for one answer."""

PATIENCE = 300.0
"""Seconds after which somebody gives up altogether, which is a fault."""

RESTING = (502, 503, 504)
TAG = re.compile(r"<(input|form|/form)\b([^>]*)>")
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """`location`: the path a redirect leads to, empty without one."""

    status: int
    location: str
    page: str = field(repr=False)

    def told(self) -> list[int | str]:
        """What a person goes by: status and place."""
        return [self.status, self.location]

    def form(self, action: str = "") -> dict[str, str]:
        """The hidden fields of the form with this action. Raises `LookupError` when the page has none."""
        found: dict[str, str] | None = None
        for tag, text in TAG.findall(self.page):
            given = {name: unescape(value) for name, value in ATTRIBUTE.findall(text)}
            if tag == "form" and given.get("method") == "post" and given.get("action", "") == action:
                found = {}
            elif tag == "/form" and found is not None:
                return found
            elif tag == "input" and found is not None and given.get("type") == "hidden" and "name" in given:
                found[given["name"]] = given.get("value", "")
        raise LookupError(f"the page has no form for {action or 'itself'}: {self.status} {self.page[:300]}")

    def links(self, pattern: str) -> list[str]:
        return list(dict.fromkeys(re.findall(rf'href="({pattern})"', self.page)))


class NotAnswered(Exception):
    """Nobody was there, or the answer never came. Whether anything was done is not known."""


class Visitor:
    """`ports`: of all servers on this machine; any of them will do.

    `tries` counts how often a form was sent, `sent` is when that was last, by the machine's clock.
    """

    def __init__(self, ports: Sequence[int], *, seed: int = 0) -> None:
        self.ports = list(ports)
        self.cookies: dict[str, str] = {}
        self.rng = random.Random(seed)
        self.tries = 0
        self.sent = 0.0

    def sign_in(self, login: str, password: str) -> None:
        page = self.get("/sign-in")
        answer = self.send("/sign-in", {**page.form("/sign-in"), "login": login, "password": password})
        if answer.status != 302:
            raise LookupError(f"{login} cannot sign in: {answer}")

    def get(self, path: str) -> Answer:
        return self._until_answered("GET", path, None)

    def send(self, path: str, form: Mapping[str, str]) -> Answer:
        """The answer of a form, sent again as it is until there is one."""
        return self._until_answered("POST", path, form)

    def _until_answered(self, method: str, path: str, form: Mapping[str, str] | None) -> Answer:
        until = time.monotonic() + PATIENCE
        while True:
            if form is not None:
                self.tries, self.sent = self.tries + 1, time.time()
            try:
                return self.once(method, path, form)
            except NotAnswered:
                if time.monotonic() > until:
                    raise
                time.sleep(self.rng.uniform(0.005, 0.05))

    def once(self, method: str, path: str, form: Mapping[str, str] | None = None) -> Answer:
        """One try, at any of the servers. Raises `NotAnswered`."""
        connection = self._connection()
        try:
            self._request(connection, method, path, form)
            reply = connection.getresponse()
            page = reply.read().decode()
        except (OSError, http.client.HTTPException) as trouble:
            raise NotAnswered(repr(trouble)) from trouble
        finally:
            connection.close()
        if reply.status in RESTING:
            raise NotAnswered(f"{reply.status}")
        self._keep(reply.headers)
        return Answer(reply.status, urlsplit(reply.getheader("Location", "")).path, page)

    def cut_off(self, path: str, form: Mapping[str, str]) -> None:
        """Send a form and hang up, without waiting for anything."""
        connection = self._connection()
        try:
            self._request(connection, "POST", path, form)
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.rng.choice(self.ports), timeout=WAIT)

    def _request(
        self, connection: http.client.HTTPConnection, method: str, path: str, form: Mapping[str, str] | None
    ) -> None:
        headers = {"Connection": "close", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body=None if form is None else urlencode(form), headers=headers)

    def _keep(self, headers: Any) -> None:
        for line in headers.get_all("Set-Cookie", ()):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
