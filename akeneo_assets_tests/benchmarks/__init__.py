"""Tests that the benchmarks work. Their figures depend on the machine."""
