"""What an operator may say about e-mail and webhooks, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workflow.config import ConfigError, load

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
Written = Callable[[str], Path]


@pytest.fixture
def config(tmp_path: Path) -> Written:
    def write(text: str) -> Path:
        file = tmp_path / "config.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_a_webhook_has_a_name_and_its_secret_a_file(config: Written, tmp_path: Path) -> None:
    (tmp_path / "crm.secret").write_text(SECRET + "\n", encoding="ascii")

    settings = load(
        config(
            '[webhooks.crm]\nurl = "https://crm.example.org/?x=1"\nsecret_file = "crm.secret"\nkinds = ["escalation"]'
        ),
        {},
    )

    crm = settings.webhooks["crm"]
    assert (crm.url, crm.secret, crm.kinds) == ("https://crm.example.org/?x=1", SECRET, ("escalation",))
    assert not crm.private


def test_a_password_for_the_mail_server_may_come_from_a_file(config: Written, tmp_path: Path) -> None:
    (tmp_path / "word").write_text("secret\n", encoding="ascii")

    settings = load(
        config(""), {"BATON_MAIL_PASSWORD_FILE": "word", "BATON_MAIL_HOST": "m", "BATON_MAIL_SENDER": "a@b"}
    )

    assert settings.mail.password == "secret"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            f'[webhooks.crm]\nurl = "http://crm/x"\nsecret = "{SECRET}"',
            "config.toml:2: webhooks.crm.url: outside the house only https:// will do",
        ),
        (f'[webhooks.crm]\nsecret = "{SECRET}"', "config.toml:1: webhooks.crm: url is missing"),
        ('[webhooks.crm]\nurl = "https://crm"', "config.toml:1: webhooks.crm: secret is missing"),
        (
            f'[webhooks.crm]\nurl = "ftp://crm"\nsecret = "{SECRET}"',
            "config.toml:2: webhooks.crm.url: write https://HOST/PATH",
        ),
        (
            f'[webhooks.crm]\nurl = "https://me:word@crm"\nsecret = "{SECRET}"',
            "config.toml:2: webhooks.crm.url: an address here has no user and no #",
        ),
        (
            '[webhooks.crm]\nurl = "https://crm"\nsecret = "whsec_c2hvcnQ="',
            "config.toml:3: webhooks.crm.secret: write whsec_ and 24 to 64 random bytes in base64",
        ),
        (
            f'[webhooks.crm]\nurl = "https://crm"\nsecret = "{SECRET}"\nkinds = "all"',
            'config.toml:4: webhooks.crm.kinds: write ["texts", "in", "brackets"]',
        ),
        (
            f'[webhooks."C R M"]\nurl = "https://crm"\nsecret = "{SECRET}"',
            "config.toml: webhooks.C R M: a name has small letters, digits, - and _, at most 40",
        ),
        (
            '[webhooks]\ncrm = "x"',
            "config.toml:2: webhooks.crm: is a section; write [webhooks.NAME] on a line of its own",
        ),
        ('[mail]\nhost = "mail"', "config.toml:1: mail.sender: say from whom the e-mail comes"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(config: Written, text: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(config(text), {})

    assert caught.value.faults == [fault]
