"""The newest checkpoint leaves the house: at once into the folder, now and then by e-mail, again after a failure."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.office import Office
from tests.support.sealed import Sealed
from workflow.audit.log.copies import Copies
from workflow.delivery.failed import Failed
from workflow.delivery.mail import Mailer
from workflow.settings import Mail, Settings


def test_a_checkpoint_reaches_folder_and_mailbox(
    sqlite_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sqlite_office
    sealed = Sealed(office, tmp_path, steps=4)
    settings = Settings(
        seal=replace(sealed.settings, mail="audit@example.org"),
        mail=Mail(host="mail.example.org", sender="baton@example.org"),
    )
    copies = Copies(office.database, settings, clock=lambda: office.now)
    sent: list[tuple[str, str]] = []

    def refuse(mailer: Mailer, made: EmailMessage, to: str) -> None:
        raise Failed("away")

    def take(mailer: Mailer, made: EmailMessage, to: str) -> None:
        sent.append((to, made.get_content()))

    monkeypatch.setattr(Mailer, "send", refuse)
    assert copies.run() == 1
    [file] = list((tmp_path / "checkpoints").iterdir())
    assert file.read_text(encoding="utf-8") == sealed.outside
    monkeypatch.setattr(Mailer, "send", take)
    assert copies.run() == 0
    office.later(minutes=15)
    assert copies.run() == 1
    [(to, body)] = sent
    assert to == "audit@example.org"
    assert sealed.outside in body.replace("\r\n", "\n")

    office.complaint()
    sealed.sealer.sign()
    assert copies.run() == 1
    assert len(sent) == 1
    office.later(hours=24)
    assert copies.run() == 1
    assert len(sent) == 2
