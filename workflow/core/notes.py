"""Checkpoints as signed notes: text that people can keep, and programs can verify, without us.

C2SP signed-note: a text that ends with a line break, an empty line, then lines `— NAME BASE64`, where the bytes are
four of the key's id, SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), and 64 of an Ed25519 signature over the text.
C2SP tlog-checkpoint: the text's lines are the origin, the size as a decimal number, the root in base64, and any
further lines. Ours, each a word, a space and its value:

    time 2026-03-01T02:03:04.000005Z        when it was signed
    previous SIZE BASE64                    size and SHA-256 of the text of the log's last checkpoint before
    key VKEY                                the key that signs from now on; both keys sign this one
    follows ORIGIN SIZE ROOT                a new epoch, after a restored backup: the last checkpoint of the one before
    follows none                            the same, where no earlier checkpoint was known

Read strictly: there is one way to write a note, and every other one is refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workflow.core.errors import NoteFault

ED25519 = b"\x01"
DASH = "— "
UNFIT = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")
"""Signs that stand for none, and halves of a surrogate pair, which no UTF-8 can hold."""

LONGEST = 65_536
MOST_SIGNATURES = 16


@dataclass(frozen=True, slots=True)
class Signature:
    """`raw`: the 64 bytes of Ed25519; `key`: the four bytes of its id."""

    name: str
    key: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """`text` is what is signed, its last line break included."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        lines = [f"{DASH}{one.name} {_b64(one.key + one.raw)}\n" for one in self.signatures]
        return f"{self.text}\n{''.join(lines)}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself. `more`: lines after the root."""

    origin: str
    size: int
    root: bytes
    more: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), _b64(self.root), *self.more))

    @property
    def named(self) -> str:
        """By which another one names it."""
        return f"{self.origin} {self.size} {_b64(self.root)}"

    def value(self, word: str) -> str | None:
        """What the further line that begins with the word says; None when there is none."""
        return next(iter(self.values(word)), None)

    def values(self, word: str) -> list[str]:
        """What each further line that begins with the word says."""
        return [line[len(word) + 1 :] for line in self.more if line.startswith(f"{word} ")]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key by the name it signs under."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """As C2SP writes a key: `NAME+ID+BASE64`."""
        return f"{self.name}+{self.id.hex()}+{_b64(ED25519 + self.public)}"

    @staticmethod
    def read(text: str) -> Verifier:
        """Raises `NoteFault`."""
        name, _, rest = text.partition("+")
        known, _, coded = rest.partition("+")
        raw = _raw(coded)
        if not _is_name(name) or len(raw) != 33 or raw[:1] != ED25519:
            raise NoteFault(why="key")
        made = Verifier(name, raw[1:])
        if made.id.hex() != known:
            raise NoteFault(why="key")
        return made

    def accepts(self, text: str, raw: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(raw, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key, 32 bytes, by the name it signs under."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> Verifier:
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return Verifier(self.name, private.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        raw = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return Signature(self.name, self.verifier.id, raw)


def signed(text: str, signers: Iterable[Signer]) -> Note:
    """The note with a line for each signer. Raises `NoteFault` for a text that cannot be one's."""
    note = Note(text, tuple(one.sign(text) for one in signers))
    if read(str(note)) != note:
        raise NoteFault(why="form")
    return note


def read(note: str) -> Note:
    """The parts of a note, nothing verified. Raises `NoteFault` for any other form than the one it is written in."""
    if len(note) > LONGEST or UNFIT.search(note):
        raise NoteFault(why="form")
    cut = note.rfind("\n\n")
    if cut < 1 or not note.endswith("\n"):
        raise NoteFault(why="form")
    lines = note[cut + 2 : -1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteFault(why="form")
    found = tuple(_signature(line) for line in lines)
    if len({(one.name, one.key) for one in found}) != len(found):
        raise NoteFault(why="doubled")
    return Note(note[: cut + 1], found)


def checkpoint(text: str) -> Checkpoint:
    """What the text of a note says as a checkpoint. Raises `NoteFault`."""
    if not text.endswith("\n"):
        raise NoteFault(why="form")
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise NoteFault(why="form")
    origin, size, root, *more = lines
    if not (size.isascii() and size.isdigit() and len(size) < 19 and str(int(size)) == size):
        raise NoteFault(why="size")
    raw = _raw(root)
    if len(raw) != 32:
        raise NoteFault(why="base64")
    return Checkpoint(origin, int(size), raw, tuple(more))


def verify(note: Note, keys: Iterable[Verifier], *, others: bool = False) -> tuple[Verifier, ...]:
    """The keys that signed. Raises `NoteFault` when none did, or when a line of a key we know does not hold.

    `others`: let lines of keys we do not know stand beside ours (C2SP); otherwise they are refused too.
    """
    known = {(one.name, one.id): one for one in keys}
    found: list[Verifier] = []
    for line in note.signatures:
        key = known.get((line.name, line.key))
        if key is None:
            if not others:
                raise NoteFault(why="unknown")
        elif key.accepts(note.text, line.raw):
            found.append(key)
        else:
            raise NoteFault(why="signature")
    if not found:
        raise NoteFault(why="unknown")
    return tuple(found)


def digest(text: str) -> str:
    """SHA-256 of a note's text in base64, as `previous` names it."""
    return _b64(sha256(text.encode()).digest())


def hashes(lines: Sequence[str]) -> list[bytes]:
    """The hashes of a proof from their base64. Raises `NoteFault`."""
    found = [_raw(line) for line in lines]
    if any(len(one) != 32 for one in found):
        raise NoteFault(why="base64")
    return found


def written(values: Iterable[bytes]) -> list[str]:
    """The hashes of a proof in base64."""
    return [_b64(one) for one in values]


def _signature(line: str) -> Signature:
    if not line.startswith(DASH):
        raise NoteFault(why="form")
    name, space, coded = line[len(DASH) :].partition(" ")
    if not space or not _is_name(name):
        raise NoteFault(why="name")
    raw = _raw(coded)
    if len(raw) != 4 + 64:
        raise NoteFault(why="base64")
    return Signature(name, raw[:4], raw[4:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _raw(coded: str) -> bytes:
    """The bytes of the one right way to write them. Raises `NoteFault`."""
    try:
        raw = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        raise NoteFault(why="base64") from None
    if _b64(raw) != coded:
        raise NoteFault(why="base64")
    return raw
