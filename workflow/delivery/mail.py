"""E-mail: one connection for a round, opened when the first message needs it."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime
from typing import Self

from workflow.delivery.failed import Failed, within
from workflow.settings import Mail

PERMANENT = 500


def key_of(bundle: int, sender: str) -> str:
    """The Message-ID, the same however often the message is sent."""
    return f"<baton-{bundle}@{sender.rpartition('@')[2]}>"


def letter(*, key: str, sender: str, to: str, name: str, subject: str, body: str, at: datetime) -> EmailMessage:
    """A message to one person. Raises `Failed` for an address that is none."""
    made = EmailMessage(policy=POLICY)
    try:
        made["To"] = Address(display_name=" ".join(name.split()), addr_spec=to)
    except (ValueError, IndexError, MessageError) as error:
        raise Failed(f"{to} is no address: {error}", permanent=True) from error
    made["From"] = Address(display_name="Baton", addr_spec=sender)
    made["Subject"] = " ".join(subject.split())
    made["Date"] = format_datetime(at)
    made["Message-ID"] = key
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(body)
    return made


class Mailer:
    """Sends by the server of the settings. `timeout`: seconds it may take over one message."""

    def __init__(self, settings: Mail, *, timeout: float) -> None:
        self._settings = settings
        self._timeout = timeout
        self._open: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, made: EmailMessage, to: str) -> None:
        """Hand a message to the server. Raises `Failed`."""
        server = self._server()
        try:
            with within(self._timeout, server.sock):
                server.send_message(made, self._settings.sender, [to])
        except smtplib.SMTPRecipientsRefused as refused:
            code, text = next(iter(refused.recipients.values()))
            raise _told(to, code, text) from refused
        except smtplib.SMTPDataError as refused:
            raise _told(to, refused.smtp_code, refused.smtp_error) from refused
        except (smtplib.SMTPNotSupportedError, ValueError) as error:
            # An address in letters the server does not know.
            raise Failed(f"{to}: {error}", permanent=True) from error
        except smtplib.SMTPResponseException as refused:
            self.close()
            raise Failed(f"{refused.smtp_code} {_text(refused.smtp_error)}", away=True) from refused
        except (OSError, smtplib.SMTPException) as error:
            # The answer may be what was lost, and not the message.
            self.close()
            raise Failed(f"{type(error).__name__}: {error}", away=True, unsure=True) from error

    def close(self) -> None:
        """End the connection, politely where there is still one."""
        server, self._open = self._open, None
        if server is not None:
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()

    def _server(self) -> smtplib.SMTP:
        if self._open is None:
            try:
                self._open = self._connect()
            except (OSError, smtplib.SMTPException, ValueError) as error:
                where = f"{self._settings.host}:{self._settings.port}"
                raise Failed(f"{where}: {type(error).__name__}: {error}", away=True) from error
        return self._open

    def _connect(self) -> smtplib.SMTP:
        chosen = self._settings
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if chosen.tls == "tls":
            server = smtplib.SMTP_SSL(chosen.host, chosen.port, timeout=self._timeout, context=context)
        else:
            server = smtplib.SMTP(chosen.host, chosen.port, timeout=self._timeout)
        try:
            if chosen.tls == "starttls":
                server.starttls(context=context)
            if chosen.user:
                server.login(chosen.user, chosen.password)
        except BaseException:
            server.close()
            raise
        return server


def _told(to: str, code: int, text: bytes | str) -> Failed:
    return Failed(f"{to}: {code} {_text(text)}", permanent=code >= PERMANENT)


def _text(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
