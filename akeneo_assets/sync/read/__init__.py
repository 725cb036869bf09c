"""Reads Akeneo into the mirror: whole trees and families, changes, the structure, and ids that disappeared.

May import the modules next to the folders of ``sync``, but neither ``plan`` nor ``deliver``.
"""
