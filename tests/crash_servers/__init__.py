"""The walk of ``tests/crash`` over real servers."""
