"""Figures for Prometheus: which there are, and where they are counted."""
