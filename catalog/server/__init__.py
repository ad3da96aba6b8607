"""Serving the application: sockets, threads, start and stop."""
