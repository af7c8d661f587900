"""However a file is bent, it gives a definition or faults, and never a crash."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow.core.definition.lifecycle import Definition
from workflow.definitions.faults import DefinitionErrors, Fault
from workflow.definitions.load import loads
from workflow.definitions.source import parse

BAD = Path(__file__).parents[1] / "bad_definitions"
SOUND = (BAD / "version_zero.yaml").read_text(encoding="utf-8").replace("version: 0", "version: 1")
TREE = parse(SOUND.encode(), file="a.yaml").value

junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**30),
    st.floats(),
    st.sampled_from(
        ["", "open", "data.owner", "= now", "=", "= 1/0 == 1", "50%", "48h", "a b", "*", "拒绝", "x" * 5000]
    ),
    st.lists(st.sampled_from(["open", "clerk", "accept", 1, None, "note!", []]), max_size=3),
    st.dictionaries(st.sampled_from(["zh", "en", "by", "*", "type", "set", "if", ""]), st.text(max_size=3), max_size=3),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(*path, key) for key, _ in inner] + [at for key, item in inner for at in places(item, (*path, key))]


PLACES = places(TREE)


def bent(path: tuple[Any, ...], value: Any, *, drop: bool) -> str:
    tree = deepcopy(TREE)
    holder = tree
    for part in path[:-1]:
        holder = holder[part]
    if drop:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return "# x\n" + json.dumps(tree, ensure_ascii=False)


def test_the_file_to_be_bent_is_sound() -> None:
    assert loads(SOUND).name == "request"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), junk, st.booleans())
def test_a_bent_file_gives_a_definition_or_faults(path: tuple[Any, ...], value: Any, drop: bool) -> None:
    made: Definition | None = None
    faults: tuple[Fault, ...] = ()
    try:
        made = loads(bent(path, value, drop=drop))
    except DefinitionErrors as errors:
        faults = errors.faults
    assert (made is None) == bool(faults)
    assert all(0 < len(str(fault)) < 600 for fault in faults)
