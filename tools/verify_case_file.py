#!/usr/bin/env python3
"""Is a case file of Baton whole, and what its house signed?

    python verify_case_file.py FILE.zip --key 'NAME+ID+BASE64'

Stands alone: Python 3.11 or later and the package `cryptography`; nothing of Baton is needed, and nothing in the file
is run or unpacked. Have this program and the public key from somewhere else than the file: who forges one would bring
the others along. Several keys may be given (--key twice) when the house has changed its key.

What is checked: that the archive is written in the one way such archives are; that every file is the one the signed
manifest names; that the steps are numbered and chained, each hash made again over every stored column; that every
commitment to a personal value is kept by its value and salt, or said to be erased or withheld; that attachments are the
ones the history names; that the checkpoint is signed, and every sealed step is in its tree (RFC 9162).

What cannot be known from one file: that a step after the last sealed one is not another one today, and whether the
house showed others another log; compare the checkpoint with one that somebody kept outside (--checkpoint FILE). Of
another size it is proven to be of the same log where the file carries the proof, or you have it from the house as JSON
(--consistency FILE); otherwise the file is not proven. A checkpoint says nothing of steps that came after it: how many
it covers is told.

Exit codes: 0 accepted; 1 rejected; 2 the command was not understood; 3 without contradiction, but not proven.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "baton case file 1"
COLUMNS = (
    "case_id", "seq", "kind", "trigger", "actor_id", "behalf_id", "effective", "recorded", "from_state", "to_state",
    "version", "task", "form", "ops",
)  # fmt: skip
NUMBERS = {"case_id", "seq", "actor_id", "behalf_id", "effective", "recorded", "version", "task"}
EMPTY_ALLOWED = {"actor_id", "behalf_id", "task"}
FACTS = {
    "format", "id", "number", "definition", "version", "state", "opened", "closed", "customer", "unit", "steps", "head",
    "sealed", "log", "definitions", "parent", "linked",
}  # fmt: skip
ALWAYS = {
    "case.json", "steps.jsonl", "vault.jsonl", "files.json", "report.zh.html", "report.zh.pdf", "report.en.html",
    "report.en.pdf",
}  # fmt: skip
MOST_FILES = 10_000
DEEPEST = 100
SALT = 16
"""Bytes of a salt: of another length, what belongs to the value might be said to be salt."""
HEX = set("0123456789abcdef")
LONGEST_LINE = 64 * 2**20

Head = tuple[str, int, bytes]
"""What a checkpoint says: origin, size, root."""

Paths = dict[tuple[int, int], list[bytes]]
"""Sizes of two trees → the path that proves the first to be the beginning of the second."""


class Rejected(Exception):
    """The file is not what it should be; `str()` says where and how."""


@dataclass
class Verdict:
    """What holds, and what could not be known."""

    number: str
    steps: int
    sealed: int
    notes: list[str] = field(default_factory=list)
    proven: bool = True

    def unknown(self, sentence: str) -> None:
        self.proven = False
        self.notes.append(sentence)


# --- The archive ---------------------------------------------------------------------------------------------------

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
DATE = 1 << 5 | 1
ATTRIBUTES = 0o600 << 16


def archive(raw: bytes) -> dict[str, memoryview]:
    """Name → content. Every byte of the archive is accounted for; whatever could be otherwise is refused."""
    view = memoryview(raw)
    found: dict[str, memoryview] = {}
    directory = b""
    place = 0
    while raw[place : place + 4] == b"PK\x03\x04":
        if len(view) < place + LOCAL.size:
            raise Rejected("The archive ends in the middle of an entry.")
        head = LOCAL.unpack_from(view, place)
        *_, crc, packed, size, name_length, _ = head
        name_at = place + LOCAL.size
        content_at = name_at + name_length
        end = content_at + size
        raw_name = raw[name_at:content_at]
        name = fit_name(raw_name)
        if head != (b"PK\x03\x04", 20, 0, 0, 0, DATE, crc, size, size, name_length, 0) or packed != size:
            raise Rejected(f"The archive's entry {name} is not written as in a case file.")
        if end > len(view):
            raise Rejected("The archive ends in the middle of an entry.")
        if name in found:
            raise Rejected(f"The archive holds {name} twice.")
        content = view[content_at:end]
        if crc32(content) != crc:
            raise Rejected(f"{name} is damaged: its checksum in the archive is another one.")
        found[name] = content
        if len(found) > MOST_FILES:
            raise Rejected(f"The archive holds more than {MOST_FILES} files.")
        directory += CENTRAL.pack(
            b"PK\x01\x02", 20, 20, 0, 0, 0, DATE, crc, size, size, name_length, 0, 0, 0, 0, ATTRIBUTES, place
        ) + raw_name  # fmt: skip
        place = end
    if not found:
        raise Rejected("This is no archive of a case file.")
    closing = END.pack(b"PK\x05\x06", 0, 0, len(found), len(found), len(directory), place, 0)
    if raw[place:] != directory + closing:
        raise Rejected("The archive's directory is not that of its entries, or something follows it.")
    return found


def fit_name(raw: bytes) -> str:
    """A name as a case file has them: no path leads out of it. Nothing is unpacked anyway."""
    name = raw.decode("ascii", "replace")
    parts = name.split("/")
    plain = all(part and set(part) <= LETTERS and part.strip(".") for part in parts)
    if not plain or len(parts) > 2 or len(name) > 200:
        raise Rejected(f"The archive holds an entry with the name {name!r}, which no case file has.")
    return name


LETTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


# --- Reading -------------------------------------------------------------------------------------------------------


def parsed(raw: bytes, where: str) -> object:
    """JSON, strictly: UTF-8, no name twice, no number that is none."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) != len(pairs):
            raise Rejected(f"{where}: a name stands there twice.")
        return made

    def refuse(word: str) -> object:
        raise Rejected(f"{where}: {word} is no number.")

    if len(raw) > LONGEST_LINE:
        raise Rejected(f"{where}: too long.")
    try:
        return json.loads(bytes(raw).decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, ValueError) as fault:
        raise Rejected(f"{where}: this is not JSON ({fault}).") from None


def lines(files: dict[str, memoryview], name: str) -> Iterator[tuple[int, dict[str, object]]]:
    raw = bytes(files[name])
    if raw and not raw.endswith(b"\n"):
        raise Rejected(f"{name}: the last line is cut off.")
    for number, line in enumerate(raw.split(b"\n")[:-1], start=1):
        value = parsed(line, f"{name}, line {number}")
        if not isinstance(value, dict):
            raise Rejected(f"{name}, line {number}: this is no object.")
        yield number, value


def whole(value: object) -> bool:
    return type(value) is int and -(2**63) <= value < 2**63


def digest_of(value: object, where: str) -> bytes:
    if not isinstance(value, str) or len(value) != 64 or set(value) - HEX:
        raise Rejected(f"{where}: this is no SHA-256.")
    return bytes.fromhex(value)


def from_base64(text: str, where: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Rejected(f"{where}: this is not base64.") from None
    if base64.b64encode(raw).decode() != text:
        raise Rejected(f"{where}: this is not base64 as it is written.")
    return raw


# --- Signed notes (C2SP) -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4]

    @staticmethod
    def read(text: str) -> Key:
        """From `NAME+ID+BASE64`, as C2SP writes it. Raises ValueError."""
        name, _, rest = text.strip().partition("+")
        known, _, coded = rest.partition("+")
        raw = base64.b64decode(coded, validate=True)
        key = Key(name, raw[1:])
        if len(raw) != 33 or raw[:1] != b"\x01" or key.id.hex() != known:
            raise ValueError("this is no public key of the form NAME+ID+BASE64")
        return key


def opened(note: str, where: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The text of a note, and for each signature the name, the id of its key, and the 64 bytes."""
    cut = note.rfind("\n\n")
    if cut < 1 or not note.endswith("\n") or any(ord(c) < 32 and c != "\n" for c in note):
        raise Rejected(f"{where}: this is no signed note.")
    found = []
    for line in note[cut + 2 : -1].split("\n"):
        name, _, coded = line.removeprefix("— ").partition(" ")
        raw = from_base64(coded, where)
        if not line.startswith("— ") or not name or len(raw) != 68:
            raise Rejected(f"{where}: a signature is not written as one.")
        found.append((name, raw[:4], raw[4:]))
    if len({(name, number) for name, number, _ in found}) != len(found):
        raise Rejected(f"{where}: one key signs twice.")
    return note[: cut + 1], found


def signed(raw: bytes, keys: list[Key], where: str) -> str:
    """The text, when one of the keys signed it; others may have signed as well. Without keys nothing is verified."""
    try:
        note = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Rejected(f"{where}: this is no signed note.") from None
    text, signatures = opened(note, where)
    if not keys:
        return text
    by = {(key.name, key.id): key for key in keys}
    good = 0
    for name, number, signature in signatures:
        key = by.get((name, number))
        if key is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
        except InvalidSignature:
            raise Rejected(f"{where}: the signature of {name} does not hold.") from None
        good += 1
    if not good:
        raise Rejected(f"{where}: it is not signed with a key you gave.")
    return text


def checkpoint(text: str, where: str) -> tuple[str, int, bytes]:
    """Origin, size, root."""
    parts = text[:-1].split("\n")
    if len(parts) < 3 or not all(parts) or not parts[1].isascii() or not parts[1].isdigit() or len(parts[1]) > 18:
        raise Rejected(f"{where}: this is no checkpoint.")
    root = from_base64(parts[2], where)
    if len(root) != 32 or str(int(parts[1])) != parts[1]:
        raise Rejected(f"{where}: this is no checkpoint.")
    return parts[0], int(parts[1]), root


def included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """RFC 9162 §2.1.3.2."""
    if not 0 <= index < size:
        return False
    place, last, made = index, size - 1, leaf
    for one in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            made = sha256(b"\x01" + one + made).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            made = sha256(b"\x01" + made + one).digest()
        place, last = place >> 1, last >> 1
    return last == 0 and made == root


def extends(first: int, second: int, before: bytes, after: bytes, path: list[bytes]) -> bool:
    """RFC 9162 §2.1.4.2: whether the tree of `first` leaves is the beginning of the one of `second`."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and before == after
    rest = list(path) if first & (first - 1) else [before, *path]
    if not rest:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = rest[0]
    for one in rest[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = sha256(b"\x01" + one + old).digest(), sha256(b"\x01" + one + new).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = sha256(b"\x01" + new + one).digest()
        place, last = place >> 1, last >> 1
    return last == 0 and old == before and new == after


# --- The case ------------------------------------------------------------------------------------------------------


def verify(
    raw: bytes, keys: list[Key], outside: list[bytes] | None = None, given: list[bytes] | None = None
) -> Verdict:
    """`outside`: checkpoints somebody kept; `given`: proofs between checkpoints, as JSON. Raises `Rejected`."""
    files = archive(raw)
    number, signed_manifest = check_manifest(files, keys)
    facts = case_facts(files, number)
    steps = check_steps(files, facts)
    check_vault(files, steps)
    check_attachments(files, steps)
    check_definitions(files, facts, steps)
    verdict = Verdict(number, len(steps), int(facts["sealed"]))  # type: ignore[call-overload]
    if not keys:
        verdict.unknown("No public key was given: nobody's signature was verified.")
    if not signed_manifest:
        verdict.unknown("The manifest is not signed: the house had no key.")
    here, places = check_log(files, facts, steps, keys, verdict)
    proofs = {**carried(files, here), **handed(given or [])} if here else {}
    for number, one in enumerate(outside or [], start=1):
        compare(one, keys, here, f"Checkpoint {number} from outside", verdict, proofs, places)
    return verdict


def check_manifest(files: dict[str, memoryview], keys: list[Key]) -> tuple[str, bool]:
    if "manifest.json" not in files:
        raise Rejected("There is no manifest.json.")
    manifest = parsed(bytes(files["manifest.json"]), "manifest.json")
    if not isinstance(manifest, dict) or set(manifest) != {"format", "case", "files"}:
        raise Rejected("manifest.json: this is not the manifest of a case file.")
    number, listed = manifest["case"], manifest["files"]
    if manifest["format"] != FORMAT or not isinstance(number, str) or not isinstance(listed, dict):
        raise Rejected(f"manifest.json: its format is not “{FORMAT}”.")
    here = set(files) - {"manifest.json", "manifest.note"}
    for name in sorted(set(listed) - here):
        raise Rejected(f"{name} is missing: the manifest names it.")
    for name in sorted(here - set(listed)):
        raise Rejected(f"{name} was added: the manifest does not name it.")
    for name in sorted(here):
        about = listed[name]
        if not isinstance(about, dict) or set(about) != {"bytes", "sha256"}:
            raise Rejected(f"manifest.json: what it says of {name} is incomplete.")
        expected = digest_of(about["sha256"], "manifest.json")
        if sha256(files[name]).digest() != expected or about["bytes"] != len(files[name]):
            raise Rejected(f"{name} is not the file the manifest names: its SHA-256 is another one.")
    for name in sorted(ALWAYS - here):
        raise Rejected(f"{name} is missing: every case file has it.")
    if "manifest.note" not in files:
        if keys:
            raise Rejected("manifest.note is missing: nobody signed this file.")
        return number, False
    text = signed(bytes(files["manifest.note"]), keys, "manifest.note")
    if text != f"{FORMAT}\ncase {number}\nmanifest {sha256(files['manifest.json']).hexdigest()}\n":
        raise Rejected("manifest.note: what was signed is not this manifest.")
    return number, True


def case_facts(files: dict[str, memoryview], number: str) -> dict[str, object]:
    facts = parsed(bytes(files["case.json"]), "case.json")
    if not isinstance(facts, dict) or set(facts) != FACTS or facts["format"] != FORMAT:
        raise Rejected("case.json: these are not the facts of a case.")
    if facts["number"] != number:
        raise Rejected(f"case.json is about {facts['number']}, the manifest about {number}.")
    if not all(whole(facts[name]) for name in ("id", "version", "steps", "sealed")):
        raise Rejected("case.json: a number in it is none.")
    return facts


def check_steps(files: dict[str, memoryview], facts: dict[str, object]) -> list[dict[str, object]]:
    steps = []
    previous = bytes(32)
    for number, step in lines(files, "steps.jsonl"):
        where = f"Step {number} (steps.jsonl)"
        if set(step) != {*COLUMNS, "previous", "hash"}:
            raise Rejected(f"{where}: a column is missing, or one too many.")
        if step["case_id"] != facts["id"]:
            raise Rejected(f"{where} is of another case.")
        if step["seq"] != number:
            raise Rejected(f"{where}: it is numbered {step['seq']}; a step was removed, added, doubled or moved.")
        if digest_of(step["previous"], where) != previous:
            raise Rejected(f"{where}: it does not follow the step before it.")
        if linked(previous, step, where) != digest_of(step["hash"], where):
            raise Rejected(f"{where}: it was changed: its columns do not give its hash.")
        previous = digest_of(step["hash"], where)
        steps.append(step)
    if len(steps) != facts["steps"] or not steps:
        raise Rejected(f"steps.jsonl: there are {len(steps)} steps, case.json says {facts['steps']}.")
    if previous != digest_of(facts["head"], "case.json"):
        raise Rejected("case.json: the hash of the last step is another one.")
    last = steps[-1]
    if (last["to_state"], last["version"]) != (facts["state"], facts["version"]):
        raise Rejected("case.json: state or version are not those after the last step.")
    opening = next((body for op, body in operations(steps[0], 1) if op == "case"), None)
    if not isinstance(opening, dict) or (opening.get("number"), opening.get("definition")) != (
        facts["number"], facts["definition"],
    ):  # fmt: skip
        raise Rejected("case.json: number or lifecycle are not those of the first step.")
    return steps


def linked(previous: bytes, step: dict[str, object], where: str) -> bytes:
    """The hash of a step: over the one before it and every column, each with its kind and length."""
    made = sha256(b"baton step 1\x00" + previous)
    for name in COLUMNS:
        value = step[name]
        if value is None and name in EMPTY_ALLOWED:
            made.update(b"\x00")
            continue
        if name in NUMBERS and whole(value):
            kind, raw = b"\x01", str(value).encode()
        elif name not in NUMBERS and isinstance(value, str):
            kind, raw = b"\x02", value.encode("utf-8", "surrogatepass")
        else:
            raise Rejected(f"{where}: {name} is not of its kind.")
        made.update(kind + len(raw).to_bytes(8, "big") + raw)
    return made.digest()


def operations(step: dict[str, object], number: int) -> list[tuple[str, object]]:
    found = parsed(str(step["ops"]).encode("utf-8", "surrogatepass"), f"Step {number}, its effects")
    if not isinstance(found, list) or not all(isinstance(one, list) and len(one) == 2 for one in found):
        raise Rejected(f"Step {number}: its effects are not written as such.")
    return [(str(op), body) for op, body in found]


def commitments(value: object, depth: int = 0) -> Iterator[str]:
    """Every commitment anywhere in a value."""
    if depth > DEEPEST:
        raise Rejected("steps.jsonl: a value is nested too deeply.")
    if isinstance(value, dict):
        if set(value) == {"~"}:
            yield str(value["~"])
            return
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from commitments(one, depth + 1)


def check_vault(files: dict[str, memoryview], steps: list[dict[str, object]]) -> None:
    made: dict[str, int] = {}
    for number, step in enumerate(steps, start=1):
        form = parsed(str(step["form"]).encode("utf-8", "surrogatepass"), f"Step {number}, its form")
        for one in (*commitments(form), *commitments([body for _, body in operations(step, number)])):
            made.setdefault(one, number)
    kept = set()
    for number, line in lines(files, "vault.jsonl"):
        where = f"vault.jsonl, line {number}"
        name = digest_of(line.get("commitment"), where).hex()
        if name in kept:
            raise Rejected(f"{where}: this commitment stands there twice.")
        if name not in made:
            raise Rejected(f"{where}: no step holds this commitment.")
        kept.add(name)
        if set(line) == {"commitment", "salt", "value"}:
            salt, value = line["salt"], line["value"]
            if not isinstance(salt, str) or not isinstance(value, str) or set(salt) - HEX or len(salt) != 2 * SALT:
                raise Rejected(f"{where}: salt or value are not written as such.")
            raw = b"baton personal 1\x00" + bytes.fromhex(salt) + value.encode("utf-8", "surrogatepass")
            if sha256(raw).hexdigest() != name:
                raise Rejected(f"{where}: value and salt do not keep the commitment of step {made[name]}.")
        elif line != {"commitment": name, "withheld": True} and not (
            set(line) == {"commitment", "erased"} and whole(line["erased"])
        ):
            raise Rejected(f"{where}: this is neither a value, nor erased, nor withheld.")
    for name in sorted(set(made) - kept, key=lambda one: made[one]):
        raise Rejected(f"vault.jsonl: nothing is said of the commitment {name} of step {made[name]}.")


def check_attachments(files: dict[str, memoryview], steps: list[dict[str, object]]) -> None:
    said = {}
    for number, step in enumerate(steps, start=1):
        for op, body in operations(step, number):
            if op == "file":
                if not isinstance(body, dict) or not whole(body.get("id")):
                    raise Rejected(f"Step {number}: it attaches a file that is not described.")
                said[body["id"]] = body
    listed = parsed(bytes(files["files.json"]), "files.json")
    if not isinstance(listed, list) or not all(isinstance(one, dict) and whole(one.get("id")) for one in listed):
        raise Rejected("files.json: this is no list of attachments.")
    if sorted(one["id"] for one in listed) != sorted(said):
        raise Rejected("files.json: these are not the attachments of the history.")
    here = {name for name in files if name.startswith("files/")}
    for one in listed:
        name = f"files/{one['id']}"
        if set(one) != {"id", "name", "type", "size", "sha256", "here"}:
            raise Rejected(f"files.json: what it says of {name} is incomplete.")
        if any(one[part] != said[one["id"]].get(part) for part in ("name", "type", "size", "sha256")):
            raise Rejected(f"files.json: what it says of {name} is not what the history says.")
        if (name in here) is not one["here"]:
            raise Rejected(f"{name} is {'missing' if one['here'] else 'there, though files.json says it is not'}.")
        if name in here and sha256(files[name]).hexdigest() != one["sha256"]:
            raise Rejected(f"{name}: its SHA-256 is not the one in the history.")
    for name in sorted(here - {f"files/{one['id']}" for one in listed}):
        raise Rejected(f"{name}: the history knows no such attachment.")


def check_definitions(files: dict[str, memoryview], facts: dict[str, object], steps: list[dict[str, object]]) -> None:
    known = facts["definitions"]
    if not isinstance(known, dict):
        raise Rejected("case.json: what it says of the versions of the lifecycle is no list of them.")
    for version in sorted({str(step["version"]) for step in steps} - set(known)):
        raise Rejected(f"case.json: version {version} of the lifecycle is missing.")
    for version, expected in known.items():
        name = f"definitions/{facts['definition']}-{version}.yaml"
        if name not in files:
            raise Rejected(f"{name} is missing.")
        if sha256(files[name]).digest() != digest_of(expected, "case.json"):
            raise Rejected(f"{name}: its SHA-256 is not the one in case.json.")


def check_log(
    files: dict[str, memoryview],
    facts: dict[str, object],
    steps: list[dict[str, object]],
    keys: list[Key],
    verdict: Verdict,
) -> tuple[Head | None, list[int]]:
    """What the file's own checkpoint says, None when no step is sealed; and where in the log each sealed step is."""
    sealed = verdict.sealed
    if not 0 <= sealed <= len(steps):
        raise Rejected("case.json: more steps are sealed than there are.")
    if ("checkpoint.note" in files, "proofs.jsonl" in files) != (sealed > 0, sealed > 0):
        raise Rejected("checkpoint.note and proofs.jsonl are there when steps are sealed, and only then.")
    if sealed < len(steps):
        verdict.unknown(
            f"Steps {sealed + 1} to {len(steps)} are not sealed: no checkpoint covers them."
            if sealed
            else "No step is sealed: no checkpoint covers them."
        )
    if not sealed:
        return None, []
    text = signed(bytes(files["checkpoint.note"]), keys, "checkpoint.note")
    origin, size, root = checkpoint(text, "checkpoint.note")
    if facts["log"] != {"origin": origin, "size": size}:
        raise Rejected("case.json: origin or size of the log are not those of the checkpoint.")
    proofs = [proof for _, proof in lines(files, "proofs.jsonl")]
    if len(proofs) != sealed:
        raise Rejected(f"proofs.jsonl: there are {len(proofs)} proofs for {sealed} sealed steps.")
    for number, (proof, step) in enumerate(zip(proofs, steps, strict=False), start=1):
        where = f"Step {number} (proofs.jsonl)"
        path = proof.get("path")
        if set(proof) != {"seq", "index", "path"} or proof["seq"] != number or not whole(proof["index"]):
            raise Rejected(f"{where}: this is not its proof.")
        if not isinstance(path, list) or len(path) > 64 or not all(isinstance(one, str) for one in path):
            raise Rejected(f"{where}: its path is not written as such.")
        leaf = leaf_of(step)
        if not included(leaf, int(str(proof["index"])), size, [from_base64(one, where) for one in path], root):
            raise Rejected(f"{where}: it is not in the log that the checkpoint signs.")
    return (origin, size, root), [int(str(proof["index"])) for proof in proofs]


def leaf_of(step: dict[str, object]) -> bytes:
    place = b"".join(int(str(step[name])).to_bytes(8, "big", signed=True) for name in ("case_id", "seq"))
    return sha256(b"\x00baton leaf 1" + place + bytes.fromhex(str(step["hash"]))).digest()


def carried(files: dict[str, memoryview], here: Head) -> Paths:
    """The proofs in the archive that earlier checkpoints begin the log of its own."""
    found: Paths = {}
    if "consistency.jsonl" in files:
        for number, line in lines(files, "consistency.jsonl"):
            where = f"consistency.jsonl, line {number}"
            if set(line) != {"size", "path"} or not whole(line["size"]):
                raise Rejected(f"{where}: this is no proof between checkpoints.")
            found[int(str(line["size"])), here[1]] = path_of(line["path"], where)
    return found


def handed(given: list[bytes]) -> Paths:
    """Proofs as the house gives them out: `{"first": {"size"}, "second": {"size"}, "proof": […]}`."""
    found: Paths = {}
    for number, raw in enumerate(given, start=1):
        where = f"Proof {number} from outside"
        told = parsed(raw, where)
        ends = [told.get(name) for name in ("first", "second")] if isinstance(told, dict) else []
        sizes = [one.get("size") for one in ends if isinstance(one, dict)]
        if not isinstance(told, dict) or len(sizes) != 2 or not all(whole(one) for one in sizes):
            raise Rejected(f"{where}: this is no proof between checkpoints.")
        found[sizes[0], sizes[1]] = path_of(told.get("proof"), where)
    return found


def path_of(path: object, where: str) -> list[bytes]:
    if not isinstance(path, list) or len(path) > 130 or not all(isinstance(one, str) for one in path):
        raise Rejected(f"{where}: its path is not written as such.")
    return [from_base64(one, where) for one in path]


def compare(
    raw: bytes,
    keys: list[Key],
    here: Head | None,
    where: str,
    verdict: Verdict,
    proofs: Paths,
    places: list[int],
) -> None:
    """A checkpoint somebody kept: it must be the same, or the one's log the beginning of the other's.

    Where that cannot be shown, the file is not proven: whoever asked about this checkpoint has no answer.
    """
    # On its way through mail and editors a text gets other line breaks; what is signed has none of them.
    fit = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"
    origin, size, root = checkpoint(signed(fit, keys, where), where)
    if here is None:
        verdict.unknown(f"{where}: there is nothing to compare it with, since no step is sealed.")
        return
    if origin != here[0]:
        raise Rejected(f"{where}: it is of another log, {origin}.")
    if size == here[1] and root != here[2]:
        raise Rejected(f"{where}: of the same size, it has another root: the house showed two logs.")
    if size == here[1]:
        return
    earlier, later = sorted([(size, root), here[1:]])
    path = [] if earlier == EMPTY else proofs.get((earlier[0], later[0]))
    sizes = f"{size:,} entries, this file's {here[1]:,}"
    if path is None:
        verdict.unknown(
            f"{where} has {sizes}, and no proof was given that one begins the other: ask the house for it as JSON."
        )
    elif earlier != EMPTY and not extends(earlier[0], later[0], earlier[1], later[1], path):
        raise Rejected(f"{where} has {sizes}: the log of the one is not the beginning of the other's.")
    else:
        covered = sum(place < size for place in places)
        by = f"it covers {covered} of the {verdict.steps} steps"
        verdict.notes.append(f"{where} has {sizes}: proven to be of the same log; {by}.")


EMPTY = 0, sha256(b"").digest()
"""The log before its first step, which every other one goes on from."""


# --- The command ---------------------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("file", type=Path, help="the case file (.zip)")
    parser.add_argument("--key", action="append", default=[], metavar="NAME+ID+BASE64", help="the house's public key")
    parser.add_argument("--checkpoint", action="append", default=[], type=Path, help="a checkpoint kept outside")
    parser.add_argument("--consistency", action="append", default=[], type=Path, help="a proof between two, as JSON")
    given = parser.parse_args(arguments)
    try:
        keys = [Key.read(text) for text in given.key]
        outside = [path.read_bytes() for path in given.checkpoint]
        proofs = [path.read_bytes() for path in given.consistency]
        raw = given.file.read_bytes()
    except (ValueError, OSError) as fault:
        print(f"not understood: {fault}", file=sys.stderr)
        return 2
    try:
        verdict = verify(raw, keys, outside, proofs)
    except Rejected as fault:
        print(f"REJECTED {given.file.name}: {fault}")
        return 1
    held = f"{verdict.number}: {verdict.steps} steps, {verdict.sealed} of them sealed"
    print(f"{'ACCEPTED' if verdict.proven else 'NOT PROVEN'} {held}.")
    for sentence in verdict.notes:
        print(f"  {sentence}")
    return 0 if verdict.proven else 3


if __name__ == "__main__":
    sys.exit(main())
