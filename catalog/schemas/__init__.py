"""Shapes of what clients send."""
