"""The command line: `baton`. It contains no rules; every command asks the door and prints what it says."""

from workflow.cli.root import baton, main

__all__ = ["baton", "main"]
