"""What is assumed about Akeneo. Each module lists the facts of one concern; all tests only read."""
