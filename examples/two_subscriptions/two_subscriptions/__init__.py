"""Two Akeneo catalogues in one Dagster code location."""
