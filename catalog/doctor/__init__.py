"""Finds out whether a store is safe to keep a catalog in, by trying it."""
