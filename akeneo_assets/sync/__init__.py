"""The engine between the layers: read into the mirror, plan against the ledger, deliver to iPaaS.com.

Each step can be killed at any moment and run again: what has to be sent follows from the state in the database alone.
"""
