"""Deletion, undeletion and sweeps in all orders, chosen by seeds."""
