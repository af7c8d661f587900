"""Measures Baton against SQL written by hand: `python -m bench`."""
