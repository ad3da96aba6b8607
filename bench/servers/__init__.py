"""Comparison of WSGI servers for long streaming uploads and downloads.

Run ``python -m bench.servers`` (packages: requirements.txt beside this file).
The decision drawn from it is docs/design/0002-wsgi-server.md.
"""
