"""The same catalogue read, and synced, by other programs. They are installed in an environment of their own."""
