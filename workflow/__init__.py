"""Baton (接力): lifecycles of key accounts as cases that carry themselves forward."""

__version__ = "0.1.0"
