"""The sweep over stores in memory."""
