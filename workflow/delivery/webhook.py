"""A webhook: CloudEvents 1.0 in JSON, signed as Standard Webhooks, to an address that was looked at."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from workflow.delivery.addresses import Resolve, checked
from workflow.delivery.failed import Failed, within
from workflow.settings import Webhook

GONE = 410
LONGEST_WAIT = timedelta(hours=1)


def key_of(bundle: int) -> str:
    """The `webhook-id`, the same however often the message is sent."""
    return f"baton-{bundle}"


def event(row: Any, *, source: str, texts: Mapping[str, str], link: str) -> bytes:
    """A message as a CloudEvent. `sequence` rises along the history of a case."""
    facts = json.loads(row.body)
    customer = None if row.customer is None else {"number": row.customer_number, "zh": row.name_zh, "en": row.name_en}
    content = {
        "specversion": "1.0",
        "id": str(row.id),
        "source": source,
        "type": f"baton.message.{row.kind}",
        "subject": row.number,
        "time": row.created.isoformat(),
        "sequence": f"{row.seq:08}.{row.n:04}",
        "datacontenttype": "application/json",
        "data": {
            "case": row.number,
            "lifecycle": row.definition,
            "kind": row.kind,
            "recipient": row.login,
            "customer": customer,
            "text": dict(texts),
            "link": link,
            "facts": facts,
        },
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def headers(secret: str, key: str, body: bytes, at: datetime) -> dict[str, str]:
    """What a receiver checks: who sent this, that nobody changed it, and when."""
    stamp = str(int(at.timestamp()))
    signed = b".".join((key.encode(), stamp.encode(), body))
    own = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return {
        "content-type": "application/cloudevents+json; charset=utf-8",
        "user-agent": "baton",
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(own).decode(),
    }


def post(
    webhook: Webhook,
    body: bytes,
    sent: Mapping[str, str],
    *,
    timeout: float,
    at: datetime,
    resolve: Resolve = socket.getaddrinfo,
) -> None:
    """Send it, for at most `timeout` seconds. Redirects are not followed. Raises `Failed`."""
    parts = urlsplit(webhook.url)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    addresses = checked(host, port, private=webhook.private, resolve=resolve)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    if secure:
        # Known by its kind, http.client leaves :443 out of the Host header.
        connection.default_port = 443
    try:
        connection.sock = connect(addresses, port, host=host if secure else None, timeout=timeout)
        with within(timeout, connection.sock):
            connection.request("POST", path, body=body, headers=dict(sent))
            with connection.getresponse() as answer:
                code, retry_after = answer.status, answer.headers.get("retry-after")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Failed(f"{host}: {type(error).__name__}: {error}", away=True, unsure=True) from error
    finally:
        connection.close()
    judge(code, retry_after, at=at)


def connect(addresses: list[str], port: int, *, host: str | None, timeout: float) -> socket.socket:
    """A connection to one of the addresses; `host` is whose certificate is expected, None: no TLS. Raises OSError."""
    refused: OSError | None = None
    for address in addresses:
        try:
            plain = socket.create_connection((address, port), timeout=timeout)
        except OSError as error:
            refused = error
            continue
        if host is None:
            return plain
        context = ssl.create_default_context()
        try:
            secured = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        except (OSError, ValueError):
            plain.close()
            raise
        try:
            with within(timeout, secured):
                secured.do_handshake()
        except OSError:
            secured.close()
            raise
        return secured
    raise refused or OSError("no address")


def judge(code: int, retry_after: str | None, *, at: datetime) -> None:
    """What an answer means. Raises `Failed` for all but 2xx."""
    if 200 <= code < 300:
        return
    if 300 <= code < 400:
        raise Failed(f"answered {code}; redirects are not followed")
    raise Failed(f"answered {code}", permanent=code == GONE, wait=asked_wait(retry_after, at=at))


def asked_wait(retry_after: str | None, *, at: datetime) -> timedelta | None:
    """How long a server asks to be left alone, an hour at most; None when it does not say, or not clearly."""
    if not retry_after:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return min(timedelta(seconds=min(int(retry_after[:9]), 999_999)), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(retry_after)
    except (ValueError, TypeError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(min(until - at, LONGEST_WAIT), timedelta(0))
