"""Checks a mapping file against a catalogue before anything is sent, and determines the lineage of columns.

May import all other folders of ``mapping``; none of them may import it.
"""
