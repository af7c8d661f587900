"""The usual way of a case, as far as a story needs it."""

from __future__ import annotations

from typing import Any

from tests.promises.house import House, Story

BEFORE_EXPANSION = ("survey", "segment", "prioritise", "position", "submit_plan", "approve_plan")

FORMS: dict[str, dict[str, Any]] = {
    "survey": {"survey": "制造业，用邮需求稳定"},
    "segment": {"ranking": "一、二、三"},
    "prioritise": {"contribution": "首位", "team_review": "同意"},
    "position": {"positioning": "战略客户"},
    "submit_plan": {"marketing_plan": "次日达", "offered": "特快专递"},
    "approve_plan": {},
    "sign": {"contract_number": "YZ-7", "contract_date": "2026-03-20", "products": "特快", "yearly_value": "1200000"},
    "compile": {
        "file_complete": True,
        "people_there": "周经理",
        "in_force": "YZ-7",
        "open_matters": "无",
        "revenue_history": "120万",
        "next_steps": "五月走访",
    },
    "introduce": {"visited_on": "2026-03-25", "acknowledgement": "客户已知悉"},
    "accept": {},
    "confirm_handover": {"share_1": "100", "share_2": "60", "share_3": "30", "share_4": "0"},
}
ANNOUNCED = {"services": ["express"], "expected_revenue": "600000", "kind": "regular"}
"""What is said of a customer that is announced."""

WHO = {"position": "dong", "approve_plan": "dong", "accept": "wang", "confirm_handover": "dong"}


def claim(house: House, *, by: str = "li", unit: str = "east", **different: Any) -> Story:
    return house.open("account", by=by, unit=unit, **{**claimed(house, unit=unit), **different})


def claimed(house: House, *, unit: str = "east") -> dict[str, Any]:
    """What a registration says."""
    return {
        "services": ["express"],
        "expected_revenue": "1200000",
        "kind": "regular",
        "project_plan": "全国仓配",
        "a": house.person("li"),
        "b": house.person("wang"),
        "developing_unit": house.units[unit],
        "signed_in": house.units[unit],
        "arises_in": house.units[unit],
        "contact": "周经理",
    }


def pre_checked(house: House, **different: Any) -> Story:
    story = claim(house, **different)
    return precheck(story, unit=different.get("unit", "east"))


def precheck(story: Story, *, unit: str = "east") -> Story:
    return story.do("precheck", by="cheng", developing_unit=story.house.units[unit], leads_by="territory")


def approve(story: Story, *, unit: str = "east", **more: Any) -> Story:
    return story.do("approve", by="chu", developing_unit=story.house.units[unit], **more)


def registered(house: House, **different: Any) -> Story:
    """Approved: the first day of the exclusive window. A diamond customer is proposed to the city centre."""
    otherwise = {"otherwise_why": "客户在本镇"} if house.record()["tier"] == "diamond" else {}
    return approve(pre_checked(house, **different), unit=different.get("unit", "east"), **otherwise)


def go(story: Story, *triggers: str) -> Story:
    """Pull triggers with their usual forms, by those who usually do."""
    for trigger in triggers:
        story.do(trigger, by=WHO.get(trigger, "li"), **FORMS[trigger])
    return story


def expanding(house: House, **different: Any) -> Story:
    return go(registered(house, **different), *BEFORE_EXPANSION)


def signed(house: House, **different: Any) -> Story:
    return go(expanding(house, **different), "sign")


def maintained(house: House) -> Story:
    """Won and handed over: wang (B) looks after the customer, li (A) assists."""
    return go(signed(house), "compile", "introduce", "accept", "confirm_handover")


def complaint(house: House, *, by: str = "li", **different: Any) -> Story:
    form = {"kind": "complaint", "channel": "phone", "text": "三月一日的邮件丢失", "severity": "normal"}
    return house.open("complaint", by=by, unit="east", **{**form, **different})


def dispatched(story: Story, *, by: str = "li") -> Story:
    return story.do("dispatch", by=by, department=story.house.units["sorting"], question="邮件去向", told="phone")
