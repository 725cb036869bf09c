"""Tests of the pure parts of the engine. The tests in scenarios/ test the whole engine."""
