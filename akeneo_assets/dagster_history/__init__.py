"""Dagster's own history on SQLite, as the command line uses it: created completely, and written at low cost."""
