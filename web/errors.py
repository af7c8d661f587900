"""What a refusal is in HTTP, and the pages for what went wrong. A traceback is never shown."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from web import language
from workflow import StorageUnavailable, messages
from workflow.core import errors as e

log = logging.getLogger("baton.web")

STATUS: dict[type[e.Refused], int] = {
    e.CaseNotFound: 404,
    e.TaskNotFound: 404,
    e.CustomerNotFound: 404,
    e.PersonNotFound: 404,
    e.UnitNotFound: 404,
    e.FileNotFound: 404,
    e.NoticeNotFound: 404,
    e.IncidentNotFound: 404,
    e.EscalationNotFound: 404,
    e.DefinitionUnknown: 404,
    e.CalendarUnknown: 404,
    e.WordingUnknown: 404,
    e.WordingUnfit: 422,
    e.WordingMoved: 409,
    e.ClockNotFound: 404,
    e.DueNotFound: 404,
    e.StepNotFound: 404,
    e.CheckpointNotFound: 404,
    e.ControlNotFound: 404,
    e.FindingNotFound: 404,
    e.FindingClosed: 409,
    e.VerificationWaiting: 409,
    e.SampleUnfit: 422,
    e.StepNotSealed: 409,
    e.SizesUnfit: 422,
    e.RoleUnknown: 422,
    e.SubstitutionNotFound: 404,
    e.NotPermitted: 403,
    e.NotYourTask: 403,
    e.NotASubstitute: 403,
    e.FileClosed: 403,
    e.FourEyes: 403,
    e.TaskClosed: 409,
    e.CaseMovedOn: 409,
    e.NotInThisState: 409,
    e.AlreadyAcknowledged: 409,
    e.ClockNotRunning: 409,
    e.ClockNotHeld: 409,
    e.PauseUsedUp: 409,
    e.CustomerKnown: 409,
    e.CustomerAlike: 409,
    e.BranchUnfit: 422,
    e.MergeUnfit: 422,
    e.LoginTaken: 409,
    e.CodeTaken: 409,
    e.KeyReused: 422,
    e.ConditionNotMet: 422,
    e.LimitReached: 422,
    e.LoadReached: 422,
    e.FormInvalid: 422,
    e.ReceiverUnfit: 422,
    e.MentionUnfit: 422,
    e.NobodyToRemind: 422,
    e.ExtensionRefused: 422,
    e.CustomerRequired: 422,
    e.SplitUneven: 422,
    e.UploadNotFound: 404,
    e.UploadMoved: 409,
    e.CustomerUnowned: 422,
    e.NumberInvalid: 422,
    e.SubstitutionInvalid: 422,
    e.GroupUnfit: 422,
    e.PeriodUnfit: 422,
    e.UnitUnfit: 409,
    e.CalendarUnfit: 422,
    e.TextEmpty: 422,
    e.TextUnfit: 422,
    e.PasswordWeak: 422,
    e.FileTooLarge: 413,
    e.CaseDamaged: 409,
    e.CaseFileTooLarge: 413,
    e.SignInRefused: 401,
    e.SignInThrottled: 429,
}
"""A test proves that every Refused has a line here."""

EXPLAINED = (400, 401, 403, 404, 405, 409, 413, 422, 429, 503)


def install(app: Flask) -> None:
    app.register_error_handler(e.Refused, refused)
    app.register_error_handler(CSRFError, stale)
    app.register_error_handler(RateLimitExceeded, too_many)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(StorageUnavailable, busy)
    app.register_error_handler(Exception, broken)


def page(status: int, *, sentence: str = "", code: str = "") -> Response:
    """A page that says what is wrong and leads back."""
    if status >= 500:
        # It asks nothing of a database that may be away.
        g.unread = 0
    explained = code or str(status if status in EXPLAINED else 500 if status >= 500 else 400)
    return make_response(
        render_template("errors/error.html", status=status, explained=explained, sentence=sentence), status
    )


def refused(refusal: e.Refused) -> Response:
    from web.templating import refusal_sentence

    status = STATUS[type(refusal)]
    if status == 404:
        # The same words whether it never was or may not be seen.
        return page(404)
    return page(status, sentence=refusal_sentence(refusal))


def stale(error: CSRFError) -> Response:
    return page(400, code="stale")


def too_many(error: RateLimitExceeded) -> Response:
    answer = page(429)
    answer.headers.setdefault("Retry-After", "60")
    return answer


def http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    answer = page(error.code)
    if error.code == 405 and getattr(error, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def busy(error: StorageUnavailable) -> Response:
    """The database could not do it now. The sentence says whether anything may have been changed."""
    log.warning("%s %s: %s", request.method, request.path, error)
    answer = page(503, sentence=messages.trouble(error.code, error.facts, language.current()))
    answer.headers["Retry-After"] = "5"
    return answer


def broken(error: Exception) -> Response:
    """Anything not foreseen: logged with its reference, which the person can pass on."""
    from uuid import uuid4

    g.reference = uuid4().hex[:8]
    log.error("%s %s failed, reference %s", request.method, request.path, g.reference, exc_info=error)
    return page(500, code="500", sentence=gettext("error.reference", reference=g.reference))
