"""Drivers, one for each kind of store; they import only the store interface."""
