"""Benchmarks: the catalog against the bare store, in the same run on the same machine.

Owns measurements only. Must never be imported by the service or by tests. ``python -m bench --help`` says what there
is; ``bench.servers`` is an older comparison of WSGI servers.
"""
