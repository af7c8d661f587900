"""The headers every answer carries. Nothing inline, nothing from elsewhere, nothing kept by a shared cache."""

from flask import Flask, Response, request
from secure import Secure
from secure.headers import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)

FOR_EVER = "public, max-age=31536000, immutable"

ASKED_AGAIN = {"day.feed"}
"""What a program may keep and asks about again by its ETag: its address is the secret, nobody is signed in."""


def policy() -> ContentSecurityPolicy:
    return (
        ContentSecurityPolicy()
        .default_src("'none'")
        .script_src("'self'")
        .style_src("'self'")
        .img_src("'self'")
        .connect_src("'self'")
        .form_action("'self'")
        .frame_ancestors("'none'")
        .base_uri("'none'")
    )


def install(app: Flask, *, https: bool) -> None:
    """Have `app` send the headers. `https`: the browser is told never to come without it."""
    headers = Secure(
        csp=policy(),
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        permissions=PermissionsPolicy().camera().microphone().geolocation(),
        referrer=ReferrerPolicy().same_origin(),
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
        hsts=StrictTransportSecurity().max_age(31536000) if https else None,
    ).headers

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.endpoint in ASKED_AGAIN:
            response.headers["Cache-Control"] = "private, no-cache"
        elif request.endpoint == "static":
            response.headers["Cache-Control"] = FOR_EVER if "v" in request.args else "no-cache"
        else:
            response.headers["Cache-Control"] = "no-store"
        return response
