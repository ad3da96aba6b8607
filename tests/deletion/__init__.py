"""Deletion over real stores: rules of buckets, commands, crashes between calls."""
