"""Alerts: what to say about open problems, when to say it, and to whom."""
