"""How much room a text takes, without asking the fonts of this machine: pictures come out alike everywhere."""

from __future__ import annotations

from unicodedata import east_asian_width

NARROW = frozenset("iljtfr.,:;'|!()[] ")
NO_LINE_BEGINS_WITH = frozenset("，。、：；！？）》”’,.;:!?)")


def width(text: str) -> float:
    """In em, a little generous."""
    return sum(_letter(letter) for letter in text)


def wrapped(text: str, most: float) -> list[str]:
    """Lines of at most `most` em where words allow; Chinese breaks anywhere but before its punctuation."""
    lines = [""]
    for piece in _pieces(text):
        longer = lines[-1] + piece
        if lines[-1] and width(longer.rstrip()) > most and piece not in NO_LINE_BEGINS_WITH:
            lines.append(piece.lstrip())
        else:
            lines[-1] = longer
    return [line.strip() for line in lines if line.strip()]


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for letter in " ".join(text.split()):
        if pieces and not _is_wide(letter) and letter != " " and not _is_wide(pieces[-1][-1]):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _is_wide(letter: str) -> bool:
    return east_asian_width(letter) in "WF"


def _letter(letter: str) -> float:
    if _is_wide(letter):
        return 1.0
    if letter in NARROW:
        return 0.34
    return 0.72 if letter.isupper() or letter in "mwMW@%—" else 0.56
