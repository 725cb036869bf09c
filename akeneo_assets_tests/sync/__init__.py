"""The pure parts of the engine. The tests in scenarios/ show the engine as a whole."""
