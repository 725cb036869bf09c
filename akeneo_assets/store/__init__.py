"""The state of one subscription: mirror, ledger, plan, links, windows, budget and tokens. All SQL is here."""
