"""The index and what fills it."""
