"""How e-mail comes to a person, and what is tried again: through the pages."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.office import Office
from tests.web.conftest import Visitor
from workflow.storage import dispatches

Enter = Callable[[str], Visitor]


def test_a_person_chooses_how_e_mail_comes_and_that_is_a_step(signed_in: Enter, sqlite_office: Office) -> None:
    anna = signed_in("anna")
    before = sqlite_office.count("steps")

    assert anna.post("/settings/mail", {"mail": "digest", "mail_hours": "mornings"}).status_code == 302

    choice = sqlite_office.workflow.mail_choice(sqlite_office.actor("anna"))
    assert (choice.email, choice.mail, choice.hours) == (None, "digest", "mornings")
    assert sqlite_office.count("steps") == before + 1
    page = anna.get("/settings").text
    assert 'value="digest" checked' in page
    assert '<option value="mornings" selected>' in page


def test_a_choice_that_is_none_is_refused(signed_in: Enter, sqlite_office: Office) -> None:
    anna = signed_in("anna")

    assert anna.post("/settings/mail", {"mail": "hourly"}).status_code == 403
    assert anna.post("/settings/mail", {"mail": "none", "mail_hours": "nowhere"}).status_code == 403

    assert sqlite_office.workflow.mail_choice(sqlite_office.actor("anna")).mail == "immediate"


def test_the_display_form_leaves_the_mail_choice_alone(signed_in: Enter, sqlite_office: Office) -> None:
    anna = signed_in("anna")
    anna.post("/settings/mail", {"mail": "none"})

    anna.post("/settings", {"language": "en", "theme": "dark"})

    assert sqlite_office.workflow.mail_choice(sqlite_office.actor("anna")).mail == "none"


def test_a_supervisor_sees_an_incident_of_messages_and_may_try_again(signed_in: Enter, sqlite_office: Office) -> None:
    with sqlite_office.database.writing() as connection:
        incident = dispatches.incident(connection, "mail", "the mail server is away", sqlite_office.now)
    supervisor = signed_in("supervisor")

    page = supervisor.get("/supervision/incidents").text
    assert "有消息未能发出" in page
    assert "the mail server is away" in page
    assert supervisor.post(f"/supervision/incidents/{incident}").status_code == 302
    assert supervisor.post("/supervision/incidents/99").status_code == 404
    assert signed_in("anna").post(f"/supervision/incidents/{incident}").status_code == 403


def test_who_looks_after_the_organisation_reads_what_was_sent(signed_in: Enter, sqlite_office: Office) -> None:
    ben = sqlite_office.people["ben"]
    sent = {"key": "k", "created": sqlite_office.now, "at": sqlite_office.now, "messages": (1, 2)}
    with sqlite_office.database.writing() as connection:
        dispatches.record(connection, channel="mail", recipient="ben@example.org", person=ben, outcome="sent", **sent)
        dispatches.record(
            connection, channel="webhook", recipient="crm", person=None, outcome="failed", detail="answered 500", **sent
        )

    page = signed_in("root").get("/organisation/messages").text

    for text in ("ben@example.org", "2条消息", "已发送", "crm", "answered 500", "失败，将重试"):
        assert text in page
    assert signed_in("supervisor").get("/organisation/messages").status_code == 403
    door = sqlite_office.workflow
    assert [row.recipient for row in door.deliveries(sqlite_office.actor("ben")).rows] == ["ben@example.org"]
    assert door.deliveries(sqlite_office.actor("anna")).rows == ()
