"""Formulas of the mapping file: Jinja expressions restricted to a safe subset, and their functions.

May import only the modules next to the folders of ``mapping``.
"""
