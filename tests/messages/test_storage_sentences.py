"""What is wrong with the database is said in both languages."""

import pytest

from workflow.messages import trouble
from workflow.messages.catalogue import LANGUAGES, catalogue, placeholders
from workflow.storage import errors, faults

ERRORS = [
    one
    for one in vars(errors).values()
    if isinstance(one, type) and issubclass(one, errors.StorageError) and one is not errors.DatabaseRefused
]
REASONS = {*faults.SQLITE.values(), *faults.POSTGRESQL.values()}


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: one.code)
def test_every_error_of_the_storage_has_its_own_sentence_with_the_same_facts(error: type[errors.StorageError]) -> None:
    keys = REASONS if error is errors.StorageUnavailable else {error.code}
    for key in keys:
        facts = placeholders(error.message) - {"reason", "detail"}
        wordings = [catalogue(language)["storage"][key] for language in LANGUAGES]
        assert [placeholders(one) for one in wordings] == [facts, facts]
        assert wordings[0] != wordings[1]
        assert [one[-1] for one in wordings] == ["。", "."]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_nobody_has_words_for_is_a_problem_of_the_database(language: str) -> None:
    assert trouble("of_a_later_baton", {}, language) == catalogue(language)["storage"]["storage"]
