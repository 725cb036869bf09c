"""The state database: mirror, ledger, plan, links, windows, request budget and tokens. All SQL is in this package."""
