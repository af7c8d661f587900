"""E-mail to people, through a real server on loopback."""

from __future__ import annotations

from dataclasses import replace

import pytest
from jinja2 import DictLoader

from tests.delivery.conftest import House
from tests.delivery.post import Post, body
from workflow.core.errors import Refused
from workflow.core.step import SYSTEM
from workflow.delivery.letters import Letters


def test_a_person_gets_a_message_with_a_link_in_their_language(house: House, post: Post) -> None:
    house.choose("ben", language="en")
    house.mention("ben")
    house.mention("supervisor")

    assert house.one().run().sent == 2

    [english], [chinese] = post.to("ben@example.org"), post.to("supervisor@example.org")
    assert english["Subject"].startswith("You were mentioned in a comment (")
    assert chinese["Subject"].startswith("有人在留言中提到您（")
    for letter in (english, chinese):
        assert f"https://baton.example.org/cases/{house.case}/\n" in body(letter)
        assert letter["Auto-Submitted"] == "auto-generated"
    assert "Dear Ben," in body(english)
    assert "青云数据有限公司" in body(chinese)
    assert house.outcomes() == ["sent", "sent"]
    assert house.office.count("dispatches") == 0


def test_what_was_sent_is_not_sent_again(house: House, post: Post) -> None:
    house.mention()
    one = house.one()

    one.run()
    house.office.later(days=1)

    assert (one.run().sent, len(post.letters)) == (0, 1)


def test_without_a_mail_server_messages_are_only_on_the_pages(house: House, post: Post) -> None:
    house.mention()

    house.one(mail=False).run()

    assert {row.state for row in house.rows("SELECT state FROM outbox")} == {"skipped"}
    assert [row.kind for row in house.office.workflow.notices(house.office.actor("ben")).rows] == ["mentioned"]
    assert (house.office.count("dispatches"), post.letters) == (0, [])


def test_who_has_no_address_or_wants_none_gets_none(house: House, post: Post) -> None:
    house.choose("ben", mail="none")
    house.mention("ben")
    house.mention("clerk")

    house.one().run()

    assert post.letters == []
    assert {row.state for row in house.rows("SELECT state FROM outbox")} == {"skipped"}


def test_who_wants_none_any_more_gets_nothing_that_waits(house: House, post: Post) -> None:
    house.mention("ben")
    one = house.one(gather=60)
    one.run()
    house.choose("ben", mail="none")
    house.office.later(minutes=2)

    one.run()

    assert (post.letters, house.outcomes(), house.office.count("dispatches")) == ([], ["dropped"], 0)


def test_a_mail_server_that_comes_back_gets_everything_in_one_letter(house: House, post: Post) -> None:
    post.stop()
    one = house.one()
    for _ in range(3):
        house.mention("ben")
        one.run()
        house.office.later(hours=2)
    post.start()

    one.run()

    [letter] = post.letters
    assert letter["Subject"] == "接力：3条消息"
    assert house.outcomes() == ["failed"] * 3 + ["sent"]
    assert len(house.sent()[0]) == 3


def test_one_dead_server_is_asked_once_a_round(house: House, post: Post) -> None:
    post.stop()
    for login in ("anna", "ben", "supervisor", "director"):
        house.mention(login)

    assert house.one().run().failed == 1


def test_after_so_many_tries_a_person_sees_an_incident_and_a_retry_sends(house: House, post: Post) -> None:
    post.stop()
    house.mention("ben")
    one = house.one(attempts=3)
    for _ in range(5):
        one.run()
        house.office.later(hours=3)

    [incident] = house.office.workflow.incidents(house.office.actor("supervisor")).rows
    assert (incident.kind, incident.times, house.outcomes()) == ("message", 1, ["failed", "failed", "given_up"])
    post.start()
    one.run()
    assert post.letters == []

    house.office.workflow.retry(incident.id, actor=house.office.actor("supervisor"))
    one.run()

    assert len(post.letters) == 1
    assert house.office.workflow.incidents(house.office.actor("supervisor")).rows == ()


def test_an_address_that_is_refused_for_good_holds_nobody_up(house: House, post: Post) -> None:
    post.refused["ben@example.org"] = "550 no such mailbox"
    house.mention("ben")
    house.mention("supervisor")

    house.one().run()

    assert [letter["To"].addresses[0].addr_spec for letter in post.letters] == ["supervisor@example.org"]
    [incident] = house.office.workflow.incidents(SYSTEM).rows
    assert incident.detail == {"fault": "ben@example.org: 550 no such mailbox"}


@pytest.mark.parametrize("address", ["李梅@example.org", "nobody"])
def test_an_address_that_is_none_holds_nobody_up(house: House, post: Post, address: str) -> None:
    house.office.workflow.change_person(house.office.people["ben"], {"email": address}, actor=SYSTEM)
    house.mention("ben")
    house.mention("supervisor")

    done = house.one().run()

    assert (done.sent, done.failed, len(post.letters)) == (1, 1, 1)
    assert sorted(house.outcomes()) == ["given_up", "sent"]


def test_a_message_that_cannot_be_made_holds_nobody_up(house: House, post: Post) -> None:
    house.mention("ben")
    house.mention("supervisor")
    with house.office.database.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET body = 'broken' WHERE id = (SELECT min(id) FROM outbox)")

    done = house.one().run()

    assert (done.sent, done.failed, len(post.letters)) == (1, 1, 1)


def test_hours_may_be_those_of_a_calendar_that_was_brought_in(house: House, post: Post) -> None:
    early = replace(house.office.workflow.calendars()["mornings"], name="early", windows={0: ((1380, 1440),)}, extra={})
    house.office.workflow.bring_calendar(early, actor=SYSTEM)
    house.choose("ben", mail_hours="early")
    house.mention("ben")
    one = house.one()

    one.run()
    assert post.letters == []
    house.office.later(hours=14)
    one.run()
    assert len(post.letters) == 1


def test_a_passing_refusal_is_tried_again(house: House, post: Post) -> None:
    post.answer = "451 later"
    house.mention("ben")
    one = house.one()
    one.run()
    post.answer = "250 OK"

    assert one.run().sent == 0
    house.office.later(hours=2)
    assert one.run().sent == 1


def test_a_lost_answer_sends_the_same_letter_with_the_same_key(house: House, post: Post) -> None:
    house.mention("ben")
    post.lost = True
    one = house.one()
    one.run()
    house.mention("ben")
    house.office.later(hours=2)
    post.lost = False

    one.run()

    first, again, other = post.letters
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first.get_content() == again.get_content()
    assert house.outcomes() == ["failed", "sent", "sent"]


def test_a_slow_server_is_left_after_its_time(house: House, post: Post) -> None:
    post.slow = 1.0
    house.mention("ben")

    assert house.one(timeout=0.3).run().failed == 1
    assert house.outcomes() == ["failed"]


def test_a_server_without_tls_gets_nothing_when_tls_is_asked_for(house: House, post: Post) -> None:
    house.mention("ben")
    one = house.one()
    one.settings = replace(one.settings, mail=replace(one.settings.mail, tls="starttls"))

    assert one.run().failed == 1
    assert post.letters == []


def test_a_failing_template_is_an_incident_and_the_other_language_goes_on(house: House, post: Post) -> None:
    house.choose("ben", language="en")
    house.mention("ben")
    house.mention("supervisor")
    texts = {"body.txt": "{% if language == 'en' %}{{ nothing }}{% else %}文{% endif %}"}

    house.one(letters=Letters("https://h", DictLoader(texts))).run()

    assert len(post.letters) == len(post.to("supervisor@example.org")) == 1
    [incident] = house.office.workflow.incidents(SYSTEM).rows
    assert incident.detail == {"fault": "UndefinedError: 'nothing' is undefined"}
    house.office.workflow.retry(incident.id)
    house.one().run()
    assert len(post.to("ben@example.org")) == 1
    assert house.office.workflow.incidents(SYSTEM).rows == ()


def test_250_breaches_at_one_moment_are_one_readable_letter(house: House, post: Post) -> None:
    office = house.office
    for _ in range(249):
        office.complaint()
    office.later(hours=49)
    one = house.one(gather=10)
    office.fire()
    one.run()
    office.later(seconds=11)

    one.run()

    [letter] = post.to("supervisor@example.org")
    text = body(letter)
    told = len(next(messages for messages in house.sent() if len(messages) >= 250))
    assert letter["Subject"] == f"接力：{told}条消息，其中250条超时升级"
    assert text.count("https://baton.example.org/cases/") == 50
    assert f"另有{told - 50}条消息" in text
    assert all(office.stored(case).clock("answer").breached for case in range(house.case, house.case + 3))


def test_a_daily_digest_comes_once_at_its_hour(house: House, post: Post) -> None:
    house.choose("ben", mail="digest")
    one = house.one(digest_hour=8)
    for _ in range(4):
        house.mention("ben")
        one.run()
        house.office.later(hours=2)
    assert post.letters == []

    house.office.later(hours=16)  # it was nine in the morning of Monday
    one.run()

    [letter] = post.letters
    assert letter["Subject"] == "接力：4条消息"


def test_quiet_hours_delay_a_message_and_never_a_breach(house: House, post: Post) -> None:
    office = house.office
    house.choose("supervisor", mail_hours="mornings")
    one = house.one()
    office.later(hours=48)  # Wednesday, nine o'clock
    office.later(hours=6)  # the afternoon
    office.fire()
    assert office.stored(house.case).clock("answer").breached is not None

    one.run()
    assert post.to("supervisor@example.org") == []

    office.later(hours=18)
    one.run()
    assert len(post.to("supervisor@example.org")) == 1


def test_messages_of_years_ago_are_not_sent(house: House, post: Post) -> None:
    house.mention("ben")
    house.office.later(days=8)

    house.one().run()

    assert post.letters == []


def test_what_waits_for_a_server_that_was_taken_away_is_dropped_on_record(house: House, post: Post) -> None:
    house.mention("ben")
    house.one(gather=60).run()

    house.one(mail=False).run()

    assert (house.outcomes(), house.office.count("dispatches")) == (["dropped"], 0)


@pytest.mark.parametrize("choice", [{"mail": "hourly"}, {"mail_hours": "nowhere"}])
def test_a_choice_that_is_none_is_refused(house: House, choice: dict[str, str]) -> None:
    with pytest.raises(Refused):
        house.choose("ben", **choice)


def test_how_late_a_message_was_is_counted_from_the_decision_and_from_what_was_due(either_house: House) -> None:
    house = either_house
    house.choose("director", mail="digest")
    office = house.office
    office.later(hours=72, seconds=1)
    office.fire()
    office.later(seconds=4)
    house.mention("ben")
    office.later(seconds=5)

    house.one().run()

    found = {
        (row.stage, row.cause, row.longest / 1_000_000): row.count
        for row in house.rows(
            "SELECT stage, cause, count, longest FROM lateness WHERE kind = 'mail' AND cause = 'busy'"
        )
    }
    sent = sum(len(messages) for messages in house.sent())
    assert sum(count for (stage, _, _), count in found.items() if stage == "sent") == sent > 2
    # The mention has no due moment; what the ladder said was due up to a day and a half before it was decided on.
    assert sum(count for (stage, _, _), count in found.items() if stage == "delivered") == sent - 1
    assert max(seconds for stage, _, seconds in found if stage == "sent") == 9.0
    assert max(seconds for stage, _, seconds in found if stage == "delivered") > 3600
    office.later(days=1)
    house.one().run()
    held = house.rows("SELECT stage, cause FROM lateness WHERE kind = 'mail' AND cause = 'held'")
    assert {(row.stage, row.cause) for row in held} == {("sent", "held"), ("delivered", "held")}
