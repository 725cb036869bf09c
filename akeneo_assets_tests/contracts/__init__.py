"""What a client may rely on of the APIs that the sandbox stands for, case by case."""
