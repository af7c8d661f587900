"""What can go wrong on purpose. The sentences are in `workflow/messages`, by the class's name.

A `Refused` is for people: the rules said no, nothing was changed, the reason is recorded and shown.
Any other `BatonError` is for operators.
"""

from __future__ import annotations


class BatonError(Exception):
    """Base of every error raised on purpose. `facts` fill the sentence's placeholders."""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in facts.items())})")

    @property
    def code(self) -> str:
        return type(self).__name__


class ConditionFault(BatonError):
    """A condition could not be evaluated. Facts: `condition`, `fault`."""


class LoopFault(BatonError):
    """Moves without people went on without end. Facts: `definition`, `state`."""


class HistoryFault(BatonError):
    """A history cannot be folded: a step is missing, doubled or of an unknown kind. Facts: `case`, `seq`."""


UNFIT = (
    HistoryFault, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, AssertionError, StopIteration,
    RuntimeError,
)  # fmt: skip
"""What a step that somebody wrote into may lead to whoever reads it: it may hold anything."""


class TimerNotPending(BatonError):
    """The timer was fired or cancelled in the meantime. Facts: `case`, `timer`."""


class NoteFault(BatonError):
    """What was given is no good note. Facts: `why`: form, name, base64, size, signature, unknown, doubled, key."""


class SealKeyUnfit(BatonError):
    """Checkpoints cannot be signed. Facts: `file`, `why`: missing, open, form, other."""


class LogRolledBack(BatonError):
    """More was signed than the log holds: a backup was restored. Facts: `signed`, `size` (steps)."""


class LogForked(BatonError):
    """The log is no longer the one that was signed. Facts: `signed` (steps)."""


class Refused(BatonError):
    """The rules say no."""


class StepNotFound(Refused):
    """Facts: `case`, `seq`."""


class StepNotSealed(Refused):
    """No checkpoint covers the step yet. Facts: `case`, `seq`."""


class SizesUnfit(Refused):
    """Two checkpoints between which nothing can be proved. Facts: `first`, `second`."""


class CheckpointNotFound(Refused):
    """Facts: `checkpoint`."""


class FindingNotFound(Refused):
    """No such finding, or none the person may see. Facts: `finding`."""


class FindingClosed(Refused):
    """The finding is closed. Facts: `finding`."""


class VerificationWaiting(Refused):
    """A run over everything waits already, or is under way."""


class SampleUnfit(Refused):
    """More than may be drawn, none, or a seed that is none. Facts: `most`."""


class ControlNotFound(Refused):
    """No such control, or no such run of it. Facts: `control`."""


class UploadNotFound(Refused):
    """No such file was brought in, or by somebody else. Facts: `upload`."""


class UploadMoved(Refused):
    """A file is no longer, or not yet, where this can be done with it. Facts: `upload`, `state`."""


class CaseNotFound(Refused):
    """No such case, or none the person may see. Facts: `case`."""


class TaskNotFound(Refused):
    """No such open task. Facts: `case`, `task`."""


class TaskClosed(Refused):
    """Somebody was quicker, or the case moved. Facts: `who` (person id or None), `at`."""


class CustomerNotFound(Refused):
    """Facts: `customer`."""


class PersonNotFound(Refused):
    """Facts: `person`."""


class UnitNotFound(Refused):
    """Facts: `unit`."""


class FileNotFound(Refused):
    """Facts: `file`."""


class NoticeNotFound(Refused):
    """Facts: `notice`."""


class IncidentNotFound(Refused):
    """There is no open one that the person answers for. Facts: `incident`."""


class DefinitionUnknown(Refused):
    """Facts: `definition`."""


class NotPermitted(Refused):
    """The person's roles do not allow this. Facts: `action`."""


class NotYourTask(Refused):
    """The task is somebody else's. Facts: `who` (person id or None: another queue's)."""


class NotASubstitute(Refused):
    """The person does not stand in for that one now. Facts: `person`."""


class CaseMovedOn(Refused):
    """The case changed after the person looked. Facts: `who`, `at`, `state`."""


class NotInThisState(Refused):
    """The trigger is not possible from here. Facts: `trigger`, `state` (names in the definition)."""


class ConditionNotMet(Refused):
    """A guard does not hold. Facts: `zh`, `en`: what is missing, in a sentence each."""


class FourEyes(Refused):
    """Who did the one may not do the other. Facts: `trigger`, `earlier`."""


class FormInvalid(Refused):
    """Facts: `fields`: field → list of [code, facts]."""


class KeyReused(Refused):
    """An idempotency key came again with another payload. Facts: `key`."""


class ReceiverUnfit(Refused):
    """The receiver of a task or of a customer may not have it. Facts: `person`."""


class NobodyToRemind(Refused):
    """No open task of the case is anybody's. Facts: `case`."""


class MentionUnfit(Refused):
    """A comment names somebody who may not see the case. Facts: `person`."""


class ExtensionRefused(Refused):
    """A clock cannot be extended so. Facts: `clock`, `most` (days)."""


class SplitUneven(Refused):
    """Shares of revenue that are no whole of 100.00 %. Facts: `total` (percent)."""


class CustomerUnowned(Refused):
    """A customer being won or kept would be nobody's, or no unit's. Facts: `stage`."""


class LimitReached(Refused):
    """There is no room for one more, or one has to wait. Facts: `zh`, `en`: a sentence each, which may name `most`,
    `count`, `until` (when there is room again, None: when one is given back) and `who` (None: a unit); `limit`."""


class LoadReached(Refused):
    """By what customers spend a month the receiver has no room for this one (004 §1.3 C(1)). Facts: `person`, `limit`;
    `ones`, `twos`, `others`: customers by spend, the most first; `percent` of a manager they take up, and `adds`."""


class ClockNotFound(Refused):
    """The case has no such clock, or it never ran. Facts: `case`, `clock`."""


class DueNotFound(Refused):
    """The case has no such task or timer with a due moment. Facts: `case`, `no`."""


class ClockNotRunning(Refused):
    """A clock that stands still or has ended cannot be paused. Facts: `clock`."""


class ClockNotHeld(Refused):
    """Nobody has paused the clock. Facts: `clock`."""


class PauseUsedUp(Refused):
    """The clock was paused for as long as it may be already. Facts: `clock`."""


class CalendarUnfit(Refused):
    """What was brought is no calendar. Facts: `why`."""


class CalendarUnknown(Refused):
    """Facts: `calendar`."""


class WordingUnknown(Refused):
    """There is no message of this name. Facts: `wording`."""


class WordingUnfit(Refused):
    """A message cannot be worded so. Facts: `wording`, `why`: flaws, same; `flaws`: [language, part, place, code,
    what] of each."""


class WordingMoved(Refused):
    """Somebody worded it anew since the person looked. Facts: `wording`, `who`, `at`."""


class EscalationNotFound(Refused):
    """Facts: `case`, `escalation`."""


class AlreadyAcknowledged(Refused):
    """Facts: `who`, `at`."""


class CustomerRequired(Refused):
    """The lifecycle is about a customer and none was named."""


class FileClosed(Refused):
    """The customer's file is not the person's to read, and the lifecycle asks for that. Facts: `customer`."""


class CustomerKnown(Refused):
    """A customer with this number, credit code or name exists. Facts: `number`, `by`."""


class CustomerAlike(Refused):
    """Customers much like the one to be registered are there; somebody looks at them first. Facts: `count`."""


class BranchUnfit(Refused):
    """What is no head office has no branches. Facts: `number`."""


class MergeUnfit(Refused):
    """Two customers cannot be made one. Facts: `why`: itself, merged, absorbed, family, branches, held,
    owners, apart."""


class NumberInvalid(Refused):
    """Facts: `number`, `why`."""


class LoginTaken(Refused):
    """Facts: `login`."""


class CodeTaken(Refused):
    """Facts: `code`."""


class RoleUnknown(Refused):
    """No such role, or the person does not hold it there. Facts: `role`."""


class SubstitutionNotFound(Refused):
    """Facts: `substitution`."""


class SubstitutionInvalid(Refused):
    """Facts: `why`: order, self, past, colleague."""


class GroupUnfit(Refused):
    """A linked group cannot be kept like this. Facts: `why`: unknown, closed, members, role, twice, full, gone."""


class PeriodUnfit(Refused):
    """It would end before it begins."""


class UnitUnfit(Refused):
    """Facts: `why`: loop, below, people, cases, customers."""


class TextEmpty(Refused):
    """A comment, reason or name is missing. Facts: `field`."""


class TextUnfit(Refused):
    """A text is too long or holds what a text cannot. Facts: `field`, `most`."""


class CaseDamaged(Refused):
    """What is stored of a case or of its customer is not what its history says. Facts: `number`."""


class CaseFileTooLarge(Refused):
    """The file of a case would be larger than an archive of its kind can be. Facts: `most` (bytes)."""


class FileTooLarge(Refused):
    """Facts: `most` (bytes)."""


class SignInRefused(Refused):
    """Name or password is wrong."""


class SignInThrottled(Refused):
    """Too many tries. Facts: `seconds` to wait."""


class PasswordWeak(Refused):
    """Facts: `reasons`: codes."""
