"""Bringing in what another system knows: histories with their real moments, and customers."""
