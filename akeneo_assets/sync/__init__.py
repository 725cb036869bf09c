"""The sync engine: reads Akeneo into the mirror, plans against the ledger, and delivers to iPaaS.com.

Each step can be killed at any time and run again, because the state in the database alone decides what has to be sent.
``programme`` decides what runs next, and in which order; ``engine`` carries it out, step by step (``steps``), with
``read``, ``plan`` and ``deliver``. ``inspect`` answers questions and sends nothing.
"""
