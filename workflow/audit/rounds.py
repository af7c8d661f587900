"""Every history judged: each night what does not stand and a share of the rest; whenever somebody asks, all anew."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from workflow.audit.archive import StoredArchive
from workflow.audit.grounds import Grounds
from workflow.audit.judge import Judge
from workflow.audit.known import Known
from workflow.audit.log import keyfile
from workflow.audit.salts import Secrets
from workflow.audit.verdict import Verdict
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import CaseNotFound, SealKeyUnfit
from workflow.definitions.library import Library
from workflow.service.organisation import BOOK
from workflow.storage import verdicts
from workflow.storage.database import Database
from workflow.storage.queries import past
from workflow.storage.queries.past import Head
from workflow.storage.verdicts import Kept, Totals

NIGHT = time(2, 0)
"""When the day's histories are judged, in the zone of the house."""

WEEK = timedelta(days=7)
SHARES = 7
"""Nights in which all verdicts are found anew, a share each, whether or not they stand."""

PORTION = 200
"""Histories read, judged and written at a time, or a few more."""

MOST_AT_ONCE = 400

Told = Callable[[str, int], None]
Each = Callable[[Verdict], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Steps of the histories of a run: of those whose verdict was found anew, and of those whose verdict stood."""

    anew: int = 0
    stood: int = 0


@dataclass(frozen=True, slots=True)
class Night:
    """What holds after a run, and how it was found."""

    totals: Totals
    looked: Looked


def nightly(database: Database, library: Library, *, now: Callable[[], datetime], zone: ZoneInfo,
            key: Path | None = None, stopping: threading.Event | None = None) -> Night | None:  # fmt: skip
    """Judge what is to be judged, once a night however many schedulers ask; None when it was done or is not time.

    `key`: the file of the key that lies outside the database. With it every history is looked at each night, and a
    verdict that stands is not found again until its turn comes; without it those with new steps are judged.
    """
    at = now()
    since = last_night(at, zone)
    secret = _secret(key)
    whole = at - WEEK + timedelta(hours=1) if secret is None else at + WEEK
    with database.writing() as connection:
        begun = verdicts.begin(connection, at=at, since=since, whole=whole)
    if begun is None:
        return None
    run, scope = begun
    looked = Rounds(database, library, secret=secret).judge(scope=scope, at=at, anew=False, stopping=stopping)
    if stopping is not None and stopping.is_set():
        return None
    with database.writing() as connection:
        return Night(verdicts.end(connection, run, at=now(), looked=looked.anew + looked.stood), looked)


def at_once(
    database: Database, library: Library, *, now: Callable[[], datetime], key: Path | None = None,
    each: Each | None = None, told: Told | None = None,
) -> Totals:  # fmt: skip
    """Judge every history now, all of them anew. `each` is called with each verdict."""
    at = now()
    with database.writing() as connection:
        begun = verdicts.begin(connection, at=at, since=None, whole=at + WEEK)
    assert begun is not None  # noqa: S101 - without `since` a run always begins
    with without_pauses():
        looked = Rounds(database, library, secret=_secret(key)).judge(scope="all", at=at, each=each, told=told)
    with database.writing() as connection:
        return verdicts.end(connection, begun[0], at=now(), looked=looked.anew)


def last_night(at: datetime, zone: ZoneInfo) -> datetime:
    """The moment after which the last night's run may begin."""
    local = at.astimezone(zone)
    tonight = datetime.combine(local.date(), NIGHT, tzinfo=zone)
    return (tonight if tonight <= local else tonight - timedelta(days=1)).astimezone(UTC)


class Rounds:
    """One run over histories. Readings are short, and so are writings: nobody waits for an auditor."""

    def __init__(self, database: Database, library: Library, *, secret: bytes | None = None) -> None:
        """`secret`: with which verdicts are marked so that they may stand; None: none stands."""
        self.database = database
        self.archive = StoredArchive(database, library)
        self.judge_ = Judge(Known(self.archive, book=BOOK), library.get)
        self.grounds = None if secret is None else Grounds(self.archive, secret=secret)

    def judge(
        self, *, scope: str, at: datetime, anew: bool = True, each: Each | None = None, told: Told | None = None,
        stopping: threading.Event | None = None,
    ) -> Looked:  # fmt: skip
        """Judge and keep. `anew` False: but for those whose turn it is, verdicts that stand are left as they are."""
        looked, done = Looked(), 0
        with self.database.reading() as connection:
            heads = past.heads(connection, behind=scope != "all")
        for portion in portions(heads):
            if stopping is not None and stopping.is_set():
                break
            secrets = self._read(portion)
            standing = {} if anew else self._standing(portion, secrets, at)
            found = [self._kept(one, secrets[one.case], at) for one in portion if one.case not in standing]
            with self.database.writing() as connection:
                verdicts.keep(connection, (kept for _, kept in found))
            if each is not None:
                for verdict, _ in found:
                    each(verdict)
            fresh, stood = sum(kept.steps for _, kept in found), sum(standing.values())
            looked, done = Looked(anew=looked.anew + fresh, stood=looked.stood + stood), done + len(portion)
            # Only what this portion made is looked through; without it a hundred thousand histories take gigabytes.
            gc.collect(0)
            if told is not None:
                told("Histories decided again:", done)
        return looked

    def one(self, case: int) -> Verdict:
        """The verdict on one history. Raises `CaseNotFound`."""
        with self.database.reading() as connection:
            head = past.head(connection, case)
        if head is None:
            raise CaseNotFound(case=case)
        return self.portion([head])[0]

    def definition(self, case: int) -> Definition | None:
        """The version of the lifecycle a case began on; None for a record, and where that cannot be read."""
        step = self.archive.first(case)
        if step is None or not step.ops or not isinstance(step.ops[0][1], dict):
            return None
        return self.archive.library.versions.get((step.ops[0][1].get("definition", ""), step.version))

    def portion(self, heads: Sequence[Head]) -> list[Verdict]:
        """The verdicts on some histories, which are read at once."""
        secrets = self._read(heads)
        return [self._verdict(one, secrets[one.case]) for one in heads]

    def _read(self, heads: Sequence[Head]) -> Mapping[int, Secrets]:
        ids = [head.case for head in heads]
        with self.database.reading() as connection:
            histories = past.rows(connection, ids)
            secrets = past.secrets(connection, ids)
            about = past.cases_of(connection, {head.about for head in heads})
        for case, rows in histories.items():
            self.archive.hold(case, rows)
        for customer, cases in about.items():
            self.archive.hold_cases(customer, cases)
        return secrets

    def _verdict(self, head: Head, secrets: Secrets) -> Verdict:
        return self.judge_.verdict(head.case, head.number, head.kind, self.archive.steps(head.case), secrets)

    def _kept(self, head: Head, secrets: Secrets, at: datetime) -> tuple[Verdict, Kept]:
        verdict = self._verdict(head, secrets)
        found = kept(verdict, at)
        if self.grounds is not None:
            found = self.grounds.laid(found, secrets=secrets, asked=self.judge_.known.archive)
        return verdict, found

    def _standing(self, heads: Sequence[Head], secrets: Mapping[int, Secrets], at: datetime) -> dict[int, int]:
        """Those of the histories whose verdict stands and whose turn it is not; with their steps."""
        if self.grounds is None:
            return {}
        with self.database.reading() as connection:
            earlier = verdicts.of_cases(connection, [head.case for head in heads])
        return {
            one.case: earlier[one.case].steps
            for one in heads
            if one.case in earlier
            and not turn(one, earlier[one.case].at, at)
            and self.grounds.stands(earlier[one.case], head=one.ends, secrets=secrets[one.case])
        }


def turn(head: Head, found: datetime, at: datetime) -> bool:
    """Whether a history is judged anew in any case: one in seven each night, and each that was not for a week."""
    return head.about % SHARES == at.toordinal() % SHARES or found <= at - WEEK + timedelta(hours=1)


def _secret(key: Path | None) -> bytes | None:
    """What the key says; None while there is none. One that is not fit is told of by who seals with it."""
    if key is None or not key.exists():
        return None
    try:
        return keyfile.read(key)
    except SealKeyUnfit:
        return None


def portions(heads: Sequence[Head]) -> Iterator[Sequence[Head]]:
    """A portion at a time, a customer's histories in one where they fit: they ask for each other."""
    begin = 0
    while begin < len(heads):
        end = min(begin + PORTION, len(heads))
        while begin < end < len(heads) and heads[end].about == heads[end - 1].about and end < begin + MOST_AT_ONCE:
            end += 1
        yield heads[begin:end]
        begin = end


def kept(verdict: Verdict, at: datetime) -> Kept:
    """A verdict as it is stored."""
    return Kept(
        case=verdict.case,
        at=at,
        steps=verdict.steps,
        reproduced=verdict.reproduced,
        erased=len(verdict.erased),
        unchecked=len(verdict.unchecked),
        differs=verdict.differs,
        detail={
            "differences": [asdict(one) for one in verdict.differences],
            "unchecked": [asdict(one) for one in verdict.unchecked],
            "erased": list(verdict.erased),
        },
    )


@contextmanager
def without_pauses() -> Iterator[None]:
    """The garbage collector would walk through all that is held again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
