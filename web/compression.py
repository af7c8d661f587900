"""Answers made smaller on their way.

A page that answers another site's request is left as it is: who can make a browser ask and can watch the line could
otherwise guess what is in a page from its size (BREACH). Browsers say in `Sec-Fetch-Site` who made them ask, wherever
the line is encrypted; where it is not, its size tells nothing that the line itself does not.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request

LEAST = 1000
"""Bytes from which it is worth it."""

TEXTS = {"text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"}
OWN = {"same-origin", "none"}
"""What a browser says that was asked by a page of ours, or by the person."""

FAST, SMALL = 4, 9


def install(app: Flask) -> None:
    @app.after_request
    def smaller(response: Response) -> Response:
        if response.mimetype not in TEXTS or response.status_code not in (200, 401, 403, 404, 409, 422):
            return response
        response.vary.update(("Accept-Encoding", "Sec-Fetch-Site"))
        flows = response.is_streamed and request.endpoint != "static"
        if flows or response.headers.get("Content-Encoding"):
            return response
        if not request.accept_encodings.quality("gzip") or not fit():
            return response
        response.direct_passthrough = False
        body = response.get_data()
        if len(body) >= LEAST:
            response.set_data(packed(body) if request.endpoint == "static" else gzip.compress(body, FAST, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
            if known := response.get_etag()[0]:
                response.set_etag(known, weak=True)
        return response


def fit() -> bool:
    """Whether nobody learns anything from the size of this answer."""
    if request.endpoint == "static" or not request.is_secure:
        return True
    return request.headers.get("Sec-Fetch-Site") in OWN


@lru_cache(maxsize=100)
def packed(body: bytes) -> bytes:
    """A static file, packed once."""
    return gzip.compress(body, SMALL, mtime=0)
