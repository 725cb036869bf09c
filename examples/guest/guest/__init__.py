"""A Dagster project that already had assets of its own."""
