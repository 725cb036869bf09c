"""Maps Akeneo records to iPaaS.com payloads with pure functions, as the mapping file configures them.

The folders import one way: ``checks`` → ``record`` → ``catalogue`` → ``file`` → ``formulas`` → the modules next to
them, which contain values that all folders share.
"""
