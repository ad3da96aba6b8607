"""Compares what is stored with what the records say, and changes nothing."""
