"""Whom a comment names."""

from datetime import timedelta

import pytest

from tests.support.office import MONDAY, Office
from workflow.core import mentions
from workflow.core.errors import MentionUnfit
from workflow.core.step import SYSTEM

NAMED = (
    ("请@ben看一下", ["ben"]), ("请 @ben, @anna", ["ben", "anna"]), ("@ben @ben员请看", ["ben"]),
    ("@ben员请核实", ["ben"]), ("@Ben please look", ["ben"]), ("＠ben员", ["ben"]),
    ("@clerk-up look", ["clerk-up"]), ("@clerk.", ["clerk"]), ("@Clerk-Up.", ["clerk-up"]),
    ("@benny", []), ("@Benny", []), ("ben@ben", []), ("mail to x@carl", []), ("@", []), ("@nobody", []),
)  # fmt: skip


def test_a_login_or_a_name_is_a_mention(sqlite_office: Office) -> None:
    office = sqlite_office
    case, directory = office.stored(office.complaint().id), office.workflow.directory()

    for text, who in NAMED:
        assert mentions.of(text, case, directory, MONDAY) == tuple(office.people[login] for login in who), text


def test_of_two_with_one_name_the_one_who_may_see_the_case_is_meant(sqlite_office: Office) -> None:
    office = sqlite_office
    namesake = office.workflow.add_person("ben2", name_zh="ben员", name_en="Ben", actor=SYSTEM)
    office.workflow.grant(namesake, office.units["other"], "account_manager", actor=SYSTEM)
    case = office.stored(office.complaint().id)

    found = mentions.of("@ben员", case, office.workflow.directory(), MONDAY + timedelta(minutes=1))

    assert found == (office.people["ben"],)


@pytest.mark.parametrize("text", ["@carl", "@carl员看看", "@ben和@stranger"])
def test_who_may_not_see_the_case_is_not_mentioned(sqlite_office: Office, text: str) -> None:
    case = sqlite_office.stored(sqlite_office.complaint().id)

    with pytest.raises(MentionUnfit):
        mentions.of(text, case, sqlite_office.workflow.directory(), MONDAY)
