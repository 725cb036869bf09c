"""Shared by both API clients: throttling, retries, tokens, and redaction of secrets."""
