"""Real servers for tests, benchmarks and anything else: plain classes, no pytest inside."""
