"""A local Akeneo and a local iPaaS.com: the demo, the default target of the settings, and the test bench."""
