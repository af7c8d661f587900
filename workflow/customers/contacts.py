"""The people of a customer: contacts and decision-makers with their birthdays (001 §4, 003 annex 2).

All of it is personal: it lies in the vault as one value, and is shown to those involved who ask for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from workflow.core.bidi import straight
from workflow.core.forms import UNFIT

MOST = 30
"""People a file holds."""

LENGTHS = {"name": 60, "role": 60, "phone": 40, "email": 120, "birthday": 10}
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
NUMBER = re.compile(r"\+?\d[\d\-() ]{5,}\d")
"""A telephone number within a text."""

ANY_YEAR = 1904
"""A leap year, in which every birthday without a year is a day."""


@dataclass(frozen=True, slots=True)
class Contact:
    """`birthday`: `YYYY-MM-DD`, or `MM-DD` where the year is not known; `decides`: what is bought is theirs to say."""

    name: str
    role: str = ""
    phone: str = ""
    email: str = ""
    birthday: str = ""
    decides: bool = False


class ContactUnfit(ValueError):
    """What was given are no contacts: a code of the catalogue's and its facts."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def checked(given: Any) -> list[dict[str, Any]]:
    """Contacts as they are kept, from rows of their parts or from a text. Raises `ContactUnfit`."""
    if isinstance(given, str):
        if UNFIT.search(given):
            raise ContactUnfit("unfit")
        given = [asdict(one) for one in read(straight(given))]
    if not isinstance(given, Sequence) or isinstance(given, bytes):
        raise ContactUnfit("rows")
    if len(given) > MOST:
        raise ContactUnfit("more", most=MOST)
    return [_one(row, place) for place, row in enumerate(given, start=1)]


def read(held: Any) -> tuple[Contact, ...]:
    """Contacts as they stand in a record: rows, or the text of older ones (`赵主任 13800001111；李总`)."""
    if isinstance(held, str):
        return tuple(_from_text(part) for part in re.split(r"[;；\n]", held) if part.strip())
    return tuple(Contact(**row) for row in held or ())


def normalised_phone(text: str) -> str | None:
    """Digits alone, so that one number is found however it is written: `+86 138-0000-1111`, `１３８…`.

    The country's 86, an extension and everything but digits are left out; None for what has fewer than seven.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = re.split(r"(?:转|ext\.?|x|#)", plain, maxsplit=1, flags=re.IGNORECASE)[0]
    abroad = re.match(r"(\+|00)86", plain)
    digits = "".join(c for c in plain if c.isascii() and c.isdigit())
    if abroad:
        digits = digits.removeprefix("00").removeprefix("86")
        if digits and digits[0] != "1":
            digits = "0" + digits.lstrip("0")
    return digits if 7 <= len(digits) <= 15 else None


def phones(held: Any) -> set[str]:
    """The normalised numbers of a record's contacts."""
    found = {normalised_phone(one.phone) for one in read(held) if one.phone}
    return {number for number in found if number is not None}


def _from_text(text: str) -> Contact:
    plain = unicodedata.normalize("NFKC", text)
    found = NUMBER.search(plain)
    if found is None:
        return Contact(name=text.strip())
    name = (plain[: found.start()] + plain[found.end() :]).strip(" ,，:：()（）")
    return Contact(name=name or found[0], phone=found[0])


def _one(row: Any, place: int) -> dict[str, Any]:
    if not isinstance(row, Mapping) or row.keys() - {*LENGTHS, "decides"}:
        raise ContactUnfit("rows")
    kept: dict[str, Any] = {}
    for part, most in LENGTHS.items():
        text = row.get(part) or ""
        if not isinstance(text, str):
            raise ContactUnfit("cell_unfit", row=place, column=part)
        text = straight(text).strip()
        if UNFIT.search(text) or "\n" in text:
            raise ContactUnfit("cell_unfit", row=place, column=part)
        if len(text) > most:
            raise ContactUnfit("cell_longer", row=place, column=part, most=most)
        if text:
            kept[part] = text
    if "name" not in kept:
        raise ContactUnfit("cell", row=place, column="name")
    if "email" in kept and not EMAIL.fullmatch(kept["email"]):
        raise ContactUnfit("cell_unfit", row=place, column="email")
    if "birthday" in kept:
        _check_birthday(kept["birthday"], place)
    if row.get("decides") in (True, "yes"):
        kept["decides"] = True
    return kept


def _check_birthday(text: str, place: int) -> None:
    try:
        date.fromisoformat(text if len(text) == 10 else f"{ANY_YEAR}-{text}")
    except ValueError:
        raise ContactUnfit("cell_unfit", row=place, column="birthday") from None
