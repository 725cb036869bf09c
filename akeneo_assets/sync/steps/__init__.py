"""The steps of a run, as the engine calls them: each combines what ``read``, ``plan`` and ``deliver`` provide.

May import these three; only the engine may import it.
"""
