"""Real server processes that are killed, over SeaweedFS, and what a fresh one makes of it."""
