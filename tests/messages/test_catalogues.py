"""Both languages say the same things, about everything that can be said."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest

from workflow.core import errors, step
from workflow.core.directory import BUSINESS_ROLES
from workflow.messages.catalogue import LANGUAGES, catalogue, placeholders, wordings_of
from workflow.people.passwords import Reason

SOURCES = Path(errors.__file__).parents[1]
KINDS_BESIDE = ("remind", "link")
NOTICES = ("reminder", "escalation", "assigned", "delegated", "reassigned", "mentioned", "notice", "tell", "damage")


def subclasses(kind: type) -> list[type]:
    return [found for one in kind.__subclasses__() for found in (one, *subclasses(one))]


def in_source(file: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, (SOURCES / file).read_text(encoding="utf-8")))


def documented(error: type) -> set[str]:
    """The facts a class's docstring names."""
    facts = (error.__doc__ or "").partition("Facts:")[2]
    return set(re.findall(r"`(\w+)`", facts))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_and_every_fault_has_a_sentence(language: str) -> None:
    refusals = {one.__name__ for one in subclasses(errors.Refused)}
    others = {one.__name__ for one in subclasses(errors.BatonError)} - refusals - {"Refused"}

    assert catalogue(language)["refused"].keys() == refusals
    assert catalogue(language)["fault"].keys() == others


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_a_form_has_a_sentence(language: str) -> None:
    raised = in_source("core/forms.py", r'_fault\("(\w+)"')
    raised |= in_source("core/forms.py", r'"(?:required|null|unknown)": "(\w+)"')
    raised |= in_source("customers/record.py", r'\[\["(\w+)"') | in_source("customers/record.py", r'error="(\w+)"')
    raised |= {"person", "unit", "file"}

    assert raised
    assert raised <= catalogue(language)["form"].keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_words(language: str) -> None:
    numbers = in_source("customers/number.py", r'why="(\w+)"') | in_source("customers/credit.py", r'why="(\w+)"')
    substitutions = in_source("service/organisation.py", r'SubstitutionInvalid\(why="(\w+)"')

    assert catalogue(language)["password"].keys() == set(get_args(Reason))
    assert catalogue(language)["number"].keys() >= numbers
    assert numbers
    assert catalogue(language)["substitution"].keys() == substitutions
    assert catalogue(language)["unit_unfit"].keys() >= in_source("service/staff.py", r'UnitUnfit\(why="(\w+)"') != set()
    assert catalogue(language)["role"].keys() == set(BUSINESS_ROLES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_that_is_not_permitted_has_its_words(language: str) -> None:
    files = (
        "service/base.py",
        "service/organisation.py",
        "service/registry.py",
        "core/desk.py",
        "core/decide.py",
        "core/moving.py",
    )
    actions = set().union(*(in_source(file, r'NotPermitted\(action="(\w+)"') for file in files))

    assert actions
    assert actions <= catalogue(language)["action"].keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_step_and_message_has_a_sentence(language: str) -> None:
    assert {*step.KINDS, *KINDS_BESIDE} <= catalogue(language)["step"].keys()
    assert catalogue(language)["notice"].keys() == set(NOTICES)


def test_both_languages_have_the_same_keys_and_need_the_same_facts() -> None:
    def shape(language: str) -> dict[tuple[str, str], Any]:
        return {
            (section, key): [placeholders(one) - {"month", "day", "at"} for one in wordings_of(entry)]
            for section, entries in catalogue(language).items()
            for key, entry in entries.items()
        }

    assert shape("zh") == shape("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_asks_for_no_fact_that_its_refusal_does_not_have(language: str) -> None:
    derived = {"sentence", "size", "wait"}
    for error in subclasses(errors.Refused):
        for wording in wordings_of(catalogue(language)["refused"][error.__name__]):
            assert placeholders(wording) - derived <= documented(error), error.__name__


@pytest.mark.parametrize("language", LANGUAGES)
def test_wordings_go_from_the_fullest_to_the_plainest(language: str) -> None:
    for section, entries in catalogue(language).items():
        for key, entry in entries.items():
            needs = [placeholders(one) for one in wordings_of(entry)]
            for fuller, plainer in pairwise(needs):
                assert plainer < fuller, (section, key)


def test_no_sentence_is_the_same_in_both_languages() -> None:
    for section in ("refused", "form", "notice", "password", "number"):
        for key, entry in catalogue("zh")[section].items():
            if entry != "{sentence}":
                assert entry != catalogue("en")[section][key], (section, key)
