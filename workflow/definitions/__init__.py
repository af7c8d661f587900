"""Lifecycles as files: reading them, saying all that is wrong with them, keeping their versions."""
