"""A province simulated over years, by the demonstration's players in large."""

from workflow.intake.demo.build import PASSWORD
from workflow.intake.simulate.build import Wish, simulate

__all__ = ["PASSWORD", "Wish", "simulate"]
