"""What a client can rely on in the APIs that the sandbox implements, case by case."""
