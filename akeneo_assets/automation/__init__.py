"""When and for what the assets are materialized: partitions and jobs."""
