"""What must hold of every history, judged by the tables alone.

Nothing here knows the rules that wrote them: no module of the engine is imported, the histories are read by plain SQL
and looked through by other code than the fold. What an engine gets wrong twice in the same way is found here.
"""

from workflow.invariants.judge import Judgement, judged, rules
from workflow.invariants.rule import Finding

__all__ = ["Finding", "Judgement", "judged", "rules"]
