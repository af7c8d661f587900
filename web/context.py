"""What a view asks for: the door, who is asking, and the moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import uuid4

from flask import current_app, g, request

from web.language import now
from workflow import Actor, Workflow
from workflow.core.directory import Directory, Person, Unit
from workflow.messages.wordings import Wordings
from workflow.people.accounts import Accounts


def workflow() -> Workflow:
    return cast(Workflow, current_app.extensions["baton"])


def accounts() -> Accounts:
    return cast(Accounts, current_app.extensions["baton_accounts"])


def directory() -> Directory:
    """The organisation as it was when this request first looked."""
    if "directory" not in g:
        g.directory = workflow().directory()
    return cast(Directory, g.directory)


def wordings() -> Wordings:
    """What the organisation says in its own words, as it was when this request first looked."""
    if "wordings" not in g:
        g.wordings = workflow().wordings()
    return cast(Wordings, g.wordings)


def person() -> Person:
    """Who is signed in. Only behind the gate."""
    return cast(Person, g.person)


def actor() -> Actor:
    """Who acts; for an absent person where the form says so (the door checks that one stands in)."""
    behalf = request.form.get("behalf", type=int) if request.method == "POST" else None
    return Actor(person().id, behalf)


def reader() -> Actor:
    return Actor(person().id)


def roles() -> frozenset[str]:
    """The business roles of who is signed in, together with those of the persons they stand in for."""
    if g.get("person") is None:
        return frozenset()
    if "roles" not in g:
        known, at = directory(), now()
        everyone = (person().id, *known.substituting(person().id, at))
        g.roles = frozenset().union(*(known.role_names(one, at) for one in everyone))
    return cast("frozenset[str]", g.roles)


def unread() -> int:
    """How many messages who is signed in has not seen, up to a hundred."""
    if "unread" not in g:
        g.unread = workflow().unread(reader())
    return cast(int, g.unread)


def fresh_key() -> str:
    """An idempotency key for a form: posted twice, it is answered twice and done once."""
    return uuid4().hex


def key() -> str | None:
    """The key the form came with, bound to its sender; None when it came without."""
    sent = request.form.get("key", "")
    return f"web:{person().id}:{sent[:64]}" if sent else None


def seen() -> int | None:
    """The step the person was looking at, None when the form does not say."""
    return request.form.get("seen", type=int)


def again(show: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A refusal shows the page again, with what was typed and why it was refused.

    Where the page itself is gone (somebody was quicker), the first refusal goes on to the error page.
    """

    def around(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def answer(**where: Any) -> Any:
            from workflow.core.errors import Refused

            try:
                return view(**where)
            except Refused as refusal:
                from web.errors import STATUS

                g.refusal = refusal
                try:
                    page = show(**where)
                except Refused:
                    raise refusal from None
                return page, STATUS[type(refusal)]

        return answer

    return around


def units() -> list[Unit]:
    """The units whose cases the reader may see."""
    scope = directory().scope(person().id, now()).units
    return [found for number in sorted(scope) if (found := directory().unit(number)) is not None]
