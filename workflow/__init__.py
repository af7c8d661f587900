"""Baton (接力): lifecycles of key accounts as cases that carry themselves forward."""

from workflow.core.step import SYSTEM, Actor
from workflow.service.door import Workflow

__all__ = ["SYSTEM", "Actor", "Workflow"]
__version__ = "0.1.0"
