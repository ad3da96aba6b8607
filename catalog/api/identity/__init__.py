"""The ways to prove who one is, one module each."""
