"""Answers questions without sending anything: where a field comes from, what a mapping would change, what is wrong.

May import everything in ``sync``; nothing in ``sync`` may import it.
"""
