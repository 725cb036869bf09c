"""The source: Akeneo's REST API, read only."""
