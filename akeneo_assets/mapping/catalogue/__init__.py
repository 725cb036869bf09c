"""The parts of Akeneo's structure that the mapping needs, and which of them a mapping file selects.

May import ``file`` and ``formulas``; does not map records.
"""
