"""Compares the mirror with what iPaaS.com accepted last, and writes the plan: what to send, and why.

May import ``read`` for the structure, but not ``deliver``.
"""
