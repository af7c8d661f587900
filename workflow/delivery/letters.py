"""The words of an e-mail, from `templates/{zh,en}/`, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import BaseLoader, PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

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

    def write(self, items: Sequence[Item], *, name: str, language: str) -> Letter:
        """One letter for all of them: escalations first, the highest level before the others. Raises TemplateFailed."""
        ordered = sorted(items, key=lambda item: -item.level)
        facts = {**self._facts(ordered, SHOWN), "name": name, "settings": f"{self._home}/settings"}
        try:
            return Letter(
                subject=self._templates.get_template(f"{language}/subject.txt").render(facts),
                body=self._templates.get_template(f"{language}/body.txt").render(facts),
            )
        except Exception as error:
            # Whatever a template does wrong, only its letters wait.
            raise TemplateFailed(language, error) from error

    def brief(self, items: Sequence[Item], *, language: str, most: int) -> str:
        """What a robot says in at most so many bytes: as many as fit, and how many more. Raises TemplateFailed.

        No customer is named: it is written down where the house has no say.
        """
        ordered = sorted((replace(item, customer="") for item in items), key=lambda item: -item.level)
        for shown in range(min(len(ordered), SHOWN), -1, -1):
            try:
                text = self._templates.get_template(f"{language}/robot.txt").render(self._facts(ordered, shown))
            except Exception as error:
                raise TemplateFailed(language, error) from error
            if len(text.strip().encode()) <= most:
                return text.strip()
        raise TemplateFailed(language, ValueError(f"more than {most} bytes without any message in it"))

    def _facts(self, ordered: Sequence[Item], shown: int) -> dict[str, Any]:
        return {
            "count": len(ordered),
            "escalations": sum(1 for item in ordered if item.level),
            "items": ordered[:shown],
            "more": max(0, len(ordered) - shown),
            "notices": f"{self._home}/notices/",
        }
