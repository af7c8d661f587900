"""The door's part about what messages say: an organisation's own words, each change a step of its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.core.errors import NotPermitted, WordingMoved, WordingUnfit, WordingUnknown
from workflow.core.personal import reveal
from workflow.core.step import Actor
from workflow.messages.catalogue import LANGUAGES
from workflow.messages.wordings import Texts, Wordings, defaults, flaws, names
from workflow.service import written
from workflow.service.organisation import BOOK, Organisation
from workflow.service.reading import Reading
from workflow.service.unit import Unit
from workflow.service.views.names import PersonName
from workflow.storage import keys, organisation, wordings
from workflow.storage.queries import cases, history


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingRow:
    """A version of what a message says. `no`: its step in the organisation's record; `texts` None: as the product
    says it; `reason` None: it was erased.
    """

    no: int
    at: datetime
    by: PersonName | None
    reason: str | None
    texts: Texts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingView:
    """What a message says now, and the versions it had, the last first. `texts` None: as the product says it."""

    name: str
    product: Texts
    texts: Texts | None
    versions: tuple[WordingRow, ...]

    @property
    def seen(self) -> int:
        """The version somebody looked at who sees this; 0: none."""
        return self.versions[0].no if self.versions else 0


class Worded(Organisation, Reading):
    """Administrators word what is sent; whoever looks after the organisation or audits it sees every version."""

    def wordings(self) -> Wordings:
        """All words ever chosen, as they are now."""
        with self.database.reading() as connection:
            self._directory(connection)
        return self.directories.wordings

    def wording(self, name: str, reader: Actor) -> WordingView:
        """What a message says, and who changed it. Raises `WordingUnknown`, `NotPermitted`."""
        with self._read(reader) as (connection, shown):
            if not (shown.reader.book or shown.reader.everything):
                raise NotPermitted(action="administer")
            if name not in names():
                raise WordingUnknown(wording=name)
            rows = wordings.written(connection, BOOK, name)
            vault = cases.secrets(connection, BOOK) if rows else {}
            versions = tuple(
                WordingRow(
                    no=row.seq,
                    at=row.effective,
                    by=shown.person(row.actor_id),
                    reason=reveal(history.step(row).form["reason"], vault),
                    texts=wordings.texts_of(row.texts),
                )
                for row in rows
            )
        now = versions[0].texts if versions else None
        return WordingView(name=name, product=defaults(name), texts=now, versions=versions)

    def word(
        self,
        name: str,
        texts: Mapping[str, Mapping[str, Any]],
        *,
        reason: str,
        actor: Actor,
        seen: int | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """Let a message say this from now on; gives the step. What was decided on before keeps its words.

        `seen`: the version the person looked at, 0 for none. Raises `WordingUnknown`, `WordingUnfit`,
        `WordingMoved`, `TextEmpty`, `TextUnfit`, `Refused`.
        """
        return self._worded("change_wording", name, _plain(texts), reason, actor, seen=seen, at=at, key=key)

    def restore_wording(
        self,
        name: str,
        *,
        reason: str,
        actor: Actor,
        seen: int | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """Let a message say from now on what the product says; gives the step. Raises as `word` does."""
        return self._worded("restore_wording", name, None, reason, actor, seen=seen, at=at, key=key)

    def _worded(
        self,
        trigger: str,
        name: str,
        texts: Texts | None,
        reason: str,
        actor: Actor,
        *,
        seen: int | None,
        at: datetime | None,
        key: str | None,
    ) -> int:
        now = at or self.clock()
        with self._refusing(actor, None, trigger, now), self._unit() as work:
            payload = [trigger, name, texts, reason, actor.person, actor.behalf]
            known = keys.claim(work.connection, key, payload, now)
            if known is not None:
                return known[1]
            self._locked(work)
            self._administrator(work, actor, now)
            why = self._may_say(work, name, texts, reason, seen)
            values = {"wording": name, "texts": texts, "reason": why}
            seq = self._note(work, trigger, values, actor, now)
            at = max(now, work.store.load(BOOK).case.written or now)
            wordings.keep(work.connection, seq, name, texts, at)
            organisation.touch(work.connection)
            keys.answer(work.connection, key, BOOK, seq)
            work.flush()
            return seq

    def _may_say(self, work: Unit, name: str, texts: Texts | None, reason: str, seen: int | None) -> str:
        """The reason, where a message may be worded so."""
        if name not in names():
            raise WordingUnknown(wording=name)
        last = wordings.newest(work.connection, name)
        if seen is not None and seen != (last.seq if last else 0):
            by = history.numbered(work.connection, BOOK, last.seq).actor_id if last else None
            raise WordingMoved(wording=name, who=by, at=last.since.isoformat() if last else None)
        product = defaults(name)
        if texts is not None and (found := flaws(name, texts)):
            told = [[one.language, one.part, one.place, one.code, one.what] for one in found]
            raise WordingUnfit(wording=name, why="flaws", flaws=told)
        if (texts or product) == ((wordings.texts_of(last.texts) if last else None) or product):
            raise WordingUnfit(wording=name, why="same", flaws=[])
        return written.text("reason", reason, most=500)


def _plain(texts: Mapping[str, Mapping[str, Any]]) -> Texts:
    """As they are kept: with one kind of line end, without space around them."""
    return {
        language: {
            str(part): tuple(str(line).replace("\r\n", "\n").strip() for line in lines)
            for part, lines in texts.get(language, {}).items()
        }
        for language in LANGUAGES
    }
