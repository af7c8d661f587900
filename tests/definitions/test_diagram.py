"""A lifecycle as a picture."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from workflow.core.definition.lifecycle import Definition
from workflow.definitions.diagram import draw
from workflow.definitions.lettering import width, wrapped
from workflow.definitions.load import load, loads

DEFINITIONS = sorted((Path(__file__).parents[2] / "definitions").glob("*.yaml"))
BAD = Path(__file__).parents[1] / "bad_definitions"
NS = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def request_definition() -> Definition:
    return loads((BAD / "version_zero.yaml").read_text(encoding="utf-8").replace("version: 0", "version: 1"))


def classes(svg: str) -> dict[str, set[str]]:
    root = ET.fromstring(svg)
    return {
        group.attrib["id"].removeprefix("lifecycle-"): set(group.attrib["class"].split())
        for group in root.iter(f"{NS}g")
        if "id" in group.attrib
    }


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_lifecycle_we_ship_can_be_drawn(path: Path, language: str) -> None:
    definition = load(path)
    svg = draw(definition, language)
    assert set(classes(svg)) == set(definition.states)
    assert "style=" not in svg
    assert "<style" not in svg
    assert "\n" not in svg


def test_states_carry_where_the_case_is_was_and_may_go(request_definition: Definition) -> None:
    found = classes(draw(request_definition, "en", current="accepted", visited={"open", "accepted"}))
    assert found["accepted"] == {"state", "phase-0", "current"}
    assert found["open"] == {"state", "phase-0", "initial", "visited"}
    assert found["settled"] == {"state", "phase-1", "final", "possible"}
    assert found["disputed"] == {"state", "phase-0", "possible"}


def test_the_picture_can_be_read_aloud(request_definition: Definition) -> None:
    root = ET.fromstring(draw(request_definition, "zh", prefix="p"))
    assert root.attrib["role"] == "img"
    named = root.attrib["aria-labelledby"].split()
    texts = {one.attrib["id"]: one.text for one in root if "id" in one.attrib and one.tag != f"{NS}g"}
    assert list(texts) == named == ["p-title", "p-desc"]
    assert texts["p-title"] == "申请"
    assert "已提交 → 已受理: 受理" in str(texts["p-desc"])


def test_titles_cannot_break_the_picture(request_definition: Definition) -> None:
    text = request_definition.text.replace("en: Open}", 'en: "<script>&\\"</script>"}')
    root = ET.fromstring(draw(loads(text), "en"))
    assert any("<script>&" in (span.text or "") for span in root.iter(f"{NS}tspan"))
    assert not list(root.iter(f"{NS}script"))


def test_moves_without_people_are_dashed(request_definition: Definition) -> None:
    svg = draw(request_definition, "en")
    assert len(re.findall('class="move by-itself"', svg)) == 2  # lapse, and what a closed link pulls
    assert len(re.findall("stroke-dasharray", svg)) == 2


def test_the_same_definition_is_always_the_same_picture(request_definition: Definition) -> None:
    again = loads(request_definition.text)
    with ThreadPoolExecutor(8) as threads:
        drawn = set(threads.map(lambda n: draw(again if n % 2 else request_definition, "zh"), range(40)))
    assert len(drawn) == 1
    changed = loads(request_definition.text.replace("en: Open}", "en: Just handed in}"))
    assert draw(changed, "en") != draw(request_definition, "en")


def test_nothing_lies_outside_the_picture(request_definition: Definition) -> None:
    for language in ("zh", "en"):
        root = ET.fromstring(draw(request_definition, language, standalone=True))
        _, _, right, bottom = (float(number) for number in root.attrib["viewBox"].split())
        for box in root.iter(f"{NS}rect"):
            x, y = float(box.attrib.get("x", 0)), float(box.attrib.get("y", 0))
            assert x >= 0 <= y
            assert x + float(box.attrib["width"]) <= right
            assert y + float(box.attrib["height"]) <= bottom


def test_chinese_is_twice_as_wide_and_breaks_anywhere_but_before_punctuation() -> None:
    assert width("客户") == 2.0
    assert width("ab") < 1.3
    assert wrapped("客户投诉处理完毕", 4) == ["客户投诉", "处理完毕"]
    assert wrapped("请先写答复。然后", 5) == ["请先写答复。", "然后"]
    assert wrapped("Answer the customer at once", 8) == ["Answer the", "customer at", "once"]
    assert wrapped("Donaudampfschifffahrt", 5) == ["Donaudampfschifffahrt"]
