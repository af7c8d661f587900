"""A page is one reading where the database is a trip away: begun once, and what stands on it fits together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from workflow import Workflow

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

READ = {"GET", "HEAD"}
"""A form is answered by what it did, and an export may take long: each of their readings is for itself."""


def install(app: Flask, workflow: Workflow) -> None:
    """Around the whole application: the reading ends before the first byte is sent, however the answer came about."""
    answer = app.wsgi_app

    def within(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in READ:
            return answer(environ, start_response)
        with workflow.one_moment():
            return answer(environ, start_response)

    app.wsgi_app = within  # type: ignore[method-assign]
