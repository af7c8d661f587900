"""The unified social credit code of a company (GB 32100): 18 characters, the last one checks the others."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from workflow.core.errors import NumberInvalid


@lru_cache(maxsize=1024)
def credit_code(text: str) -> str:
    """The code in capitals without spaces. Full-width characters, lower case and hyphens are fine.

    Raises `NumberInvalid`, `why`: length, checksum, code.
    """
    plain = unicodedata.normalize("NFKC", text)
    try:
        return str(uscc.validate(plain))
    except InvalidLength as error:
        raise NumberInvalid(number=text[:40], why="length") from error
    except InvalidChecksum as error:
        raise NumberInvalid(number=text[:40], why="checksum") from error
    except ValidationError as error:
        raise NumberInvalid(number=text[:40], why="code") from error


def division_in(code: str) -> str:
    """Where the company was registered: digits 3 to 8 of a valid code. Not always where it is now."""
    return code[2:8]
