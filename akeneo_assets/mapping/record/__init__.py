"""Maps one record: from Akeneo's document to the payload for iPaaS.com, with an explanation of each field.

May import ``catalogue``, ``file`` and ``formulas``.
"""
