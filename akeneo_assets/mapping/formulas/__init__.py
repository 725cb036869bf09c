"""Formulas of the mapping file: Jinja expressions restricted to a safe subset, and their functions.

May import only the modules beside the folders of ``mapping``.
"""
