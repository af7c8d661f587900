"""Letters and what a robot says: words of the catalogues, or the organisation's own, put together by `templates/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import BaseLoader, PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from workflow.messages.catalogue import find
from workflow.messages.notices import Own

SHOWN = 50
"""Messages written out in one letter; of the others it says how many there are, and where."""


class TemplateFailed(Exception):
    """A template that cannot be filled in. Nothing is wrong with the message."""

    def __init__(self, language: str, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.language = language


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A message as a letter tells it. `level` 0: it is no escalation."""

    sentence: str
    number: str
    lifecycle: str
    customer: str
    link: str
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    subject: str
    body: str


class Letters:
    """`home`: the address of the pages. Each template is compiled once."""

    def __init__(self, home: str, loader: BaseLoader | None = None) -> None:
        self._home = home
        self._templates = SandboxedEnvironment(
            loader=loader or PackageLoader("workflow.delivery"),
            undefined=StrictUndefined,
            autoescape=False,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def write(self, items: Sequence[Item], *, name: str, language: str, own: Own | None = None) -> Letter:
        """One letter for all of them: escalations first, the highest level before the others. Raises TemplateFailed.

        `own`: the parts of letters as the organisation words them.
        """
        ordered = sorted(items, key=lambda item: -item.level)
        facts = self._facts(ordered, SHOWN, language)
        count, escalations, more = facts["count"], facts["escalations"], facts["more"]
        first = {"sentence": ordered[0].sentence, "number": ordered[0].number}
        kind = "subject_one" if count == 1 else "subject_escalation" if escalations == 1 else "subject"
        say = _Words("letter", language, own)
        said = {
            "greeting": say("greeting", name=name),
            "said_more": say("more_one" if more == 1 else "more", count=more, notices=facts["notices"]),
            "closing": say("closing", settings=f"{self._home}/settings"),
        }
        return Letter(
            subject=say(kind, count=count, escalations=escalations or None, **first),
            body=self._filled("body.txt", {**facts, **said}, language),
        )

    def brief(self, items: Sequence[Item], *, language: str, most: int, own: Own | None = None) -> str:
        """What a robot says in at most so many bytes: as many as fit, and how many more. Raises TemplateFailed.

        No customer is named: it is written down where the house has no say.
        """
        ordered = sorted((replace(item, customer="") for item in items), key=lambda item: -item.level)
        say = _Words("robot", language, own)
        for shown in range(min(len(ordered), SHOWN), -1, -1):
            facts = self._facts(ordered, shown, language)
            count, more = facts["count"], facts["more"]
            kind = "opening_one" if count == 1 else "opening"
            said = {
                "opening": say(kind, count=count, escalations=facts["escalations"] or None),
                "said_more": say("more", count=more, notices=facts["notices"]),
            }
            text = self._filled("robot.txt", {**facts, **said}, language).strip()
            if len(text.encode()) <= most:
                return text
        raise TemplateFailed(language, ValueError(f"more than {most} bytes without any message in it"))

    def _filled(self, template: str, facts: Mapping[str, Any], language: str) -> str:
        try:
            return self._templates.get_template(template).render(facts)
        except Exception as error:
            # Whatever a template does wrong, only its letters wait.
            raise TemplateFailed(language, error) from error

    def _facts(self, ordered: Sequence[Item], shown: int, language: str) -> dict[str, Any]:
        return {
            "language": language,
            "count": len(ordered),
            "escalations": sum(1 for item in ordered if item.level),
            "items": ordered[:shown],
            "more": max(0, len(ordered) - shown),
            "notices": f"{self._home}/notices/",
        }


@dataclass(frozen=True, slots=True)
class _Words:
    """The words around messages, of a section of the catalogue."""

    section: str
    language: str
    own: Own | None

    def __call__(self, part: str, **facts: Any) -> str:
        return find(self.language, self.section, part, facts, own=(self.own or {}).get(part)) or ""
