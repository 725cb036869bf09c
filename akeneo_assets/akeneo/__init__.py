"""The source: a read-only client for Akeneo's REST API."""
