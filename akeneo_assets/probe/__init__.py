"""Holds what is assumed about the APIs against a real server, one fact after the other."""
