"""What makes time pass: a ticker that asks the door to do whatever is due. It remembers nothing."""

from workflow.scheduler.ticker import Ticker

__all__ = ["Ticker"]
