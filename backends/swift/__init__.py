"""Containers of OpenStack Swift as a store; ``fence``, ``fenced`` and ``marks`` make one of them a home store."""
