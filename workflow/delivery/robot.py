"""A robot in a group chat of WeCom, DingTalk or Feishu, through apprise.

Its hosts are those of the services, which no setting changes: nobody can reach into our own network with it.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from workflow.delivery.failed import Failed
from workflow.delivery.webhook import judge
from workflow.settings import Robot

PLUGINS = {
    "wecom": ("apprise.plugins.wecombot", "NotifyWeComBot"),
    "dingtalk": ("apprise.plugins.dingtalk", "NotifyDingTalk"),
    "feishu": ("apprise.plugins.feishu", "NotifyFeishu"),
}
LONGEST_TEXT = {"wecom": 2048, "dingtalk": 6000, "feishu": 6000}
"""Bytes in UTF-8. The two that allow 20,000 count what is sent, where a Chinese character takes six."""

CODES = ("errcode", "code", "StatusCode")
"""Where an answer says what became of the message; 0 is good."""

TOO_MANY = {45009, 45033, 130101, 410100, 9499, 11232}
"""Answers that mean: not so fast."""

REST = timedelta(minutes=1)
_putting = threading.Lock()
LONGEST_ANSWER = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """What apprise asks of an answer, and how long the service wants to be left alone."""

    status_code: int
    content: bytes
    retry_after: str | None = None


class Watched:
    """Stands in a plugin of apprise where `requests` stood.

    The services answer 200 also when they refuse a message, and apprise looks at nothing else; a redirect would
    carry the key elsewhere. What an error of `requests` says has the address in it, and the key in that.
    """

    def __init__(self, requests: Any) -> None:
        self._requests = requests
        self._here = threading.local()
        self.codes = requests.codes
        self.RequestException = requests.RequestException

    def begin(self) -> None:
        self._here.answer = None
        self._here.fault = ""

    def answer(self) -> Answer | None:
        found: Answer | None = self._here.answer
        return found

    def fault(self) -> str:
        """The kind of error there was instead of an answer."""
        return str(self._here.fault)

    def post(self, url: str, **given: Any) -> Answer:
        if "sign" in (given.get("params") or {}):
            # apprise 2.2 has encoded DingTalk's signature already, and it would be encoded twice.
            given["params"] = {**given["params"], "sign": unquote(given["params"]["sign"])}
        try:
            with self._requests.post(url, **{**given, "allow_redirects": False, "stream": True}) as got:
                content = got.raw.read(LONGEST_ANSWER, decode_content=True)
                made = Answer(got.status_code, content, got.headers.get("retry-after"))
        except Exception as error:
            self._here.fault = type(error).__name__
            if isinstance(error, self.RequestException):
                raise
            raise self.RequestException("no whole answer") from error
        self._here.answer = made
        return made


def key_of(bundle: int) -> str:
    """What the record calls a message; the services have no field for it."""
    return f"baton-{bundle}"


def post(robot: Robot, text: str, *, timeout: float, at: datetime) -> None:
    """Let the robot say it; no try takes longer than `timeout` seconds between two signs of life. Raises `Failed`."""
    plugin, watched = _plugin(robot, timeout)
    watched.begin()
    plugin.send(body=text)
    answer = watched.answer()
    if answer is None:
        raise Failed(f"{robot.service}: {watched.fault() or 'nothing was sent'}", away=True, unsure=True)
    judge(answer.status_code, answer.retry_after, at=at)
    try:
        said = json.loads(answer.content)
        code = next(int(said[name]) for name in CODES if name in said)
    except (ValueError, TypeError, StopIteration):
        raise Failed(f"{robot.service} gave no answer that says what became of it", unsure=True) from None
    if code:
        why = str(said.get("errmsg") or said.get("msg") or said.get("StatusMessage") or "")[:200]
        for hidden in filter(None, (robot.token, robot.secret)):
            why = why.replace(hidden, "…")
        raise Failed(f"{robot.service} answered {code}: {why}", wait=REST if code in TOO_MANY else None)


def _plugin(robot: Robot, timeout: float) -> tuple[Any, Watched]:
    """The robot as apprise knows it. A new one each time: an old one would sleep between two messages."""
    place, name = PLUGINS[robot.service]
    module: Any = import_module(place)
    # Both write addresses with their keys into the log.
    for noisy in ("apprise", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL + 1)
    with _putting:
        if not isinstance(module.requests, Watched):
            module.requests = Watched(sys.modules["requests"])
    given = {"key" if robot.service == "wecom" else "token": robot.token}
    if robot.secret:
        given["secret"] = robot.secret
    made = getattr(module, name)(**given, rto=timeout, cto=timeout, redirect=False)
    return made, module.requests
