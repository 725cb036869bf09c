"""Sends the plan to iPaaS.com, resolves conflicts, and records the result of every record in the ledger.

May import neither ``read`` nor ``plan``: everything that it needs is in the plan and the ledger.
"""
