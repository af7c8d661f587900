"""Files that come with a form, and files that go out."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response
from werkzeug.http import dump_options_header

from web import forms
from web.context import actor, key, workflow
from workflow.core.definition.lifecycle import Definition

INERT = "application/octet-stream"


def with_files(case: int, definition: Definition) -> dict[str, Any]:
    """The answers of a form. A file that came with it is attached first, and its number is the answer."""
    answers = forms.answers(definition)
    for name, upload in forms.files(definition):
        once = key()
        answers[name] = str(
            workflow().attach(
                case, upload.filename, upload.read(), actor=actor(), key=f"{once}:{name}" if once else None
            )
        )
    return answers


def download(name: str, content: bytes) -> Response:
    """A file to be saved, never shown by the browser: what it holds came from outside."""
    answer = make_response(content)
    answer.headers["Content-Type"] = INERT
    ascii_name = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    answer.headers["Content-Disposition"] = dump_options_header(
        "attachment", {"filename": ascii_name, "filename*": f"UTF-8''{quoted(name)}"}
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")
