"""A province simulated over years, by the demonstration's players in large."""

from workflow.intake.simulate.build import Wish, simulate

__all__ = ["Wish", "simulate"]
