"""The lifecycles other tests draw by chance are what they are said to be."""

from hypothesis import HealthCheck, given, settings

from tests.support.random_definitions import sound_definitions
from workflow.definitions.load import loads


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(sound_definitions())
def test_every_lifecycle_drawn_by_chance_is_sound(text: str) -> None:
    definition = loads(text)
    assert definition.states[definition.initial].final is False
    assert any(state.final for state in definition.states.values())
    assert definition.text == text
