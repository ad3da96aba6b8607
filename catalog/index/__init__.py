"""The node's local index: a disposable SQLite file for lists."""
