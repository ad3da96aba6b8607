"""A real Keystone for tests, in a virtual environment of its own."""
