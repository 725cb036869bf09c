"""A local Akeneo and a local iPaaS.com, for the demo, the tests, and as the default target of the settings."""
