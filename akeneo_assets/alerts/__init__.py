"""Alerts: the digests of open problems, and the channels that they are sent to."""
