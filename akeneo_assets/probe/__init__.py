"""Tests what this project assumes about both APIs on real servers, one fact after the other."""
