"""The mapping file as typed data: what it may contain, how it is loaded, and how its errors are reported.

May import ``formulas``; knows nothing of a catalogue or a record.
"""
