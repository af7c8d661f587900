"""Thirty-one ways in which somebody may damage or forge a case file, and what the verifier has to say of each."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from random import Random

from tests.support.case_files import Files, House, chained, packed, recounted, signed, steps_of, with_steps
from workflow.audit.exports.archive import json_of, lines_of
from workflow.audit.exports.casefile import statement
from workflow.core import notes
from workflow.core.notes import Signer

Damage = Callable[[House, Files, Random], bytes]


def flipped(raw: bytes, rng: Random) -> bytes:
    place = rng.randrange(len(raw))
    return raw[:place] + bytes([raw[place] ^ 1 << rng.randrange(8)]) + raw[place + 1 :]


def any_byte_of_the_archive(_: House, files: Files, rng: Random) -> bytes:
    return flipped(packed(files), rng)


def any_byte_of_a_file(_: House, files: Files, rng: Random) -> bytes:
    name = rng.choice(sorted(files))
    return packed({**files, name: flipped(files[name], rng)})


def any_byte_with_a_right_manifest(_: House, files: Files, rng: Random) -> bytes:
    name = rng.choice(sorted(set(files) - {"manifest.json", "manifest.note"}))
    return packed(recounted({**files, name: flipped(files[name], rng)}))


def a_step_removed(_: House, files: Files, rng: Random) -> bytes:
    steps = steps_of(files)
    steps.pop(rng.randrange(len(steps)))
    return packed(recounted(with_steps(files, steps)))


def a_step_doubled(house: House, files: Files, rng: Random) -> bytes:
    steps = steps_of(files)
    place = rng.randrange(len(steps))
    return packed(signed(house, with_steps(files, [*steps[: place + 1], *steps[place:]])))


def steps_swapped(house: House, files: Files, rng: Random) -> bytes:
    steps = steps_of(files)
    place = rng.randrange(len(steps) - 1)
    steps[place], steps[place + 1] = steps[place + 1], steps[place]
    return packed(signed(house, with_steps(files, steps)))


def a_history_written_anew_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    steps = steps_of(files)
    steps[rng.randrange(len(steps))]["recorded"] += 1
    return packed(signed(house, chained(files, steps)))


def a_column_changed_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    steps = steps_of(files)
    column = rng.choice(["actor_id", "effective", "recorded", "trigger", "form", "ops", "behalf_id"])
    one = steps[rng.randrange(len(steps))]
    one[column] = f"{one[column]} " if isinstance(one[column], str) else (one[column] or 0) + 1
    return packed(signed(house, with_steps(files, steps)))


def a_tail_cut_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    """All follows, and what is left is in the log: only case.json's state betrays it, unless that is changed too."""
    steps = steps_of(files)
    return packed(signed(house, with_steps(files, steps[: rng.randrange(1, len(steps))])))


def another_value_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    lines = [json.loads(line) for line in files["vault.jsonl"].splitlines()]
    lines[rng.randrange(len(lines))]["value"] = '"something else"'
    return packed(signed(house, {**files, "vault.jsonl": lines_of(lines)}))


def a_value_made_shorter_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    """Its beginning is said to be salt, so that the commitment still fits."""
    lines = [json.loads(line) for line in files["vault.jsonl"].splitlines()]
    one = rng.choice([line for line in lines if "value" in line])
    cut = rng.randrange(1, len(one["value"]))
    one["salt"] += one["value"][:cut].encode().hex()
    one["value"] = one["value"][cut:]
    return packed(signed(house, {**files, "vault.jsonl": lines_of(lines)}))


def a_value_left_out_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    lines = files["vault.jsonl"].splitlines(keepends=True)
    lines.pop(rng.randrange(len(lines)))
    return packed(signed(house, {**files, "vault.jsonl": b"".join(lines)}))


def another_attachment_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    name = rng.choice([one for one in files if one.startswith("files/")])
    return packed(signed(house, {**files, name: flipped(files[name], rng)}))


def an_attachment_described_otherwise(house: House, files: Files, rng: Random) -> bytes:
    listed = json.loads(files["files.json"])
    listed[0]["name"] = "other.txt"
    return packed(signed(house, {**files, "files.json": json_of(listed)}))


def another_lifecycle(house: House, files: Files, rng: Random) -> bytes:
    name = next(one for one in files if one.startswith("definitions/"))
    return packed(signed(house, {**files, name: flipped(files[name], rng)}))


def a_foreign_checkpoint(house: House, files: Files, rng: Random) -> bytes:
    """Of another log, with a key of the same name: everything fits, but nobody knows the key."""
    text = notes.read(files["checkpoint.note"].decode()).text
    stranger = Signer(notes.checkpoint(text).origin, rng.randbytes(32))
    return packed(signed(house, {**files, "checkpoint.note": str(notes.signed(text, [stranger])).encode()}))


def another_checkpoint_of_the_house(house: House, files: Files, rng: Random) -> bytes:
    said = notes.checkpoint(notes.read(files["checkpoint.note"].decode()).text)
    made = notes.Checkpoint(said.origin, said.size, rng.randbytes(32), said.more)
    return packed(signed(house, {**files, "checkpoint.note": house.sign(made.text).encode()}))


def a_proof_of_another_step(house: House, files: Files, rng: Random) -> bytes:
    proofs = [json.loads(line) for line in files["proofs.jsonl"].splitlines()]
    one, other = rng.sample(range(len(proofs)), 2)
    proofs[one]["path"], proofs[one]["index"] = proofs[other]["path"], proofs[other]["index"]
    return packed(signed(house, {**files, "proofs.jsonl": lines_of(proofs)}))


def the_signature_of_another(_: House, files: Files, rng: Random) -> bytes:
    made = recounted({**files, "report.en.html": files["report.en.html"] + b"<!-- x -->"})
    text = statement(json.loads(made["manifest.json"])["case"], made["manifest.json"])
    name = notes.read(files["manifest.note"].decode()).signatures[0].name
    return packed({**made, "manifest.note": str(notes.signed(text, [Signer(name, rng.randbytes(32))])).encode()})


def a_mangled_signature(_: House, files: Files, rng: Random) -> bytes:
    note = notes.read(files["manifest.note"].decode())
    [one] = note.signatures
    other = notes.Note(note.text, (notes.Signature(one.name, one.key, flipped(one.raw, rng)),))
    return packed({**files, "manifest.note": str(other).encode()})


def no_signature(_: House, files: Files, rng: Random) -> bytes:
    return packed(recounted({name: held for name, held in files.items() if name != "manifest.note"}))


def a_file_removed(_: House, files: Files, rng: Random) -> bytes:
    name = rng.choice(sorted(files))
    return packed({one: held for one, held in files.items() if one != name})


def a_file_added(_: House, files: Files, rng: Random) -> bytes:
    return packed({**files, rng.choice(["extra.txt", "files/9999", "a/b"]): b"x"})


def a_name_that_leads_out(_: House, files: Files, rng: Random) -> bytes:
    name = rng.choice(["../../etc/passwd", "/etc/passwd", "a/../../b", "C:\\x", "..", "x\\..\\y", "files/../../x"])
    return packed({**files, name: b"x"})


def a_compressed_entry(_: House, files: Files, rng: Random) -> bytes:
    """What a bomb is made of: a few bytes that would swell."""
    out = BytesIO(packed(files))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"0" * 5_000_000)
    return out.getvalue()


def a_byte_of_content(_: House, files: Files, rng: Random) -> bytes:
    name = rng.choice(sorted(files))
    raw = packed(files)
    place = raw.index(files[name]) + rng.randrange(len(files[name]))
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def another_date(_: House, files: Files, rng: Random) -> bytes:
    """As any other program would pack it."""
    out = BytesIO()
    with zipfile.ZipFile(out, "x", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, rng.randrange(2, 28), 1, 2, 4)), content)
    return out.getvalue()


def a_comment(_: House, files: Files, rng: Random) -> bytes:
    out = BytesIO(packed(files))
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = b"x"
    return out.getvalue()


def something_before_or_behind(_: House, files: Files, rng: Random) -> bytes:
    return rng.choice([lambda raw: b"MZ" + raw, lambda raw: raw + b"\x00", lambda raw: raw + raw])(packed(files))


def cut_off(_: House, files: Files, rng: Random) -> bytes:
    raw = packed(files)
    return raw[: rng.randrange(1, len(raw))]


def an_entry_twice(_: House, files: Files, rng: Random) -> bytes:
    import warnings

    out = BytesIO(packed(files))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(out, "a") as archive:
            info = zipfile.ZipInfo("case.json", (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 0, 0o600 << 16
            archive.writestr(info, files["case.json"])
    return out.getvalue()


DAMAGES: list[tuple[Damage, str]] = [
    (any_byte_of_the_archive, ""),
    (any_byte_of_a_file, ""),
    (any_byte_with_a_right_manifest, "manifest.note: what was signed is not this manifest"),
    (a_step_removed, "manifest.note: what was signed is not this manifest"),
    (a_step_doubled, "a step was removed, added, doubled or moved"),
    (steps_swapped, "a step was removed, added, doubled or moved"),
    (a_history_written_anew_by_an_insider, "is not in the log that the checkpoint signs"),
    (a_column_changed_by_an_insider, "its columns do not give its hash"),
    (a_tail_cut_by_an_insider, "steps.jsonl: there are"),
    (another_value_by_an_insider, "do not keep the commitment of step"),
    (a_value_made_shorter_by_an_insider, "salt or value are not written as such"),
    (a_value_left_out_by_an_insider, "nothing is said of the commitment"),
    (another_attachment_by_an_insider, "its SHA-256 is not the one in the history"),
    (an_attachment_described_otherwise, "is not what the history says"),
    (another_lifecycle, "its SHA-256 is not the one in case.json"),
    (a_foreign_checkpoint, "checkpoint.note: it is not signed with a key you gave"),
    (another_checkpoint_of_the_house, "is not in the log that the checkpoint signs"),
    (a_proof_of_another_step, "is not in the log that the checkpoint signs"),
    (the_signature_of_another, "manifest.note: it is not signed with a key you gave"),
    (a_mangled_signature, "does not hold"),
    (no_signature, "nobody signed this file"),
    (a_file_removed, ""),
    (a_file_added, "was added: the manifest does not name it"),
    (a_name_that_leads_out, "which no case file has"),
    (a_compressed_entry, "is not written as in a case file"),
    (a_byte_of_content, "is damaged: its checksum in the archive"),
    (another_date, "is not written as in a case file"),
    (a_comment, "The archive's directory"),
    (something_before_or_behind, "archive"),
    (cut_off, "archive"),
    (an_entry_twice, "twice"),
]
