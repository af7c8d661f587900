"""The customer number: division, sequence within it, branch (003 §4.2(3)).

Fourteen digits: 6 of the administrative division, 5 of the sequence from 00001, 3 of the
branch, 000 for a head office or a customer without branches, branches from 001.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from workflow.core.errors import NumberInvalid
from workflow.customers.divisions import is_division

LAST_SEQUENCE = 99_999
LAST_BRANCH = 999


@dataclass(frozen=True, slots=True, order=True)
class CustomerNumber:
    """`str()` gives the fourteen digits. Raises `NumberInvalid` with the code of what is wrong."""

    division: str
    sequence: int
    branch: int = 0

    def __post_init__(self) -> None:
        if not is_division(self.division):
            raise NumberInvalid(number=self.division, why="division")
        if not 1 <= self.sequence <= LAST_SEQUENCE:
            raise NumberInvalid(number=self.sequence, why="sequence")
        if not 0 <= self.branch <= LAST_BRANCH:
            raise NumberInvalid(number=self.branch, why="branch")

    def __str__(self) -> str:
        return f"{self.division}{self.sequence:05}{self.branch:03}"

    @property
    def is_head(self) -> bool:
        """A head office, or a customer without branches."""
        return self.branch == 0

    @property
    def head(self) -> CustomerNumber:
        """The number of the head office; a head office's own."""
        return replace(self, branch=0)

    def is_branch_of(self, other: CustomerNumber) -> bool:
        return not self.is_head and other == self.head


def parse(text: str) -> CustomerNumber:
    """A number as people write it: full-width digits, spaces and hyphens between the parts are fine.

    Raises `NumberInvalid`, `why`: digits, length, division, sequence.
    """
    digits = "".join(c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and c != "-")
    if not (digits.isascii() and digits.isdigit()):
        raise NumberInvalid(number=text[:40], why="digits")
    if len(digits) != 14:
        raise NumberInvalid(number=text[:40], why="length")
    return CustomerNumber(division=digits[:6], sequence=int(digits[6:11]), branch=int(digits[11:]))


def spaced(number: CustomerNumber) -> str:
    """For reading aloud: `440300 00001 000`."""
    return f"{number.division} {number.sequence:05} {number.branch:03}"


def next_head(division: str, last: int) -> CustomerNumber:
    """The number after the last sequence given out in a division, 0 for none yet.

    Raises `NumberInvalid`, `why` sequence, when the division's numbers are used up.
    """
    return CustomerNumber(division=division, sequence=last + 1)


def next_branch(head: CustomerNumber, last: int) -> CustomerNumber:
    """The number of a customer's next branch, after the last one given out, 0 for none yet."""
    return replace(head, branch=last + 1)
