"""Formulas of the mapping file: Jinja expressions of which only what is harmless is let in."""
