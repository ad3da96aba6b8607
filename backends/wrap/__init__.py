"""Stores around a store: each adds one rule and forwards everything else.

Owns no state of its own. Must never know a particular driver.
"""
