"""Formulas of the mapping file: Jinja expressions restricted to a safe subset."""
