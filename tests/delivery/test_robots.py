"""Group robots of WeCom, DingTalk and Feishu: apprise's own code, and a real server in place of theirs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from click.testing import CliRunner
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.delivery.conftest import House
from workflow import config as configuration
from workflow.cli.root import baton
from workflow.config import ConfigError, load
from workflow.delivery.letters import Item, Letters
from workflow.settings import Robot

TOKEN = "keyThatNobodyMaySee0815"
SECRET = "SECthatNobodyMaySeeEither"
WECOM = Robot(service="wecom", token=TOKEN, kinds=("mentioned", "escalation"))


class Service:
    """Keeps what it gets; answers as the services do, with the next of `codes`, 0 when there is none left."""

    def __init__(self, server: HTTPServer) -> None:
        self.requests: list[Request] = []
        self.codes: list[int] = []
        self.answer: Response | None = None
        server.expect_request("/robot").respond_with_handler(self.take)

    def take(self, request: Request) -> Response:
        request.get_data()
        self.requests.append(request)
        if self.answer is not None:
            return self.answer
        code = self.codes.pop(0) if self.codes else 0
        return Response(json.dumps({"errcode": code, "errmsg": f"said of {TOKEN}"}), content_type="application/json")

    def texts(self) -> list[str]:
        bodies = [json.loads(one.get_data()) for one in self.requests]
        return [(one.get("content") or {}).get("text") or one["text"]["content"] for one in bodies]


@pytest.fixture
def service(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    for plugin, field in ((NotifyWeComBot, "key"), (NotifyDingTalk, "token"), (NotifyFeishu, "token")):
        monkeypatch.setattr(plugin, "notify_url", httpserver.url_for("/robot") + "?" + field + "={" + field + "}")
    levels = {name: logging.getLogger(name).level for name in ("apprise", "urllib3")}
    yield Service(httpserver)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_each_service_gets_one_message_of_all_that_waits(house: House, service: Service) -> None:
    robots = {
        "one": WECOM,
        "two": replace(WECOM, service="dingtalk", secret=SECRET, language="en"),
        "three": replace(WECOM, service="feishu"),
    }
    house.mention()
    house.mention("supervisor")

    done = house.one(mail=False, robots=robots).run()

    assert (done.sent, done.failed) == (3, 0)
    by_field = {next(iter(one.args)): text for one, text in zip(service.requests, service.texts(), strict=True)}
    assert by_field["key"].startswith("接力：2条消息\n\n")
    assert "https://baton.example.org/cases/" in by_field["key"]
    assert by_field["key"].count("客户投诉 TS") == 2
    assert [text for text in service.texts() if text.startswith("Baton: 2 messages")]
    assert not any("青云" in text for text in service.texts())
    [signed] = [one for one in service.requests if "sign" in one.args]
    wanted = hmac.new(SECRET.encode(), f"{signed.args['timestamp']}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert signed.args["sign"] == base64.b64encode(wanted).decode()
    rows = house.rows("SELECT channel, recipient, outcome, person_id FROM deliveries ORDER BY recipient")
    assert [tuple(row) for row in rows] == [("robot", name, "sent", None) for name in ("one", "three", "two")]
    assert house.one(mail=False, robots=robots).run().sent == 0


def test_what_a_service_refuses_with_200_has_not_been_sent(house: House, service: Service) -> None:
    service.codes = [93000, 40000]
    house.mention()
    deliverer = house.one(mail=False, robots={"one": WECOM}, attempts=2, backoff=1.0)

    deliverer.run()
    house.office.later(minutes=5)
    deliverer.run()

    assert house.outcomes() == ["failed", "given_up"]
    [incident] = house.office.workflow.incidents(house.office.actor("supervisor")).rows
    assert "wecom answered 40000: said of …" in incident.detail["fault"]
    house.office.workflow.retry(incident.id, actor=house.office.actor("supervisor"))
    deliverer.run()
    assert house.outcomes() == ["failed", "given_up", "sent"]
    assert house.office.workflow.incidents(house.office.actor("supervisor")).rows == ()
    assert service.texts()[0] == service.texts()[2]


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (Response("no", status=500), "answered 500"),
        (Response("", status=302, headers={"Location": "/elsewhere"}), "answered 302; redirects are not followed"),
        (Response("<html>", status=200), "wecom gave no answer that says what became of it"),
        (Response('{"errcode": 45009, "errmsg": "freq"}', status=200), "wecom answered 45009: freq"),
    ],
)
def test_other_answers_are_failures_too(house: House, service: Service, answer: Response, detail: str) -> None:
    service.answer = answer
    house.mention()

    assert house.one(mail=False, robots={"one": WECOM}).run().failed == 1

    [row] = house.rows("SELECT outcome, detail FROM deliveries")
    assert (row.outcome, row.detail) == ("failed", detail)
    assert len(service.requests) == 1


def test_no_key_is_written_down_anywhere(
    house: House, service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    robots = {"one": WECOM, "two": replace(WECOM, service="dingtalk", secret=SECRET)}
    service.codes = [310000]
    house.mention()
    house.one(mail=False, robots=robots).run()
    for plugin in (NotifyWeComBot, NotifyDingTalk):
        monkeypatch.setattr(plugin, "notify_url", "http://127.0.0.1:9/?key={key}{token}".replace(
            "{token}" if plugin is NotifyWeComBot else "{key}", ""))  # fmt: skip
    house.office.later(hours=1)
    house.mention()
    house.one(mail=False, robots=robots, attempts=1).run()

    assert "given_up" in house.outcomes()
    # The server of this test tells what it was asked for.
    told = "".join(one.getMessage() for one in caplog.records if one.name != "werkzeug")
    written = told + repr(house.rows("SELECT * FROM deliveries")) + repr(house.rows("SELECT * FROM incidents"))
    assert "wecom: ConnectionError" in written
    assert TOKEN not in written
    assert SECRET not in written


def test_a_group_hears_of_its_own_unit_of_its_kinds_and_in_its_hours(house: House, service: Service) -> None:
    office = house.office
    robots = {
        "city": replace(WECOM, unit="city"),
        "county": replace(WECOM, unit="county"),
        "province": replace(WECOM, unit="province", hours="working"),
        "nowhere": replace(WECOM, unit="nowhere"),
        "others": replace(WECOM, kinds=("reminder",)),
        "daily": replace(WECOM, digest=True),
    }
    office.now += timedelta(hours=11)  # 20:00 in Shanghai
    house.mention()

    house.one(mail=False, robots=robots).run()

    waiting = {row.target for row in house.rows("SELECT target FROM dispatches")}
    assert [row.recipient for row in house.rows("SELECT recipient FROM deliveries")] == ["city"]
    assert waiting == {"province", "daily"}
    office.later(hours=14)
    house.one(mail=False, robots=robots).run()
    assert house.rows("SELECT target FROM dispatches") == []
    causes = {(row.stage, row.cause) for row in house.rows("SELECT stage, cause FROM lateness WHERE kind = 'robot'")}
    assert causes == {("sent", "busy"), ("sent", "held")}


def test_two_that_send_at_once_say_it_once(either_house: House, service: Service) -> None:
    house = either_house
    for _ in range(20):
        house.mention()
    deliverers = [house.one(name, mail=False, robots={"one": WECOM}) for name in ("one", "two", "three")]
    gate = threading.Barrier(3)

    def run(number: int) -> None:
        gate.wait()
        deliverers[number].run()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sent = [one for messages in house.sent() for one in messages]
    assert len(sent) == len(set(sent)) == 20
    assert sum(int(text.partition("条")[0].removeprefix("接力：")) for text in service.texts()) == 20


def test_one_step_that_tells_several_people_is_said_once(house: House, service: Service) -> None:
    house.office.workflow.comment(house.case, "@ben @supervisor 请看", actor=house.office.actor("anna"))

    house.one(mail=False, robots={"one": WECOM}).run()

    assert service.texts()[0].startswith("接力：1条消息")
    assert [len(messages) for messages in house.sent()] == [2]


def test_many_at_once_fit_into_what_wecom_takes_and_say_how_many_more() -> None:
    letters = Letters("https://baton.example.org")
    items = [
        Item(
            sentence=f"第{n}件超时，请尽快处理。",
            number=f"TS{n:06}",
            lifecycle="客户投诉",
            customer="青云数据",
            link=f"https://baton.example.org/cases/{n}/",
            level=n % 3,
        )
        for n in range(250)
    ]
    for language in ("zh", "en"):
        text = letters.brief(items, language=language, most=2048)
        assert 1600 < len(text.encode()) <= 2048
        shown = text.count("TS")
        assert str(250 - shown) in text
        assert "青云" not in text


def test_a_robot_that_is_no_longer_set_up_is_taken_out(house: House, service: Service) -> None:
    house.mention()
    one = house.one(mail=False, robots={"one": replace(WECOM, digest=True)})
    one.run()
    house.one(mail=False, robots={}).run()

    assert house.outcomes() == ["dropped"]
    assert service.requests == []


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_key_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(TOKEN + "\n", encoding="ascii")

    found = load(written(tmp_path, '[robots.dg]\nservice = "wecom"\ntoken_file = "key"\nunit = "DG"'), {}).robots["dg"]

    assert found == Robot(service="wecom", token=TOKEN, unit="DG")
    assert found.kinds == ("escalation", "reminder")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[robots.dg]\ntoken = "a"', "config.toml:1: robots.dg: service is missing"),
        ('[robots.dg]\nservice = "feishu"', "config.toml:1: robots.dg: token is missing"),
        (
            '[robots.dg]\nservice = "feishu"\ntoken = "https://open.feishu.cn/x"',
            "config.toml:3: robots.dg.token: write the key alone, not the whole address",
        ),
        (
            '[robots.dg]\nservice = "feishu"\ntoken = "a"\nsecret = "b"',
            "config.toml:4: robots.dg.secret: only robots of DingTalk have one",
        ),
        ('[robots.dg]\nservice = "feishu"\ntoken = "a"\nkinds = []', "robots.dg.kinds: name at least one kind"),
        ("[robots]\ndg = 3", "robots.dg: is a section; write [robots.NAME] on a line of its own"),
    ],
)
def test_what_is_wrong_with_a_robot_is_said(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text), {})
    assert fault in str(caught.value)


def test_without_the_extra_the_server_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "find_spec", lambda name: None)
    file = written(tmp_path, f'[robots.dg]\nservice = "wecom"\ntoken = "{TOKEN}"')

    said = CliRunner().invoke(baton, ["--config", str(file), "serve"])

    assert said.exit_code == 1
    assert "robots.dg: group robots need the extra `notify`: pip install 'baton[notify]'" in said.output
    assert "Traceback" not in said.output
    assert TOKEN not in said.output


def test_a_robot_of_a_unit_that_is_not_there_is_told_of_at_the_start(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    robots = {"one": replace(WECOM, unit="nowhere", hours="sleeping"), "two": replace(WECOM, unit="city")}

    one = house.one(mail=False, robots=robots)
    one.run()
    one.run()

    assert [record.getMessage() for record in caplog.records] == [
        "robots.one: there is no unit nowhere yet, so it is told nothing",
        "robots.one: there is no calendar sleeping, so it speaks at any time",
    ]
