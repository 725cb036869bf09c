"""A Dagster project that already has its own assets."""
