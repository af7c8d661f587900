"""What a person reads: why something was refused, what a message says, what a step was. Both languages alike."""

from workflow.messages import verdicts
from workflow.messages.derivations import derivation
from workflow.messages.names import Names
from workflow.messages.notices import notice
from workflow.messages.refusals import attempt, fault, sentence, told, trouble
from workflow.messages.sources import source
from workflow.messages.steps import story

__all__ = [
    "Names", "attempt", "derivation", "fault", "notice", "sentence", "source", "story", "told", "trouble", "verdicts",
]  # fmt: skip
