"""A process that ends at every call of a store, and what a fresh one makes of it."""
