"""The pure parts of the engine; what it does as a whole is shown in scenarios."""
